import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../api/model.ts'
import { CheckoutFlow, type CheckoutDeps } from './checkout-flow.ts'
import { leavePurchase, purchaseOf } from './purchases.ts'

const begin = () => new CheckoutFlow({} as CheckoutDeps, { productId: 'p-1' })
const of = { accountId: 'ann', productId: 'p-1', broadcastId: 'b-1' }

test('a panel that is opened again shows the purchase that was left, and nobody else’s', () => {
  const flow = purchaseOf(of, begin)
  flow.state.value = { step: 'reserved', order: { id: 'o-1' } as Order }
  leavePurchase(flow)
  assert.equal(purchaseOf(of, begin), flow)
  assert.notEqual(purchaseOf({ ...of, accountId: 'bo' }, begin), flow)
})

test('one that is over is begun anew', () => {
  const flow = purchaseOf(of, begin)
  flow.state.value = { step: 'ended', order: { id: 'o-1' } as Order, why: 'paid' }
  leavePurchase(flow)
  assert.notEqual(purchaseOf(of, begin), flow)
})
