/** Goods that come back, with both services as they are: the money goes back once, and the units, if the seller says so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellRefundsAgain } from '../../services/commerce/src/fulfilment/refund-claim.ts'
import { checkBooks } from '../../services/commerce/src/inventory/books.ts'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { EventReader } from '../../services/commerce/src/testing/event-reader.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import { startShop } from './shop.ts'

const shop = await startShop()
const [seller, buyer] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo')])
const won = (amount: number) => ({ amount, currency: 'KRW' })
const address = { recipient: '김민지', phone: '010-1234-5678', postalCode: '06236', roadAddress: '테헤란로 152' }
const refusesRefunds = '4000000000005126'

async function paid(quantity = 2, card?: string) {
  const product = await shop.product(seller, { stock: 5, amount: 10_000 })
  const order = await shop.order(buyer, product.id, quantity)
  await buyer.expect(200, 'PUT', `/orders/${order.id}/address`, address)
  const { body } = await shop.pay(buyer, order.id, card)
  await shop.orderIs(buyer, order.id, 'PAID')
  return { id: order.id as string, productId: product.id as string, paymentId: body.id as string }
}
async function delivered(quantity = 2, card?: string) {
  const order = await paid(quantity, card)
  await seller.expect(200, 'POST', `/sales/${order.id}/ship`, { carrier: 'CJ', trackingNumber: '123456789012' })
  await seller.expect(200, 'POST', `/sales/${order.id}/deliver`)
  return order
}
async function returned(order: { id: string; productId: string }, quantity: number, restock: boolean) {
  const items = [{ productId: order.productId, quantity }]
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, {
    kind: 'RETURN',
    items,
    reason: 'broken',
  })
  await seller.expect(200, 'POST', `/claims/${claim.id}/collect`)
  await seller.expect(200, 'POST', `/claims/${claim.id}/complete`, { restock })
  return claim.id as string
}
const wayOf = async (id: string) => (await buyer.expect(200, 'GET', `/fulfilments?orders=${id}`)).items[0]
const refundIs = (orderId: string, claimId: string, state: string) =>
  eventually(`refund of ${claimId} ${state}`, async () => {
    const way = await wayOf(orderId)
    const claim = way.claims.find(({ id }: { id: string }) => id === claimId)
    return claim?.refund?.state === state ? claim : undefined
  })

test('one of two comes back: its price is refunded and it is on sale again, and buyer and seller hear of it', async () => {
  const order = await delivered(2)
  await using atHome = await EventReader.openAt(shop.commerce.url, '/orders/events', { cookie: buyer.cookie ?? '' })
  const claimId = await returned(order, 1, true)
  await refundIs(order.id, claimId, 'DONE')
  const after = await shop.orderIs(buyer, order.id, 'PARTIALLY_REFUNDED')
  assert.deepEqual(after.refunded, won(10_000))
  assert.equal(await shop.stockOf(buyer, order.productId), 4)
  assert.equal((await atHome.next('order')).data.state, 'PARTIALLY_REFUNDED')
  const { body } = await shop.pays(seller, 'GET', `/payments/${order.paymentId}/refunds`)
  assert.deepEqual(
    body.items.map(({ amount, state, restock }: Record<string, unknown>) => ({ amount, state, restock })),
    [{ amount: won(10_000), state: 'DONE', restock: false }],
  )
  const audit = await shop.pays(await shop.anAdmin(), 'GET', `/audit?subject=${order.paymentId}`)
  assert.deepEqual(
    audit.body.items.map(({ action, actorId }: Record<string, unknown>) => [action, actorId]),
    [['refund.requested', seller.id]],
  )
  const second = await returned(order, 1, false)
  await refundIs(order.id, second, 'DONE')
  await shop.orderIs(buyer, order.id, 'REFUNDED')
  assert.equal(await shop.stockOf(buyer, order.productId), 4)
  assert.equal((await wayOf(order.id)).state, 'RETURNED')
})

test('payment that is told of a claim again and again gives back once', async () => {
  const order = await delivered(2)
  const claimId = await returned(order, 1, false)
  await refundIs(order.id, claimId, 'DONE')
  const { db } = shop.commerce
  await db('claims')
    .where('id', claimId)
    .update({ refund_state: 'REQUESTED', refund_told_at: new Date(0) })
  assert.equal(await tellRefundsAgain(db, new Date()), 1)
  await shop.allTold()
  await refundIs(order.id, claimId, 'DONE') // which commerce may have never heard
  assert.deepEqual((await shop.orderOf(buyer, order.id)).refunded, won(10_000))
  assert.equal((await shop.db('refunds').where('payment_id', order.paymentId)).length, 1)
})

test('what comes back after some was given back by hand brings what is left, though that is less', async () => {
  const order = await delivered(2)
  const byHand = { amount: won(15_000) }
  assert.equal((await shop.pays(seller, 'POST', `/payments/${order.paymentId}/refunds`, byHand)).status, 202)
  const claimId = await returned(order, 2, false) // worth more than that, whether commerce has heard yet or not
  await refundIs(order.id, claimId, 'DONE')
  await shop.orderIs(buyer, order.id, 'REFUNDED')
  const refunds = await shop.db('refunds').where('payment_id', order.paymentId).orderBy('amount')
  assert.deepEqual(
    refunds.map(({ amount, state }) => [Number(amount), state]),
    [
      [5_000, 'DONE'],
      [15_000, 'DONE'],
    ],
  )
})

test('a buyer who asks and takes back again and again is refused at last', async () => {
  const order = await delivered(2)
  const ask = () =>
    buyer.post(`/orders/${order.id}/claims`, {
      kind: 'RETURN',
      items: [{ productId: order.productId, quantity: 1 }],
      reason: 'no',
    })
  for (let index = 0; index < 20; index += 1) {
    const { status, body } = await ask()
    assert.equal(status, 201)
    await buyer.expect(200, 'POST', `/claims/${body.id}/withdraw`)
  }
  const refused = await ask()
  assert.deepEqual([refused.status, refused.body.code], [409, 'order_state'])
})

test('called off before it is packed: all of the money and all of the units are back', async () => {
  const order = await paid(2)
  const claim = await buyer.expect(201, 'POST', `/orders/${order.id}/claims`, { kind: 'CANCEL', reason: 'no' })
  await shop.orderIs(buyer, order.id, 'REFUNDED')
  await refundIs(order.id, claim.id, 'DONE')
  assert.equal(await shop.stockOf(buyer, order.productId), 5)
  assert.equal((await wayOf(order.id)).state, 'CANCELED')
})

test('a refund that the network refuses is told to both, and the seller gives it back by another way', async () => {
  const order = await delivered(1, refusesRefunds)
  const claimId = await returned(order, 1, true)
  const claim = await refundIs(order.id, claimId, 'FAILED')
  assert.equal(claim.refund.reason, 'NOT_CANCELABLE_PAYMENT')
  assert.equal((await shop.orderOf(buyer, order.id)).state, 'PAID')
})

test('all of it given back by hand ends an order that nobody sent', async () => {
  const order = await paid(1)
  assert.equal((await shop.pays(seller, 'POST', `/payments/${order.paymentId}/refunds`, {})).status, 202)
  await shop.orderIs(buyer, order.id, 'REFUNDED')
  assert.equal((await wayOf(order.id)).state, 'CANCELED')
  const refused = await seller.post(`/sales/${order.id}/ship`, { carrier: 'CJ', trackingNumber: '123456' })
  assert.deepEqual([refused.status, refused.body.code], [409, 'order_state'])
})

test('after all of that the books of stock and of money are right', async () => {
  await shop.allTold()
  assert.deepEqual((await checkBooks(shop.commerce.db)).faults, [])
  assert.deepEqual(await checkLedger(shop.db), [])
})
