import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { checkRecentBooks, RecentBooks } from './recent-books.ts'

const shop = await testShop()
const { inventory } = await shop.addEngine()

/** A product with two orders in right books; answers the orders' ids. */
async function soldTwice() {
  const productId = await shop.addProduct({ units: 10 })
  const ids: string[] = []
  for (const buyerId of ['ann', 'bo']) {
    const request = { buyerId, productId, idempotencyKey: productId, quantity: 2, broadcastId: null }
    const outcome = await inventory.placeOrder(request)
    if (outcome.kind === 'reserved') ids.push(outcome.order.id)
  }
  return { productId, ids }
}
const faultsOf = async (productId: string) =>
  (await checkBooks(shop.db)).faults.filter((fault) => fault.startsWith(productId) || fault.startsWith('o_'))

test('right books have no fault and their sums', async () => {
  const { productId } = await soldTwice()
  assert.deepEqual(await faultsOf(productId), [])
  const { supplied, stock, active } = await checkBooks(shop.db)
  assert.equal(supplied, stock + active)
})

/** What the check from a position on finds, as if a minute had passed. */
const recentFaultsOf = async (productId: string, ids: readonly string[]) => {
  const from = { orderId: '', eventSeq: 0 }
  const { faults } = await checkRecentBooks(shop.db, from, { now: Date.now() + 60_000, settledMs: 0 })
  return faults.filter((fault) => [productId, ...ids].some((id) => fault.startsWith(id)))
}

test('a check from a position on begins where the one before ended, and leaves young orders alone', async () => {
  const { ids } = await soldTwice()
  const books = new RecentBooks(shop.db, 0)
  assert.deepEqual(await books.check(Date.now() + 60_000), [])
  await shop.db('stock_ledger').whereIn('order_id', ids).delete() // behind it now
  assert.deepEqual(await books.check(Date.now() + 60_000), [])
  const { ids: young, productId } = await soldTwice()
  await shop.db('stock_ledger').whereIn('order_id', young).delete()
  const untouched = new RecentBooks(shop.db, 600_000)
  assert.deepEqual(
    (await untouched.check()).filter((fault) => young.some((id) => fault.startsWith(id))),
    [],
  )
  assert.notDeepEqual(await recentFaultsOf(productId, young), [])
  await shop
    .db('orders')
    .whereIn('id', [...ids, ...young])
    .delete()
})

const wrongs: readonly [string, (productId: string, ids: readonly string[]) => PromiseLike<unknown>][] = [
  ['a unit too many in stock', (id) => shop.db('product_stock').where('product_id', id).increment('stock', 1)],
  ['an order gone', (_, [first]) => shop.db('orders').where('id', first).delete()],
  ['a ledger row gone', (_, [first]) => shop.db('stock_ledger').where('order_id', first).delete()],
  [
    'an order released without a return',
    (_, [first]) => shop.db('orders').where('id', first).update({ state: 'RELEASED' }),
  ],
  [
    'a change of stock that does not follow',
    (id) => shop.db('stock_events').where({ product_id: id, version: 2 }).increment('stock', 1),
  ],
  ['a version twice', (id) => shop.db('stock_events').where({ product_id: id, version: 3 }).update({ version: 2 })],
]
for (const [name, spoil] of wrongs) {
  test(`${name} is a fault`, async () => {
    const { productId, ids } = await soldTwice()
    await spoil(productId, ids)
    assert.notDeepEqual(await faultsOf(productId), [])
    // an order that is gone is seen by the whole books only: there is nothing of it to begin with
    if (name !== 'an order gone') assert.notDeepEqual(await recentFaultsOf(productId, ids), [])
  })
}
