import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, OrderState } from '../api/model.ts'
import { mergeOrders } from './merge-orders.ts'

const order = (id: string, second: number, state: OrderState = 'PAID') =>
  ({ id, state, createdAt: new Date(second * 1_000).toISOString() }) as Order
const idsOf = (orders: readonly Order[]) => orders.map(({ id }) => id).join(' ')

test('an order that a newer one pushed off the first page stays on screen', () => {
  const shown = mergeOrders([], [order('c', 3), order('b', 2), order('a', 1)])
  assert.equal(idsOf(mergeOrders(shown, [order('d', 4), order('c', 3), order('b', 2)])), 'd c b a')
})

test('what was read last is shown, wherever it came from', () => {
  const [first] = mergeOrders([order('a', 1, 'RESERVED')], [order('a', 1)])
  assert.equal(first?.state, 'PAID')
})
