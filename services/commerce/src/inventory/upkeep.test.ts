import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { isMyTurn, pruneStockEvents } from './upkeep.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])

test('of all processes one has the turn, and without Redis each has', async () => {
  const job = `job-${randomUUID()}`
  const turns = await Promise.all([one, other, one].map(({ redis }) => isMyTurn(redis, job, 60_000)))
  assert.equal(turns.filter(Boolean).length, 1)
  assert.equal(await isMyTurn([], job, 60_000), true)
})

test('changes of stock are kept for a week, and the books stay right without the older ones', async () => {
  const productId = await shop.addProduct({ units: 10 })
  for (let n = 0; n < 4; n += 1) {
    await one.inventory.placeOrder({ buyerId: `b${n}`, productId, idempotencyKey: 'k', quantity: 1, broadcastId: null })
  }
  await shop.db.raw(
    'UPDATE stock_events SET at = UTC_TIMESTAMP(3) - INTERVAL 8 DAY WHERE product_id = ? AND version < 4',
    [productId],
  )
  assert.equal(await pruneStockEvents(shop.db), 3)
  assert.equal(await pruneStockEvents(shop.db), 0)
  assert.deepEqual((await checkBooks(shop.db)).faults, [])
})
