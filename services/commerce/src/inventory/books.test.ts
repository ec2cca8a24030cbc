import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'

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
  })
}
