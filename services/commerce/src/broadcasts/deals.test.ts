/** Timed deals through the service: started, told, ordered at, ended, and what became of the orders. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, aProduct, aShirt, signedIn, testPassword, type TestAccount } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const payment = playedPayment(app)
const aBuyer = () => signedIn(app.url)
const won = (amount: number) => ({ amount, currency: 'KRW' })
const newDeal = (productId: string, over: object = {}) => ({
  productId,
  off: won(2_000),
  units: 3,
  seconds: 600,
  ...over,
})

async function aShow() {
  const seller = await signedIn(app.url)
  const product = await aProduct(seller, { stock: 20, amount: 10_000 })
  const { id: broadcastId } = await aBroadcast(seller, [product.id])
  const start = (over: object = {}, status = 201) =>
    seller.expect(status, 'POST', `/broadcasts/${broadcastId}/deals`, newDeal(product.id, over))
  return { seller, productId: String(product.id), broadcastId: String(broadcastId), start }
}
const order = (buyer: TestAccount, status: number, body: object) =>
  buyer.expect(status, 'POST', '/orders', body, { 'idempotency-key': randomUUID() })

test('viewers are told of a deal’s start, of what is left of it and of its end, and who comes later reads it', async () => {
  const { seller, productId, broadcastId, start } = await aShow()
  await using stream = await EventReader.open(app.url, broadcastId)
  const deal = await start()
  assert.deepEqual(
    [deal.productId, deal.off, deal.units, deal.remaining, deal.unitsPerBuyer],
    [productId, won(2_000), 3, 3, null],
  )
  assert.equal(Date.parse(deal.endsAt) - Date.parse(deal.startsAt), 600_000)
  assert.deepEqual((await stream.next('deal')).data, deal)

  const buyer = await aBuyer()
  const asked = { productId, quantity: 2, broadcastId }
  const quote = await buyer.expect(200, 'POST', '/order-quotes', asked)
  assert.deepEqual([quote.goods, quote.total], [won(16_000), won(16_000)])
  const made = await order(buyer, 201, { ...asked, expectedTotal: quote.total })
  assert.deepEqual([made.total, made.items[0].unitPrice, made.items[0].dealId], [won(16_000), won(8_000), deal.id])
  assert.deepEqual((await buyer.expect(200, 'GET', `/orders/${made.id}`)).items[0], made.items[0])
  const taken = (await stream.next('deal')).data
  assert.deepEqual([taken.id, taken.remaining], [deal.id, 1])
  assert.ok(taken.revision > deal.revision)

  assert.deepEqual((await seller.expect(200, 'GET', `/broadcasts/${broadcastId}`)).products[0].deal, taken)
  assert.deepEqual((await seller.expect(200, 'GET', `/products/${productId}`)).deal, taken)
  await using newcomer = await EventReader.open(app.url, broadcastId)
  let told = (await newcomer.next('deal')).data
  while (told.revision < taken.revision) told = (await newcomer.next('deal')).data // the log's words may come before
  assert.deepEqual(told, taken)

  await buyer.expect(200, 'POST', `/orders/${made.id}/cancel`)
  assert.equal((await stream.next('deal')).data.remaining, 3)
  const ended = await seller.expect(200, 'POST', `/deals/${deal.id}/end`)
  assert.ok(Date.parse(ended.endsAt) < Date.parse(deal.endsAt))
  assert.deepEqual((await stream.next('deal')).data, ended)
  assert.deepEqual(await seller.expect(200, 'POST', `/deals/${deal.id}/end`), ended)
  const refused = await order(buyer, 409, { ...asked, expectedTotal: quote.total })
  assert.deepEqual([refused.code, refused.total], ['price_changed', won(20_000)])
  assert.equal((await app.anonymous.expect(200, 'GET', `/products/${productId}`)).deal, null)
  assert.deepEqual((await seller.expect(200, 'GET', `/broadcasts/${broadcastId}/deals`)).items, [ended])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a deal of a product with options is of every variant, and its price in the quote', async () => {
  const seller = await signedIn(app.url)
  const { product, ids } = await aShirt(seller)
  const [redM, redL] = ids
  const { id: broadcastId } = await aBroadcast(seller, [product.id])
  await using stream = await EventReader.open(app.url, broadcastId)
  const deal = await seller.expect(
    201,
    'POST',
    `/broadcasts/${broadcastId}/deals`,
    newDeal(product.id, { unitsPerBuyer: 2 }),
  )
  await stream.next('deal')
  const buyer = await aBuyer()
  const two = { items: [redM, redL].map((variantId) => ({ productId: product.id, variantId, quantity: 1 })) }
  const quote = await buyer.expect(200, 'POST', '/order-quotes', two)
  assert.deepEqual(quote.total, won(18_000 + 20_000))
  const made = await order(buyer, 201, { ...two, expectedTotal: quote.total })
  assert.deepEqual(
    made.items.map(({ dealId }: { dealId: string }) => dealId),
    [deal.id, deal.id],
  )
  assert.equal((await stream.next('deal')).data.remaining, 1)
  const third = { productId: product.id, variantId: redM, quantity: 1 }
  assert.deepEqual((await buyer.expect(200, 'POST', '/order-quotes', third)).total, won(20_000), 'has had their share')
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('what is sent back of an order at a deal’s price is worth that price, long after the deal, and is no unit of it again', async () => {
  const { seller, productId, broadcastId, start } = await aShow()
  const deal = await start({ units: 2 })
  const buyer = await aBuyer()
  const made = await order(buyer, 201, { productId, quantity: 2, expectedTotal: won(16_000) })
  await seller.expect(200, 'POST', `/deals/${deal.id}/end`)
  const paymentId = await payment.pay(made, buyer.id)
  const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
  await buyer.expect(200, 'PUT', `/orders/${made.id}/address`, address)
  await seller.expect(200, 'POST', `/sales/${made.id}/ship`, { carrier: 'CJ대한통운', trackingNumber: '1234' })
  await seller.expect(200, 'POST', `/sales/${made.id}/deliver`)
  const items = [{ productId, variantId: productId, quantity: 1 }]
  const claim = await buyer.expect(201, 'POST', `/orders/${made.id}/claims`, { kind: 'RETURN', items, reason: 'no' })
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  const done = await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock: true })
  assert.deepEqual(done.refund.amount, won(8_000))
  const next = await start({ units: 1 })
  const refunded = { orderId: made.id, paymentId, refunded: made.total, remaining: won(0), restock: true }
  await payment.tell({ type: 'payment.refunded', data: refunded })
  const shown = await buyer.expect(200, 'GET', `/orders/${made.id}`)
  assert.deepEqual([shown.state, shown.items[0].unitPrice, shown.items[0].dealId], ['REFUNDED', won(8_000), deal.id])
  const { items: deals } = await seller.expect(200, 'GET', `/broadcasts/${broadcastId}/deals`)
  assert.deepEqual(
    deals.map(({ id, remaining }: { id: string; remaining: number }) => [id, remaining]),
    [
      [next.id, 1],
      [deal.id, 0],
    ],
  )
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a deal is refused with its reason, and is its seller’s or an admin’s', async () => {
  const { seller, productId, broadcastId, start } = await aShow()
  const path = `/broadcasts/${broadcastId}/deals`
  const hidden = await aProduct(seller, { stock: 1 })
  assert.equal((await start({ productId: hidden.id }, 422)).code, 'product_not_shown')
  assert.equal((await start({ off: won(10_000) }, 422)).code, 'deal_too_large')
  for (const over of [{ off: won(0) }, { units: 0 }, { seconds: 29 }, { seconds: 1_801 }, { unitsPerBuyer: 0 }]) {
    assert.equal((await start(over, 400)).code, 'invalid_request')
  }
  const stranger = await signedIn(app.url)
  assert.equal((await stranger.expect(403, 'POST', path, newDeal(productId))).code, 'forbidden')
  assert.equal((await app.anonymous.expect(401, 'POST', path, newDeal(productId))).code, 'unauthenticated')
  const deal = await start()
  assert.equal((await start({}, 409)).code, 'deal_running')
  await stranger.expect(403, 'POST', `/deals/${deal.id}/end`)
  await stranger.expect(403, 'GET', path)
  await seller.expect(404, 'POST', '/deals/deal_none/end')
  await app.db('accounts').where('id', stranger.id).update({ role: 'admin' })
  const session = { email: stranger.email, password: testPassword }
  stranger.token = (await stranger.expect(201, 'POST', '/sessions', session)).accessToken
  assert.ok((await stranger.expect(200, 'POST', `/deals/${deal.id}/end`)).endsAt < deal.endsAt)
  const scheduledAt = new Date(Date.now() + 3_600_000).toISOString()
  const later = await seller.expect(201, 'POST', '/broadcasts', {
    title: 'Later',
    productIds: [productId],
    scheduledAt,
  })
  assert.equal(
    (await seller.expect(409, 'POST', `/broadcasts/${later.id}/deals`, newDeal(productId))).code,
    'broadcast_state',
  )
})
