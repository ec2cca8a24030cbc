import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SoldOutLatch } from './sold-out-latch.ts'

const productId = 'p'
const winners = new Set(['winner'])
const shut = () => {
  const latch = new SoldOutLatch(() => true)
  latch.saw({ productId, stock: 0, version: 5 }, winners)
  return latch
}

test('it refuses late buyers, and never one who has an order', () => {
  assert.equal(shut().refuses(productId, 'late'), true)
  assert.equal(shut().refuses(productId, 'winner'), false)
  assert.equal(shut().refuses('another', 'late'), false)
})

test('newer stock opens it, older news does not', () => {
  const latch = shut()
  latch.saw({ productId, stock: 3, version: 4 })
  assert.equal(latch.refuses(productId, 'late'), true)
  latch.saw({ productId, stock: 1, version: 6 })
  assert.equal(latch.refuses(productId, 'late'), false)
})

test('another sale to zero is not enough: its buyers are not known here', () => {
  const latch = shut()
  latch.saw({ productId, stock: 0, version: 7 })
  assert.equal(latch.refuses(productId, 'late'), false)
})

test('it is not trusted while news do not come in, nor for longer than a second', (t) => {
  let fed = true
  const latch = new SoldOutLatch(() => fed)
  t.mock.timers.enable({ apis: ['Date'] })
  latch.saw({ productId, stock: 0, version: 5 }, winners)
  fed = false
  assert.equal(latch.refuses(productId, 'late'), false)
  fed = true
  t.mock.timers.tick(999)
  assert.equal(latch.refuses(productId, 'late'), true)
  t.mock.timers.tick(1)
  assert.equal(latch.refuses(productId, 'late'), false)
})

test('after a second one request looks again; the others are refused meanwhile, but not for long', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const latch = shut()
  t.mock.timers.tick(1_000)
  assert.deepEqual([latch.refuses(productId, 'a'), latch.refuses(productId, 'b')], [false, true])
  t.mock.timers.tick(250) // the first one has not come back
  assert.deepEqual([latch.refuses(productId, 'c'), latch.refuses(productId, 'd')], [false, true])
  latch.saw({ productId, stock: 0, version: 5 }, winners)
  assert.equal(latch.refuses(productId, 'e'), true)
  t.mock.timers.tick(2_000) // nobody has looked
  assert.deepEqual([latch.refuses(productId, 'f'), latch.refuses(productId, 'g')], [false, false])
})

test('the same version heard again keeps it as it is', () => {
  const latch = shut()
  latch.saw({ productId, stock: 0, version: 5 })
  assert.equal(latch.refuses(productId, 'late'), true)
})

test('it wants no list of buyers while it could not use it, nor soon again after there were too many', (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  let fed = false
  const latch = new SoldOutLatch(() => fed)
  assert.equal(latch.wantsBuyers(productId), false)
  fed = true
  assert.equal(latch.wantsBuyers(productId), true)
  latch.tooManyBuyers(productId)
  assert.equal(latch.wantsBuyers(productId), false)
  assert.equal(latch.wantsBuyers('another'), true)
  t.mock.timers.tick(60_000)
  assert.equal(latch.wantsBuyers(productId), true)
})
