/** Where money and stock meet: what a buyer pays, loses and gets back, with both services as they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBooks } from '../../services/commerce/src/inventory/books.ts'
import { tossGateway } from '../../services/payment/src/gateways/toss/toss.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import { compareDay } from '../../services/payment/src/settlement/compare-day.ts'
import { startShop } from './shop.ts'

const shop = await startShop()
const [seller, buyer, stranger] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Cho')])
const won = (amount: number) => ({ amount, currency: 'KRW' })
const today = () => new Date().toISOString().slice(0, 10)
const firstDay = today()

async function paid(stock = 5, quantity = 1, card?: string) {
  const product = await shop.product(seller, { stock, amount: 10_000 })
  const order = await shop.order(buyer, product.id, quantity)
  const { body } = await shop.pay(buyer, order.id, card)
  await shop.orderIs(buyer, order.id, 'PAID')
  await shop.paymentIs(buyer, body.id, 'CAPTURED')
  return { productId: product.id as string, orderId: order.id as string, paymentId: body.id as string }
}

test('bought and paid: the order says so, and its seller, its buyer and nobody else see the payment', async () => {
  const { orderId, paymentId } = await paid()
  for (const account of [seller, buyer]) {
    const { status, body } = await shop.pays(account, 'GET', `/payments/${paymentId}`)
    assert.deepEqual([status, body.orderId, body.state], [200, orderId, 'CAPTURED'])
  }
  assert.equal((await shop.pays(stranger, 'GET', `/payments/${paymentId}`)).status, 404)
  const sales = await shop.pays(seller, 'GET', `/payments?as=seller&orderId=${orderId}`)
  assert.deepEqual(
    sales.body.items.map(({ id }: { id: string }) => id),
    [paymentId],
  )
  assert.deepEqual((await shop.pays(stranger, 'GET', `/payments?orderId=${orderId}`)).body.items, [])
  assert.equal((await shop.pays(seller, 'GET', '/payments?as=admin')).status, 403)
})

test('the seller gives all of it back: the order follows, and the units are on sale again, once', async () => {
  const { orderId, paymentId, productId } = await paid(5, 2)
  assert.equal(await shop.stockOf(buyer, productId), 3)
  assert.equal((await shop.pays(buyer, 'POST', `/payments/${paymentId}/refunds`, {})).status, 404)
  assert.equal((await shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, {})).status, 202)
  await shop.orderIs(buyer, orderId, 'REFUNDED')
  assert.equal(await shop.stockOf(buyer, productId), 5)
  const ended = await shop.paymentIs(seller, paymentId, 'REFUNDED')
  assert.deepEqual(ended.refunded, won(20_000))
  await shop.allTold()
})

test('goods that do not come back: `restock: false` refunds the order and keeps the units', async () => {
  const { orderId, paymentId, productId } = await paid(5, 2)
  assert.equal((await shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, { restock: false })).status, 202)
  await shop.orderIs(buyer, orderId, 'REFUNDED')
  assert.equal(await shop.stockOf(buyer, productId), 3)
})

test('a part goes back: the order says so, the rest can be refunded, and no more than that', async () => {
  const { orderId, paymentId } = await paid()
  const refund = (amount: number) =>
    shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, { amount: won(amount) })
  assert.equal((await refund(4_000)).status, 202)
  assert.deepEqual((await shop.paymentIs(seller, paymentId, 'PARTIALLY_REFUNDED')).refunded, won(4_000))
  assert.deepEqual((await shop.orderIs(buyer, orderId, 'PARTIALLY_REFUNDED')).refunded, won(4_000))
  assert.equal((await refund(0)).status, 400)
  const tooMuch = await refund(6_001)
  assert.deepEqual([tooMuch.status, tooMuch.body.code], [409, 'not_refundable'])
  assert.equal((await refund(6_000)).status, 202)
  assert.deepEqual((await shop.orderIs(buyer, orderId, 'REFUNDED')).refunded, won(10_000))
})

test('of two full refunds at once one is done and one is refused', async () => {
  const { orderId, paymentId } = await paid()
  const answers = await Promise.all([1, 2].map(() => shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, {})))
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [202, 409],
  )
  await shop.orderIs(buyer, orderId, 'REFUNDED')
})

test('a refund that the network refuses ends FAILED, shows no money back, and gives the set-aside amount back', async () => {
  const { orderId, paymentId } = await paid(5, 1, '4000000000005126')
  const { body } = await shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, {})
  assert.equal(body.state, 'REQUESTED')
  const row = await shop.refundIs(body.id, 'FAILED')
  assert.equal(row.failure_reason, 'NOT_CANCELABLE_PAYMENT')
  const after = (await shop.pays(seller, 'GET', `/payments/${paymentId}`)).body
  assert.deepEqual([after.state, after.refunded], ['CAPTURED', won(0)])
  assert.equal((await shop.orderOf(buyer, orderId)).state, 'PAID')
  assert.equal((await shop.pays(seller, 'POST', `/payments/${paymentId}/refunds`, {})).status, 202) // and may be tried anew
})

test('a wrong CVC keeps the last unit for its buyer, and the right card then pays for it', async () => {
  const product = await shop.product(seller, { stock: 1 })
  const order = await shop.order(buyer, product.id)
  const first = await shop.pay(buyer, order.id, '4000000000000127')
  assert.equal((await shop.paymentIs(buyer, first.body.id, 'DECLINED')).failureReason, 'incorrect_cvc')
  await shop.allTold()
  const kept = await shop.orderOf(buyer, order.id)
  assert.deepEqual([kept.state, kept.expiresAt], ['RESERVED', order.expiresAt])
  assert.equal(await shop.stockOf(buyer, product.id), 0)
  const second = await shop.pay(buyer, order.id)
  assert.equal(second.status, 202)
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('the fifth declined card gives the units back: somebody tries stolen ones', async () => {
  const product = await shop.product(seller, { stock: 1 })
  const order = await shop.order(buyer, product.id)
  for (let tries = 1; tries <= 5; tries += 1) {
    const { body } = await shop.pay(buyer, order.id, '4000000000000002')
    await shop.paymentIs(buyer, body.id, 'DECLINED')
    await shop.allTold()
    assert.equal((await shop.orderOf(buyer, order.id)).state, tries < 5 ? 'RESERVED' : 'RELEASED')
  }
  assert.equal(await shop.stockOf(buyer, product.id), 1)
  assert.equal((await shop.pay(buyer, order.id)).body.code, 'order_not_payable')
})

test('after all of that the network’s books are ours, to the won, and so are the books of stock', async () => {
  await shop.allTold()
  const [row] = await shop
    .db('payments')
    .whereIn('state', ['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED'])
    .sum({ amount: 'amount' })
    .count({ count: '*' })
  const [refunds] = await shop.db('refunds').where('state', 'DONE').sum({ amount: 'amount' })
  const { DONE: charged } = await shop.networkTotals()
  assert.deepEqual(charged, {
    count: Number(row?.count),
    amount: Number(row?.amount),
    refunded: Number(refunds?.amount),
  })
  assert.deepEqual((await checkBooks(shop.commerce.db)).faults, [])
  assert.deepEqual(await checkLedger(shop.db), [])
})

test('its settlement of the day, or of both where midnight came between, is what was entered, and pays out what the seller is owed', async () => {
  const gateway = tossGateway({
    name: 'simulator',
    url: shop.simulatorUrl,
    secretKey: 'test',
    timeoutMs: 60_000,
    keyIn: true,
  })
  let [payments, payout, fees] = [0, 0, 0]
  const lastDay = today()
  for (const day of new Set([firstDay, lastDay])) {
    const compared = await compareDay({ db: shop.db, now: () => new Date() }, gateway, day)
    const [inWon, ...others] = compared.sums
    assert.deepEqual(others, [])
    payments += compared.payments
    payout += inWon?.payout ?? 0
    fees += inWon?.fees ?? 0
  }
  assert.ok(payments > 0 && fees > 0)
  assert.deepEqual(await shop.db('settlement_differences').select(), [])
  const query = `/payouts?from=${firstDay}&to=${new Date(Date.parse(lastDay) + 86_400_000).toISOString().slice(0, 10)}`
  const { body: statement } = await shop.pays(seller, 'GET', query)
  const balance = Number(String(statement).trim().split(',').at(-1))
  assert.equal(balance, payout)
  assert.equal((await shop.pays(stranger, 'GET', `${query}&sellerId=${seller.id}`)).status, 403)
  assert.equal((await shop.pays(seller, 'GET', '/settlements')).status, 403)
  const { body } = await shop.pays(await shop.anAdmin(), 'GET', '/settlements')
  assert.deepEqual([body.days, body.differences], [[], []])
})
