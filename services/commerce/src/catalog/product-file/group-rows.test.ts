/** Which rows of a file are of one product. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cells } from './columns.ts'
import { groupRows } from './group-rows.ts'

const linesOf = (rows: readonly Cells[]) =>
  groupRows(
    rows.map((cells, n) => ({ line: n + 2, cells, faults: [] })),
    ({ cells }) => cells.productId,
  ).map(({ productId, rows: own }) => [productId, ...own.map(({ line }) => line)])

test('rows of a product may stand anywhere', () => {
  const rows = [{ productId: 'a' }, { productId: 'b' }, { productId: 'a' }]
  assert.deepEqual(linesOf(rows), [
    ['a', 2, 4],
    ['b', 3],
  ])
})

test('rows of a new product stand together, with one name or none after the first', () => {
  const rows = [
    { name: 'Shirt', option1: 'Size', value1: 'M' },
    { value1: 'L' },
    { name: 'Shirt', value1: 'XL' },
    { name: 'Cap', option1: 'Size', value1: 'M' },
    { name: 'Cup' },
    { name: 'Cup' },
  ]
  assert.deepEqual(linesOf(rows), [
    [undefined, 2, 3, 4],
    [undefined, 5],
    [undefined, 6],
    [undefined, 7],
  ])
})

test('a row of a product that was sorted behind a new one is not taken for its variant', () => {
  const rows = [
    { name: 'Shirt', option1: 'Size', value1: 'M' },
    { productId: 'a', value1: 'red' },
    { productId: 'a', name: 'Hat', value1: 'blue' },
  ]
  assert.deepEqual(linesOf(rows), [
    [undefined, 2],
    ['a', 3, 4],
  ])
})

test('a new variant stands next to those that there are', () => {
  const rows = [{ name: 'Hat', value1: 'green' }, { productId: 'a', name: 'Hat', value1: 'red' }, { value1: 'blue' }]
  assert.deepEqual(linesOf(rows), [['a', 2, 3, 4]])
})
