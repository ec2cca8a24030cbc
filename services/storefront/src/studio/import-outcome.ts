import type { ImportFault, ImportLine, ImportStep } from '../api/product-files.ts'

const shownMax = 300 // rows of a file that a page can show and a person reads

/** What became of a file so far, or what would. */
export interface ImportOutcome {
  dryRun: boolean
  counts: Record<ImportLine['deed'], number>
  /** The first rows that are not as they were. */
  lines: readonly ImportLine[]
  /** How many more there are. */
  further: number
  faults: readonly ImportFault[]
  products: ImportStep['products']
  isOver: boolean
}

export const nothingYet = (dryRun: boolean): ImportOutcome => ({
  dryRun,
  counts: { create: 0, change: 0, same: 0, refused: 0 },
  lines: [],
  further: 0,
  faults: [],
  products: { inFile: 0, done: 0 },
  isOver: false,
})

/** The outcome with one step more; what is refused comes first. */
export function withStep(before: ImportOutcome, step: ImportStep): ImportOutcome {
  const counts = { ...before.counts }
  for (const { deed } of step.lines) counts[deed] += 1
  const told = [...before.lines, ...step.lines.filter(({ deed }) => deed !== 'same')]
  const sorted = told.toSorted((one, other) => Number(other.deed === 'refused') - Number(one.deed === 'refused'))
  return {
    ...before,
    counts,
    lines: sorted.slice(0, shownMax),
    further: before.further + Math.max(0, sorted.length - shownMax),
    faults: step.faults,
    products: step.products,
    isOver: step.nextLine === null,
  }
}
