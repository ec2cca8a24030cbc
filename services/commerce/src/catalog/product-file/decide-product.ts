/** What a file's rows of one product would do, or why they do nothing: all of a product is written, or none of it. Pure. */
import { valuesMax, variantsMax, type ProductOption } from '../variant.ts'
import { columnName, optionColumns, type Cells, type Column } from './columns.ts'
import { readUnits } from './decide-units.ts'
import type { Change, Decision, Facts, LineOutcome, Notes, ProductToWrite, UnitToWrite } from './decision.ts'
import { hasOptions, type RowGroup } from './group-rows.ts'
import type { KnownProduct } from './known-products.ts'
import type { Fault, FileRow } from './read-rows.ts'
import { productCells } from './rows-of-product.ts'

const ownColumns = ['name', 'description', 'category', 'state', 'requiresShipping', 'limitPerBuyer'] as const

/** Decides about all rows of a product. */
export function decideProduct({ rows, productId }: RowGroup, facts: Facts): Decision {
  const { known } = facts
  const faults: Fault[] = rows.flatMap((row) => row.faults)
  const changes = new Map(rows.map(({ line }) => [line, [] as Change[]]))
  const notes: Notes = {
    refuse: ({ line }, column, rule, hint = '') =>
      void faults.push({ line, column: column && columnName(column), rule, hint: String(hint) }),
    change: ({ line }, column, from, to) => {
      if (from !== to) changes.get(line)?.push({ column: columnName(column), from: from ?? null, to })
    },
  }
  const isKnown = refuseUnknown(rows, { known, productId }, notes)
  const wanted = isKnown ? readProduct(rows, facts, notes) : undefined
  const isChanged = known === undefined || [...changes.values()].some((each) => each.length > 0)
  return {
    lines: outcomesOf(rows, { known, faults, changes }),
    write: faults.length === 0 && isChanged ? wanted : undefined,
  }
}

// what names something is not made anew when there is none
function refuseUnknown(
  rows: readonly FileRow[],
  { known, productId }: { known: KnownProduct | undefined; productId: string | undefined },
  { refuse }: Notes,
): boolean {
  if (known !== undefined) return true
  const naming = rows.filter(
    ({ cells }) => productId !== undefined || cells.productId !== undefined || cells.variantId !== undefined,
  )
  for (const row of naming) {
    const { productId: own, variantId } = row.cells
    const column = own !== undefined ? 'productId' : variantId !== undefined ? 'variantId' : 'sku'
    refuse(row, column, 'not_found', row.cells[column])
  }
  return naming.length === 0
}

function readProduct(rows: readonly FileRow[], facts: Facts, notes: Notes): ProductToWrite {
  const { known } = facts
  const own = readOwn(rows, known, notes)
  const options = readOptions(rows, own, known, notes)
  const currency = known?.own.price.currency ?? own.currency ?? ''
  const units = readUnits(rows, { ...facts, options, currency }, notes)
  const all = withValues(options, units)
  const made = units.filter(({ id }) => id === undefined).length
  const [first] = rows
  if (first !== undefined && options.length > 0) {
    if ((known?.variants.length ?? 0) + made > variantsMax) notes.refuse(first, null, 'too_many_variants', variantsMax)
    if (all.some(({ values }) => values.length > valuesMax)) notes.refuse(first, null, 'too_many_variants', valuesMax)
  }
  return { own, currency, options: all, units }
}

/** The product's own cells: each is in one row, or the same in several. */
function readOwn(rows: readonly FileRow[], known: KnownProduct | undefined, { refuse, change }: Notes): Cells {
  const before: Cells = known === undefined ? {} : productCells(known)
  const own: Cells = {}
  const saidIn = new Map<Column, number>()
  for (const row of rows) {
    for (const column of [...ownColumns, 'currency', ...optionColumns] as const) {
      const text = row.cells[column]
      if (text === undefined) continue
      const earlier = saidIn.get(column)
      if (earlier !== undefined && own[column] !== text) refuse(row, column, 'differs', earlier)
      if (earlier !== undefined) continue
      saidIn.set(column, row.line)
      own[column] = text
      if (known === undefined || ownColumns.some((each) => each === column)) change(row, column, before[column], text)
      if (known === undefined) continue
      if (column === 'currency' && text !== before.currency) refuse(row, column, 'currency', before.currency)
      if (column === 'state' && text === 'draft' && before.state !== 'draft') refuse(row, column, 'not_draft')
    }
  }
  const [first] = rows
  for (const column of ['name', 'currency'] as const) {
    if (known === undefined && first !== undefined && own[column] === undefined) refuse(first, column, 'required')
  }
  return own
}

/** The product's options with the values that they have; none: it is ordered itself. */
function readOptions(
  rows: readonly FileRow[],
  own: Cells,
  known: KnownProduct | undefined,
  { refuse }: Notes,
): ProductOption[] {
  const row = rows.find(hasOptions)
  const given = optionColumns.map((column) => own[column])
  if (row === undefined) return known?.options ?? []
  if (known !== undefined) {
    const isOther = given.some((name, n) => name !== undefined && name !== known.options[n]?.name)
    if (known.options.length === 0) refuse(row, null, 'no_options')
    else if (isOther) refuse(row, null, 'options', known.options.map(({ name }) => name).join(', '))
    return known.options
  }
  const names = given.slice(0, Math.max(1, given.findLastIndex((name) => name !== undefined) + 1))
  for (const [n, name] of names.entries()) {
    const column = optionColumns[n] ?? null
    if (name === undefined) refuse(row, column, 'required')
    else if (names.indexOf(name) < n) refuse(row, column, 'repeated', row.line)
  }
  return names.map((name = '') => ({ name, values: [] }))
}

const withValues = (options: readonly ProductOption[], units: readonly UnitToWrite[]): ProductOption[] =>
  options.map(({ name, values }, n) => {
    const further = units.flatMap(({ id, values: own }) => (id === undefined ? own.slice(n, n + 1) : []))
    return { name, values: [...new Set([...values, ...further])] }
  })

function outcomesOf(
  rows: readonly FileRow[],
  { known, faults, changes }: { known: KnownProduct | undefined; faults: Fault[]; changes: Map<number, Change[]> },
): LineOutcome[] {
  const name = rows.find(({ cells }) => cells.name !== undefined)?.cells.name ?? known?.name ?? ''
  const isRefused = faults.length > 0
  return rows.map(({ line }) => {
    const own = faults.filter((fault) => fault.line === line)
    const other = faults.find((fault) => fault.line !== line)?.line
    const shown = own.length === 0 && other !== undefined ? [becauseOf(line, other)] : own
    const changed = isRefused ? [] : (changes.get(line) ?? [])
    const deed = isRefused ? 'refused' : known === undefined ? 'create' : changed.length > 0 ? 'change' : 'same'
    return { line, deed, productId: known?.id ?? null, name, changes: changed, faults: shown }
  })
}

const becauseOf = (line: number, other: number): Fault => ({ line, column: null, rule: 'other_line', hint: `${other}` })
