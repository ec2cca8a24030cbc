/** What a seller reads of a file that was taken in steps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportLine, ImportStep } from '../api/product-files.ts'
import { nothingYet, withStep } from './import-outcome.ts'

const lineOf = (line: number, deed: ImportLine['deed']): ImportLine => ({
  line,
  deed,
  productId: null,
  name: '',
  changes: [],
  faults: [],
})
const stepOf = (lines: ImportLine[], nextLine: number | null): ImportStep => ({
  dryRun: true,
  encoding: 'utf-8',
  faults: [],
  products: { inFile: 9, done: 9 },
  nextLine,
  lines,
})

test('steps add up, what is refused is read first, and what is as it was is only counted', () => {
  const first = withStep(nothingYet(true), stepOf([lineOf(2, 'create'), lineOf(3, 'same'), lineOf(4, 'refused')], 5))
  const both = withStep(first, stepOf([lineOf(5, 'change'), lineOf(6, 'refused')], null))
  assert.deepEqual(both.counts, { create: 1, change: 1, same: 1, refused: 2 })
  assert.deepEqual(
    both.lines.map(({ line }) => line),
    [4, 6, 2, 5],
  )
  assert.deepEqual([first.isOver, both.isOver], [false, true])
})

test('of a long file the first rows are shown and the others counted', () => {
  const lines = Array.from({ length: 400 }, (_, n) => lineOf(n + 2, 'create'))
  const outcome = withStep(withStep(nothingYet(false), stepOf(lines, 402)), stepOf([lineOf(402, 'refused')], null))
  assert.deepEqual([outcome.lines.length, outcome.further, outcome.lines[0]?.line], [300, 101, 402])
})
