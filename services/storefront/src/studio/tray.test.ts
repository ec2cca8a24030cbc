import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moved, withHidden, withPin } from './tray.ts'

const tray = (...ids: string[]) => ids.map((productId) => ({ productId, hidden: false }))
const idsOf = (items: readonly { productId: string }[]) => items.map(({ productId }) => productId)

test('a fourth pin takes the place of the first, and a pin that is pressed again goes', () => {
  assert.deepEqual(withPin(['a', 'b'], 'c'), ['a', 'b', 'c'])
  assert.deepEqual(withPin(['a', 'b', 'c'], 'd'), ['b', 'c', 'd'])
  assert.deepEqual(withPin(['a', 'b', 'c'], 'b'), ['a', 'c'])
})

test('a product moves by one place, and stays at the ends', () => {
  assert.deepEqual(idsOf(moved(tray('a', 'b', 'c'), 'c', -1)), ['a', 'c', 'b'])
  assert.deepEqual(idsOf(moved(tray('a', 'b', 'c'), 'a', 1)), ['b', 'a', 'c'])
  assert.deepEqual(idsOf(moved(tray('a', 'b', 'c'), 'a', -1)), ['a', 'b', 'c'])
  assert.deepEqual(idsOf(moved(tray('a', 'b', 'c'), 'c', 1)), ['a', 'b', 'c'])
  assert.deepEqual(idsOf(moved(tray('a'), 'gone', 1)), ['a'])
})

test('hidden and shown again', () => {
  const hidden = withHidden(tray('a', 'b'), 'b')
  assert.deepEqual(hidden[1], { productId: 'b', hidden: true })
  assert.deepEqual(withHidden(hidden, 'b'), tray('a', 'b'))
})
