/** Who gets back what was paid for sending: with the whole order, with units of it, and of orders that were sent together. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { aBroadcast, aProduct, signedIn } from '../testing/factories.ts'
import { playedPayment } from '../testing/played-payment.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ UNPAID_ORDERS_PER_BUYER: '100', UNPAID_UNITS_PER_BUYER: '1000' })
const payment = playedPayment(app)
const [seller, buyer] = await Promise.all([signedIn(app.url, 'Seo'), signedIn(app.url, '민지')])
const won = (amount: number) => ({ amount, currency: 'KRW' })
await seller.expect(200, 'PUT', '/accounts/me/shipping', {
  rule: { fee: won(3_000), freeOver: null, remoteSurcharge: won(0), showCap: won(3_000) },
})
const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
const shipment = { carrier: 'CJ대한통운', trackingNumber: '1234-5678-9012' }

async function paid(body: { productId: string; quantity: number; broadcastId?: string }) {
  const key = { 'idempotency-key': randomUUID() }
  const order = await buyer.expect(201, 'POST', '/orders', { ...body, address }, key)
  return { ...order, paymentId: await payment.pay(order, buyer.id) }
}
async function delivered(quantity: number) {
  const { id: productId } = await aProduct(seller, { amount: 10_000 })
  const order = await paid({ productId, quantity })
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, shipment)
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  return order
}
async function returned(order: { id: string; productId: string }, quantity: number, more = {}) {
  const items = [{ productId: order.productId, quantity }]
  const asked = { kind: 'RETURN', items, reason: 'too small' }
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, asked)
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  return await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock: true, ...more })
}
const refundedOf = async (orderId: string) =>
  (await payment.heard(orderId)).flatMap((event) =>
    event.type === 'order.refund_requested' ? [event.data.amount?.amount ?? 'all'] : [],
  )

test('units that are sent back do not bring back what sending cost, and the last of them do', async () => {
  const order = await delivered(3)
  assert.deepEqual((await returned(order, 1)).refund.amount, won(10_000))
  const last = await returned(order, 2)
  assert.deepEqual([last.refund.amount, last.refund.shipping], [won(23_000), won(3_000)])
  assert.deepEqual(await refundedOf(order.id), [10_000, 23_000])
})

test('a seller gives it back with a part, once, or keeps it from the last', async () => {
  const order = await delivered(2)
  assert.deepEqual((await returned(order, 1, { refundShipping: true })).refund.amount, won(13_000))
  assert.deepEqual((await returned(order, 1)).refund.amount, won(10_000), 'it went back before')
  const kept = await delivered(1)
  assert.deepEqual((await returned(kept, 1, { refundShipping: false })).refund.amount, won(10_000))
})

test('an order that is called off brings back all, what sending cost included', async () => {
  const { id: productId } = await aProduct(seller, { amount: 10_000 })
  const order = await paid({ productId, quantity: 1 })
  await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, { kind: 'CANCEL', reason: 'no' })
  assert.deepEqual(await refundedOf(order.id), ['all'])
})

test('what others of the show owe to an order stays with the seller when it is called off, and its units come back once', async () => {
  const [cheap, dear] = await Promise.all([1_000, 90_000].map((amount) => aProduct(seller, { amount, stock: 10 })))
  const show = await aBroadcast(seller, [cheap.id, dear.id])
  const first = await paid({ productId: cheap.id, quantity: 2, broadcastId: show.id })
  const second = await paid({ productId: dear.id, quantity: 1, broadcastId: show.id })
  assert.deepEqual([first.total, second.total], [won(5_000), won(90_000)])
  const stockOf = async () => (await buyer.expect(200, 'GET', `/products/${cheap.id}`)).stock
  await buyer.expect(201, 'POST', `/orders/${first.id}/claims`, { kind: 'CANCEL', reason: 'no' })
  assert.deepEqual(await refundedOf(first.id), [2_000])
  assert.equal(await stockOf(), 10)
  const back = async (refunded: number, remaining: number) =>
    await payment.tell({
      type: 'payment.refunded',
      data: {
        orderId: first.id,
        paymentId: first.paymentId,
        refunded: won(refunded),
        remaining: won(remaining),
        restock: true,
      },
    })
  await back(2_000, 3_000)
  const shown = await buyer.expect(200, 'GET', `/orders/${first.id}`)
  assert.deepEqual([shown.state, shown.refunded], ['PARTIALLY_REFUNDED', won(2_000)])
  await back(3_000, 0) // the seller gives it back after all
  assert.equal(await stockOf(), 10)
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})
