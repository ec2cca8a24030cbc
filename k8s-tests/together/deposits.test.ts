/** Paying into a virtual account: in time, short, late, cancelled, and given back on an account of the buyer's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { aBroadcast } from '../../services/commerce/src/testing/factories.ts'
import { checkLedger } from '../../services/payment/src/ledger/check-ledger.ts'
import { depositGateways, depositSteps } from './deposit-steps.ts'
import { startShop } from './shop.ts'

const shop = await startShop({ payment: { GATEWAYS: depositGateways, PUBLIC_HTTP_URL: 'https://shop.example' } })
const [seller, buyer, stranger] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Cho')])
const { anOrder, issued, deposit, told, expire, faults, givenBack } = depositSteps(shop, { seller, buyer, stranger })
const account = { bank: '88', number: '110-123-456789', holder: '김보라' }

test('an account is shown to its buyer only, the units wait with it, and the deposit pays', async () => {
  const { id, order, deposit: told } = await issued()
  assert.match(told.accountNumber, /^X\d+/)
  const hours = (Date.parse(told.until) - Date.now()) / 3_600_000
  assert.ok(hours > 2.9 && hours <= 3, `${hours} hours`)
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, null)
  assert.equal((await shop.pays(seller, 'GET', `/payments/${id}`)).body.deposit, null)
  const admin = await shop.anAdmin()
  await shop
    .db('payments')
    .where({ id })
    .update({ created_at: new Date(Date.now() - 600_000) })
  assert.deepEqual((await shop.pays(admin, 'GET', '/stuck-payments')).body.payments, [])
  await deposit(id, told.accountNumber, 10_000)
  await shop.paymentIs(buyer, id, 'CAPTURED')
  await shop.orderIs(buyer, order.id, 'PAID')
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${id}`)).body.deposit, null)
})

test('less than the amount leaves it waiting, and the rest pays', async () => {
  const { id, order, deposit: told } = await issued()
  await deposit(id, told.accountNumber, 4_000)
  await eventually('it was asked about', async () =>
    (await shop.db('payments').where({ id, lease_owner: null }).where('next_attempt_at', '>', new Date()).first()) ===
    undefined
      ? undefined
      : true,
  )
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${id}`)).body.state, 'WAITING_DEPOSIT')
  await deposit(id, told.accountNumber, 6_000)
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('the same key again is the same payment, and another way to pay is refused while it waits', async () => {
  const { order } = await anOrder()
  const body = { orderId: order.id, method: 'virtual_account' }
  const first = await shop.pays(buyer, 'POST', '/payments', body, 'one-key')
  const again = await shop.pays(buyer, 'POST', '/payments', body, 'one-key')
  assert.equal(again.body.id, first.body.id)
  await shop.paymentIs(buyer, first.body.id, 'WAITING_DEPOSIT')
  const other = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id })
  assert.deepEqual([other.status, other.body.code], [409, 'payment_exists'])
})

test('nobody pays in until its time is over: the payment ends, and the reservation with it', async () => {
  const { id, order } = await issued()
  await expire(id)
  await told(id)
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'expired')
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
})

test('who does not want to pay in any more closes the account, and pays another way at once', async () => {
  const { id, order, deposit: told } = await issued()
  assert.equal((await shop.pays(stranger, 'POST', `/payments/${id}/cancellations`)).status, 404)
  assert.equal((await shop.pays(buyer, 'POST', `/payments/${id}/cancellations`)).status, 202)
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'buyer_left')
  const late = { accountNumber: told.accountNumber, amount: 10_000 }
  const answer = await fetch(`${shop.simulatorUrl}/v1/deposits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(late),
  })
  assert.equal(answer.status, 403)
  const window = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id })
  assert.deepEqual([window.status, window.body.next.kind], [202, 'redirect'])
  const over = await shop.pays(buyer, 'POST', `/payments/${id}/cancellations`)
  assert.deepEqual([over.status, over.body.code], [409, 'no_deposit'])
})

test('money that comes in after the account’s time pays the order while that may be claimed', async () => {
  const { id, order, deposit: told } = await issued()
  await expire(id)
  await deposit(id, told.accountNumber, 10_000, true).catch(() => undefined)
  await shop.paymentIs(buyer, id, 'CAPTURED')
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('late money of an order that is gone goes back on the account that its buyer tells, once', async () => {
  const { id, order, deposit: into } = await issued()
  await expire(id)
  await told(id)
  await shop.paymentIs(buyer, id, 'CANCELED')
  await shop.allTold()
  await buyer.expect(200, 'POST', `/orders/${order.id}/cancel`)
  await deposit(id, into.accountNumber, 10_000, true)
  const waiting = await eventually('its buyer is asked for an account', async () => {
    const { body } = await shop.pays(buyer, 'GET', `/payments/${id}`)
    return body.needsRefundAccount ? body : undefined
  })
  assert.equal(waiting.state, 'UNKNOWN')
  assert.equal((await shop.pays(stranger, 'PUT', `/payments/${id}/refund-account`, account)).status, 404)
  assert.equal((await shop.pays(buyer, 'PUT', `/payments/${id}/refund-account`, { ...account, bank: 'x' })).status, 400)
  assert.equal((await shop.pays(buyer, 'PUT', `/payments/${id}/refund-account`, account)).status, 204)
  await shop.paymentIs(buyer, id, 'CANCELED')
  assert.deepEqual(await givenBack(id), [10_000])
})

test('a seller’s refund waits for the buyer’s account, goes there, and the account is forgotten', async () => {
  const { id, order, deposit: told } = await issued()
  await deposit(id, told.accountNumber, 10_000)
  await shop.orderIs(buyer, order.id, 'PAID')
  const refund = await shop.pays(seller, 'POST', `/payments/${id}/refunds`, {})
  assert.equal(refund.status, 202)
  await eventually('the buyer is asked', async () =>
    (await shop.pays(buyer, 'GET', `/payments/${id}`)).body.needsRefundAccount ? true : undefined,
  )
  await shop.pays(buyer, 'PUT', `/payments/${id}/refund-account`, account)
  await shop.refundIs(refund.body.id, 'DONE')
  await shop.orderIs(buyer, order.id, 'REFUNDED')
  const row = await shop.db('payments').where({ id }).first()
  assert.equal(row.refund_account, null)
  assert.equal(shop.logged.join('').includes(account.number), false)
})

test('what a broadcast’s viewers wait for is not held for hours: there it is not offered', async () => {
  const offered = async (query: string) =>
    (await shop.pays(stranger, 'GET', `/payment-methods?currency=KRW${query}`)).body
  assert.deepEqual((await offered('')).items, [
    { method: 'card', entry: 'window' },
    { method: 'virtual_account', entry: 'deposit' },
  ])
  assert.deepEqual((await offered('&live=true')).items, [{ method: 'card', entry: 'window' }])
  const product = await shop.product(seller, { stock: 1 })
  const broadcast = await aBroadcast(seller, [product.id])
  const body = { productId: product.id, quantity: 1, broadcastId: broadcast.id }
  const order = await buyer.expect(201, 'POST', '/orders', body, { 'idempotency-key': 'in-a-broadcast' })
  const refused = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id, method: 'virtual_account' })
  assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'])
})

test('where no account is issued the payment ends some minutes later, and the reservation is free', async () => {
  const { order } = await anOrder()
  await faults({ byVerb: { approve: { serverError: 1 } } })
  const { body } = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id, method: 'virtual_account' })
  await shop.paymentIs(buyer, body.id, 'UNKNOWN')
  const before = new Date(Date.now() - 6 * 60_000)
  await shop
    .db('payments')
    .where({ id: body.id })
    .update({ created_at: before, charge_by: before, next_attempt_at: before })
  assert.equal((await shop.paymentIs(buyer, body.id, 'CANCELED')).failureReason, 'interrupted')
  await faults({})
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
})

test('after all of that the ledger adds up', async () => {
  await shop.allTold()
  assert.deepEqual(await checkLedger(shop.db), [])
})
