import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueueDeadlineError, QueueFullError } from '../inventory/batcher.ts'
import type { Inventory } from '../inventory/engine.ts'
import { placeOrder, type PlaceOrderDeps } from './place-order.ts'

test('what the full queue did not look at counts for no address; what may have been made does', async () => {
  let units = 0
  let error: Error = new QueueFullError()
  const inventory: Pick<Inventory, 'placeOrder'> = {
    placeOrder: async (request, admit) => {
      await admit?.([request])
      throw error
    },
  }
  const deps = {
    inventory,
    inFlight: new Set<string>(),
    limit: { consume: () => Promise.resolve() },
    addressUnits: {
      take: (_address: string, _productId: string, taken: number) => Promise.resolve((units += taken)),
      giveBack: (_address: string, _productId: string, given: number) => Promise.resolve(void (units -= given)),
    },
  } as unknown as PlaceOrderDeps // what is asked for here
  const items = [{ productId: 'p_1', quantity: 3 }]
  const order = { buyerId: 'acc_1', address: '203.0.113.7', idempotencyKey: 'k', items, broadcastId: null }
  await assert.rejects(placeOrder(deps, order), { code: 'busy' })
  assert.equal(units, 0)
  error = new QueueDeadlineError()
  await assert.rejects(placeOrder(deps, order), { code: 'database_unavailable' })
  assert.equal(units, 3)
})
