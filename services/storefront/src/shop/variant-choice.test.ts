import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choose, stockOf, valueState, variantOf } from './variant-choice.ts'

const variants = [
  { id: 'rm', values: ['red', 'M'], stock: 2, version: 3 },
  { id: 'rl', values: ['red', 'L'], stock: 0, version: 3 },
  { id: 'bl', values: ['blue', 'L'], stock: 1, version: 3 },
  { id: 'gm', values: ['green', 'M'], stock: 0, version: 3 },
]
const state = (chosen: string[], option: number, value: string) => valueState(variants, chosen, { option, value })

test('a value is there, sold out or missing by what is chosen before it, whatever is chosen after it', () => {
  assert.deepEqual(
    ['red', 'blue', 'green', 'black'].map((value) => state(['blue', 'L'], 0, value)),
    ['there', 'there', 'sold_out', 'missing'],
  )
  assert.deepEqual(
    ['M', 'L'].map((value) => state(['red'], 1, value)),
    ['there', 'sold_out'],
  )
  assert.deepEqual(
    ['M', 'L'].map((value) => state(['blue'], 1, value)),
    ['missing', 'there'],
  )
})

test('a choice keeps later ones that there are units of, and lets the others go', () => {
  assert.deepEqual(choose(variants, ['red', 'M'], { option: 0, value: 'blue' }), ['blue'])
  assert.deepEqual(choose(variants, ['blue', 'L'], { option: 1, value: 'L' }), ['blue', 'L'])
  assert.deepEqual(choose(variants, [], { option: 0, value: 'red' }), ['red'])
  assert.equal(variantOf(variants, ['red']), undefined)
  assert.equal(variantOf(variants, ['red', 'M'])?.id, 'rm')
})

test('of what was read and what was heard of a variant the newer counts', () => {
  const [red] = variants
  assert.ok(red)
  assert.equal(stockOf(red, new Map([['rm', { stock: 9, version: 2 }]])), 2)
  assert.equal(stockOf(red, new Map([['rm', { stock: 1, version: 4 }]])), 1)
})
