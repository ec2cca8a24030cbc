import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { stockOf } from './stock-levels.ts'

test('while whole batches wait, the next one waits for the stock row during the commit, and the orders are exact', async () => {
  const shop = await testShop()
  const productId = await shop.addProduct({ units: 150 })
  const [busy, other] = await Promise.all([shop.addEngine({ limits: { maxBatch: 10 } }), shop.addEngine()])
  let atOnce = 0
  busy.db.client.pool.on('acquireSuccess', () => (atOnce = Math.max(atOnce, busy.db.client.pool.numUsed())))
  const outcomes = await Promise.all(
    Array.from({ length: 220 }, (_, n) =>
      (n % 4 === 3 ? other : busy).inventory.placeOrder({
        buyerId: `queued_${n % 200}`, // twenty ask twice
        productId,
        idempotencyKey: 'k1',
        quantity: 1,
        broadcastId: null,
      }),
    ),
  )
  assert.ok(atOnce >= 2, 'two batches at once; a third connection may be the sweeper')
  const orders = outcomes.filter((outcome) => outcome.kind === 'reserved').map(({ order: { id } }) => id)
  assert.equal(new Set(orders).size, 150)
  assert.equal((await stockOf(shop.db, [productId])).get(productId)?.stock, 0)
  assert.deepEqual((await checkBooks(shop.db)).faults, [])
})
