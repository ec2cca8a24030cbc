/** Paying in a gateway's window: out and back, left, late, twice, forged; only an approval of a claimed order moves money. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { startShop } from './shop.ts'

const publicUrl = 'https://shop.example'
const shop = await startShop({
  payment: {
    GATEWAYS: '[{"name":"simulator","keyIn":false,"methods":["card","transfer"]}]',
    PUBLIC_HTTP_URL: publicUrl,
  },
})
const [seller, buyer, stranger] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Cho')])

async function anOrder() {
  const product = await shop.product(seller, { stock: 1, amount: 10_000 })
  return { productId: product.id as string, order: await shop.order(buyer, product.id) }
}

/** Begins a payment and answers it, with the address of its window. */
async function begun(orderId: string, over: object = {}, key = randomUUID()) {
  const { status, body } = await shop.pays(buyer, 'POST', '/payments', { orderId, ...over }, key)
  assert.equal(status, 202, JSON.stringify(body))
  assert.equal(body.next.kind, 'redirect')
  return { id: body.id as string, url: body.next.url as string }
}

const get = (url: string, method = 'GET') => fetch(url, { method, redirect: 'manual' })

/** Presses a button of the window; answers where it leads back to, here instead of at the public address. */
async function press(url: string, button: 'paid' | 'left'): Promise<string> {
  const location = (await get(`${url}/${button}`, 'POST')).headers.get('location') ?? ''
  assert.ok(location.startsWith(`${publicUrl}/api/payment/v1/payments/`), location)
  return location.replace(publicUrl, `http://127.0.0.1:${shop.paymentPort}`)
}

async function back(url: string, button: 'paid' | 'left') {
  const answer = await get(await press(url, button))
  assert.equal(answer.status, 303)
  return answer.headers.get('location')
}

const charged = async () => (await shop.networkTotals()).DONE?.count ?? 0

test('out and back: nothing is claimed while the buyer is away, and the return pays within two seconds', async (t) => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
  assert.match(await (await get(url)).text(), /10000 KRW/)
  const before = await charged()
  const sinceReturn = livedTime()
  t.after(() => sinceReturn.stop())
  assert.equal(await back(url, 'paid'), `${publicUrl}/pay/${id}`)
  await shop.orderIs(buyer, order.id, 'PAID')
  assert.ok(sinceReturn.ms() < 2_000, `${sinceReturn.ms()} ms`)
  const paid = await shop.paymentIs(buyer, id, 'CAPTURED')
  assert.deepEqual([paid.amount.amount, paid.next, paid.card], [10_000, { kind: 'nothing' }, null])
  assert.equal(await charged(), before + 1)
})

test('who comes back ten times, or reloads, is charged once', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  const before = await charged()
  const way = await press(url, 'paid')
  const answers = await Promise.all(Array.from({ length: 10 }, () => get(way)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
  await shop.paymentIs(buyer, id, 'CAPTURED')
  assert.equal((await get(way)).status, 303)
  assert.equal(await charged(), before + 1)
})

test('who leaves the window keeps the unit, reads why, and pays in another one', async () => {
  const { order, productId } = await anOrder()
  const first = await begun(order.id)
  await back(first.url, 'left')
  assert.equal((await shop.paymentIs(buyer, first.id, 'CANCELED')).failureReason, 'buyer_left')
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
  assert.equal(await shop.stockOf(buyer, productId), 0)
  const second = await begun(order.id)
  assert.notEqual(second.id, first.id)
  await back(second.url, 'paid')
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('a window whose time is over leads back without money, and the reservation runs on', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  await shop
    .simulatorDb('ledger_payments')
    .where({ order_id: id })
    .update({ expires_at: new Date(Date.now() - 1) })
  await back(url, 'paid')
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'expired')
  assert.equal((await shop.orderOf(buyer, order.id)).expiresAt, order.expiresAt)
})

test('authenticated, and back after the reservation’s end: nothing is approved', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  const before = await charged()
  const { db } = shop.commerce
  await db('orders')
    .where('id', order.id)
    .update({ expires_at: db.raw('UTC_TIMESTAMP(3) - INTERVAL 1 SECOND') })
  await back(url, 'paid')
  const ended = await shop.paymentIs(buyer, id, 'CANCELED')
  assert.ok(['reservation_expired', 'order_released'].includes(ended.failureReason), ended.failureReason)
  assert.equal(await charged(), before)
})

