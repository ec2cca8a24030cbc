import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { internalOrderShape, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'
import { checkBooks } from '../inventory/books.ts'
import { EventReader } from '../testing/event-reader.ts'
import { expireAll } from '../testing/expire-all.ts'
import { aBroadcast, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, buyer] = await Promise.all([signedIn(app.url), signedIn(app.url)])

type Items = { productId: string; quantity: number }[]
const newKey = () => ({ 'idempotency-key': randomUUID() })
const order = (status: number, items: Items, key = newKey(), more = {}) =>
  buyer.expect(status, 'POST', '/orders', { items, ...more }, key)
const stocks = async (items: Items) =>
  await Promise.all(
    items.map(async ({ productId }) => (await buyer.expect(200, 'GET', `/products/${productId}`)).stock),
  )
const stateOf = async (orderId: string) => (await buyer.expect(200, 'GET', `/orders/${orderId}`)).state

/** Two products with stock of 5: two units at 1,000 won and one at 300 won, 2,300 won in all. */
async function twoProducts(): Promise<Items> {
  const [tea, cup] = await Promise.all([1_000, 300].map((amount) => aProduct(seller, { stock: 5, amount })))
  return [
    { productId: tea.id, quantity: 2 },
    { productId: cup.id, quantity: 1 },
  ]
}

/** Delivers an event as the payment service does. */
async function deliver(event: ServiceEvent): Promise<void> {
  const body = JSON.stringify({ id: `evt_${randomUUID()}`, occurredAt: new Date().toISOString(), event })
  const url = `${app.url}/internal/events`
  const { SERVICE_TOKEN: serviceToken } = app.config
  const answer = await signedFetch({ serviceToken, method: 'POST', url, body, timeoutMs: 60_000 })
  assert.equal(answer.status, 204)
}

const won = (amount: number) => ({ amount, currency: 'KRW' })
async function paid(orderId: string, paymentId: string): Promise<void> {
  const data = { orderId, paymentId, amount: won(2_300) }
  await deliver({ type: 'payment.authorized', data })
  await deliver({ type: 'payment.captured', data: { ...data, capturedAt: new Date().toISOString() } })
}

const shown = { name: 'Citron tea', options: [], imageUrls: null }

test('an order of several products has its items, their prices and the total over them, wherever it is read', async () => {
  const items = await twoProducts()
  const made = await order(201, items)
  assert.deepEqual(made.total, won(2_300))
  assert.deepEqual([made.productId, made.quantity, made.state], [null, 3, 'RESERVED'])
  const prices = new Map(items.map(({ productId }, n) => [productId, won(n === 0 ? 1_000 : 300)]))
  const expected = items
    .map((item) => ({
      ...item,
      variantId: item.productId,
      ...shown,
      unitPrice: prices.get(item.productId),
      dealId: null,
    }))
    .sort((a, b) => (a.productId < b.productId ? -1 : 1))
  assert.deepEqual(made.items, expected)
  assert.deepEqual(await buyer.expect(200, 'GET', `/orders/${made.id}`), made)
  assert.deepEqual((await buyer.expect(200, 'GET', '/orders?limit=1')).items, [made])
  assert.deepEqual(await stocks(items), [3, 4])
  const internal = await signedFetch({
    serviceToken: app.config.SERVICE_TOKEN,
    method: 'GET',
    url: `${app.url}/internal/orders/${made.id}`,
    timeoutMs: 60_000,
  })
  assert.deepEqual(internalOrderShape.parse(await internal.json()).total, won(2_300))
})

test('an order of one item is the same as one of a product, and has its one item too', async () => {
  const [item] = await twoProducts()
  const key = newKey()
  const made = await order(201, item ? [item] : [], key)
  assert.deepEqual(await buyer.expect(201, 'POST', '/orders', item, key), made)
  assert.deepEqual([made.productId, made.quantity], [item?.productId, 2])
  assert.deepEqual(made.items, [{ ...item, variantId: item?.productId, ...shown, unitPrice: won(1_000), dealId: null }])
})

test('the same request again, its items in any order, has the one order; other items under its key are refused', async () => {
  const items = await twoProducts()
  const key = newKey()
  const made = await order(201, items, key)
  assert.deepEqual(await order(201, items.toReversed(), key), made)
  const more = items.map((item) => ({ ...item, quantity: item.quantity + 1 }))
  assert.equal((await order(422, more, key)).code, 'idempotency_key_reused')
  assert.equal((await order(422, items.slice(1), key)).code, 'idempotency_key_reused')
  const broadcast = await aBroadcast(await signedIn(app.url))
  assert.equal((await order(422, items, key, { broadcastId: broadcast.id })).code, 'idempotency_key_reused')
  assert.deepEqual(await stocks(items), [3, 4])
})

test('sold out names each product that is short by its place in the request, and nothing is taken', async () => {
  const items = await twoProducts()
  const [tea, cup] = items
  const refused = await order(409, [
    { productId: tea?.productId ?? '', quantity: 1 },
    { productId: cup?.productId ?? '', quantity: 6 },
  ])
  assert.equal(refused.code, 'sold_out')
  assert.deepEqual(refused.errors, [
    { path: 'items.1', message: `Cannot reserve 6 of product ${cup?.productId}: 5 left` },
  ])
  assert.ok(refused.detail.includes(cup?.productId))
  assert.deepEqual(await stocks(items), [5, 5])
})

test('bad baskets are refused with what is wrong', async () => {
  const items = await twoProducts()
  const productId = items[0]?.productId ?? ''
  const many = Array.from({ length: 11 }, (_, n) => ({ productId: `prd_${n}`, quantity: 1 }))
  const refusals = [
    [{ items: [] }, 'items'],
    [{ items: many }, 'items'],
    [{ items, productId }, 'productId'],
    [{ items, quantity: 1 }, 'quantity'],
    [{ quantity: 1 }, 'productId'],
    [{ items: [...items, { productId, quantity: 1 }] }, 'items.2.productId'],
    [{ items: [{ productId, quantity: 0 }, ...items.slice(1)] }, 'items.0.quantity'],
    [{ items: [{ productId, quantity: 1, price: 1 }] }, 'items.0'],
  ] as const
  for (const [body, path] of refusals) {
    const refused = await buyer.expect(400, 'POST', '/orders', body, newKey())
    assert.deepEqual([refused.code, refused.errors[0].path], ['invalid_request', path])
  }
  assert.deepEqual(await stocks(items), [5, 5])
})

test('products of another seller, in another currency, or that are none, are refused with a code of their own', async () => {
  const [item, second] = await twoProducts()
  if (!item || !second) return assert.fail()
  const foreign = await aProduct(await signedIn(app.url))
  assert.equal((await order(422, [item, { productId: foreign.id, quantity: 1 }])).code, 'mixed_sellers')
  await seller.expect(200, 'PATCH', `/products/${second.productId}`, { price: { amount: 5, currency: 'USD' } })
  assert.equal((await order(422, [item, second])).code, 'mixed_currencies')
  const unknown = await order(404, [item, { productId: 'prd_unknown', quantity: 1 }])
  assert.deepEqual([unknown.code, unknown.detail.includes('prd_unknown')], ['not_found', true])
  const dear = await aProduct(seller, { amount: 900_000_000_000 })
  assert.equal((await order(422, [item, { productId: dear.id, quantity: 2 }])).code, 'total_too_large')
  assert.deepEqual(await stocks([item]), [5])
})

test('viewers are told the stock of each product of the order', async () => {
  const items = await twoProducts()
  const broadcast = await aBroadcast(
    seller,
    items.map(({ productId }) => productId),
  )
  await using viewer = await EventReader.open(app.url, broadcast.id)
  const heard = new Map<string, number>()
  const hear = async () => {
    const { data } = await viewer.next('stock')
    heard.set(data.productId, data.stock)
  }
  for (let n = 0; n < 2; n += 1) await hear()
  await order(201, items, newKey(), { broadcastId: broadcast.id })
  for (let n = 0; n < 2; n += 1) await hear()
  assert.deepEqual(
    items.map(({ productId }) => heard.get(productId)),
    [3, 4],
  )
  await seller.expect(200, 'POST', `/broadcasts/${broadcast.id}/end`)
})

test('cancelled, declined or expired: all units come back, once', async () => {
  const items = await twoProducts()
  const [cancelled, declined] = [await order(201, items), await order(201, items)]
  await Promise.all([1, 2, 3].map(() => buyer.expect(200, 'POST', `/orders/${cancelled.id}/cancel`)))
  const failed = { orderId: declined.id, paymentId: 'pay_declined', reason: 'declined', release: true }
  await deliver({ type: 'payment.failed', data: failed })
  await deliver({ type: 'payment.failed', data: failed }) // told again under another id
  assert.deepEqual(await stocks(items), [5, 5])
  const late = await order(201, items)
  await app
    .db('orders')
    .where('id', late.id)
    .update({ expires_at: app.db.raw('UTC_TIMESTAMP(3)') })
  await Promise.all([1, 2].map(() => expireAll(app.db)))
  for (const { id } of [cancelled, declined, late]) assert.equal(await stateOf(id), 'RELEASED')
  assert.deepEqual(await stocks(items), [5, 5])
})

for (const restock of [true, false]) {
  test(`a full refund ${restock ? 'returns' : 'with restock: false keeps back'} the units of every product`, async () => {
    const items = await twoProducts()
    const { id: orderId } = await order(201, items)
    const paymentId = `pay_${randomUUID()}`
    await paid(orderId, paymentId)
    assert.equal((await buyer.expect(409, 'POST', `/orders/${orderId}/cancel`)).code, 'order_not_cancellable')
    const back = { orderId, paymentId, refunded: won(2_300), remaining: won(0), restock }
    await deliver({ type: 'payment.refunded', data: back })
    await deliver({ type: 'payment.refunded', data: back }) // told again under another id
    assert.equal(await stateOf(orderId), 'REFUNDED')
    assert.deepEqual(await stocks(items), restock ? [5, 5] : [3, 4])
  })
}

test('after all of that the books are right, and an order that is not the sum of its products is seen', async () => {
  assert.deepEqual((await checkBooks(app.db)).faults, [])
  const { id } = await order(201, await twoProducts())
  await app.db('order_items').where('order_id', id).limit(1).update({ unit_amount: 1 })
  assert.deepEqual((await checkBooks(app.db)).faults, [`${id}: is not the sum of its products`])
  await app.db('order_items').where('order_id', id).limit(1).delete()
  assert.ok((await checkBooks(app.db)).faults.length >= 2) // and units of a product that no order has
})