test('who never comes back: the payment ends with the window’s time, and what was authenticated is not charged', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  const before = await charged()
  await press(url, 'paid') // and the browser is gone
  const over = new Date(Date.now() - 1)
  await shop.db('payments').where({ id }).update({ window_until: over, next_attempt_at: over })
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'expired')
  assert.equal(await charged(), before)
})

test('the same order again, by reload or another tab, is the same window; another method is another one', async () => {
  const { order } = await anOrder()
  const key = randomUUID()
  const first = await begun(order.id, {}, key)
  assert.deepEqual(await begun(order.id, {}, key), first)
  assert.deepEqual(await begun(order.id), first)
  assert.deepEqual((await shop.pays(buyer, 'GET', `/payments/${first.id}`)).body.next, {
    kind: 'redirect',
    url: first.url,
  })
  const second = await begun(order.id, { method: 'transfer' })
  assert.notEqual(second.id, first.id)
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${first.id}`)).body.failureReason, 'buyer_left')
  await get(await press(first.url, 'paid')) // in the tab that was left
  await back(second.url, 'paid')
  await shop.paymentIs(buyer, second.id, 'CAPTURED')
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${first.id}`)).body.state, 'CANCELED')
})

test('a return with another amount is not approved, one with another’s token is nobody’s', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  const before = await charged()
  const way = new URL(await press(url, 'paid'))
  const forged = way.pathname.replace(/[0-9a-f]{26}$/, '0'.repeat(26))
  assert.equal((await get(new URL(`${forged}?code=PAY_PROCESS_CANCELED`, way).href)).status, 404)
  assert.equal((await shop.pays(buyer, 'GET', `/payments/${id}`)).body.state, 'REQUESTED')
  way.searchParams.set('amount', '1')
  assert.equal((await get(way.href)).status, 303)
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'amount_differs')
  assert.equal(await charged(), before)
})

test('refusals: another’s order, a method that is not offered, a card where none is entered; nothing is written', async () => {
  const { order } = await anOrder()
  const table: [name: string, answer: { status: number }, status: number][] = [
    ['another’s', await shop.pays(stranger, 'POST', '/payments', { orderId: order.id }), 404],
    ['no such order', await shop.pays(buyer, 'POST', '/payments', { orderId: 'none' }), 404],
    ['a method', await shop.pays(buyer, 'POST', '/payments', { orderId: order.id, method: 'mobile' }), 400],
    ['a card', await shop.pays(buyer, 'POST', '/payments', { orderId: order.id, cardToken: 'x' }), 400],
    ['a card’s token', await shop.pays(buyer, 'POST', '/card-tokens', { number: '4242424242424242' }), 404],
  ]
  for (const [name, { status }, expected] of table) assert.equal(status, expected, name)
  assert.deepEqual(await shop.db('payments').where({ order_id: order.id }), [])
})

test('an order that costs nothing needs no window', async () => {
  const { order } = await anOrder()
  await shop.commerce.db('orders').where('id', order.id).update({ total_amount: 0 })
  const { status, body } = await shop.pays(buyer, 'POST', '/payments', { orderId: order.id })
  assert.deepEqual([status, body.next], [202, { kind: 'nothing' }])
  await shop.orderIs(buyer, order.id, 'PAID')
})

test('a hint has the network asked, and a buyer who comes back meanwhile is not forgotten', async () => {
  const { order } = await anOrder()
  const { id, url } = await begun(order.id)
  const way = await press(url, 'paid')
  const hint = { eventType: 'PAYMENT_STATUS_CHANGED', data: { orderId: id, status: 'DONE' } }
  const hints = Array.from({ length: 5 }, () => shop.pays(stranger, 'POST', '/webhooks/simulator', hint, ''))
  const [returned, ...noted] = await Promise.all([get(way), ...hints])
  assert.deepEqual([returned.status, ...noted.map(({ status }) => status)], [303, 204, 204, 204, 204, 204])
  await shop.paymentIs(buyer, id, 'CAPTURED')
})

test('with windows only, the API has no word of cards, and says how to pay', async () => {
  const document = await (await get(`http://127.0.0.1:${shop.paymentPort}/api/payment/v1/openapi.json`)).text()
  for (const word of ['card-tokens', 'cardToken', 'CardToken', 'cvc', 'expiryMonth']) {
    assert.equal(document.includes(word), false, word)
  }
  const { body } = await shop.pays(stranger, 'GET', '/payment-methods?currency=KRW')
  assert.deepEqual(body.items, [
    { method: 'card', entry: 'window' },
    { method: 'transfer', entry: 'window' },
  ])
  assert.ok(shop.logged.length > 0)
})
