/** Paying, as buyers, crashes and networks do it: once, or not at all. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { newId } from '@mytaek1/platform/ids.ts'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { startShop } from './shop.ts'

const shop = await startShop({ payment: { LEASE_MS: '1000', GATEWAY_TIMEOUT_MS: '300' } })
const [seller, buyer, stranger] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo'), shop.signedIn('Cho')])

async function anOrder() {
  const product = await shop.product(seller, { stock: 5, amount: 10_000 })
  const order = await shop.order(buyer, product.id)
  return { productId: product.id as string, orderId: order.id as string, order }
}
/** What the network says of a payment, in its own words. */
async function networkSays(paymentId: string) {
  const answer = await fetch(`${shop.simulatorUrl}/v1/payments/orders/${paymentId}`)
  return (await answer.json()) as { status?: string; code?: string }
}
/** The network takes money for a payment by a request of which nobody here knows any more. */
async function networkTakes(paymentId: string, amount: number): Promise<void> {
  const card = { cardNumber: '4242424242424242', cardExpirationYear: '40', cardExpirationMonth: '12' }
  await fetch(`${shop.simulatorUrl}/v1/payments/key-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: paymentId, amount, currency: 'KRW', ...card }),
  })
}
const network = (faults: object) =>
  fetch(`${shop.simulatorUrl}/v1/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  })
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

test('the same request ten times at once is one payment and one charge', async () => {
  const { orderId } = await anOrder()
  const body = { orderId, cardToken: await shop.cardToken(buyer) }
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 10 }, () => shop.pays(buyer, 'POST', '/payments', body, key)))
  assert.deepEqual(new Set(statuses(answers)), new Set([202]))
  const ids = new Set(answers.map((answer) => answer.body.id as string))
  assert.equal(ids.size, 1)
  await shop.orderIs(buyer, orderId, 'PAID')
  assert.equal((await shop.db('payments').where('order_id', orderId)).length, 1)
})

test('two payments with different keys race for one order: one is accepted, one is refused', async () => {
  const { orderId } = await anOrder()
  const answers = await Promise.all([shop.pay(buyer, orderId), shop.pay(buyer, orderId)])
  assert.deepEqual(statuses(answers), [202, 409])
  assert.equal(answers.find(({ status }) => status === 409)?.body.code, 'payment_exists')
})

test('requests that may not pay are refused, each with its code, and claim nothing', async () => {
  const { orderId, order } = await anOrder()
  const cancelled = (await anOrder()).orderId
  await buyer.expect(200, 'POST', `/orders/${cancelled}/cancel`)
  const late = (await anOrder()).orderId
  const { db } = shop.commerce
  await db('orders')
    .where('id', late)
    .update({ expires_at: db.raw('UTC_TIMESTAMP(3) - INTERVAL 1 SECOND') })
  const pay = async (id: string, over: { who?: typeof buyer; token?: string; key?: string } = {}) => {
    const { who = buyer, token = await shop.cardToken(who), key } = over
    return await shop.pays(who, 'POST', '/payments', { orderId: id, cardToken: token }, key)
  }
  const table: [name: string, answer: Awaited<ReturnType<typeof pay>>, status: number, code: string][] = [
    ['no key', await pay(orderId, { key: '' }), 400, 'invalid_request'],
    ['no such order', await pay('none'), 404, 'not_found'],
    ['another buyer’s order', await pay(orderId, { who: stranger }), 404, 'not_found'],
    ['a cancelled order', await pay(cancelled), 409, 'order_not_payable'],
    ['a reservation that ran out', await pay(late), 409, 'order_not_payable'],
    ['another’s token', await pay(orderId, { token: await shop.cardToken(stranger) }), 400, 'card_token_invalid'],
    ['an id beyond ASCII', await pay('ä'), 400, 'invalid_request'],
    [
      'no card for what costs something',
      await shop.pays(buyer, 'POST', '/payments', { orderId }),
      400,
      'invalid_request',
    ],
  ]
  for (const [name, answer, status, code] of table) {
    assert.deepEqual([answer.status, answer.body.code], [status, code], name)
  }
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, orderId)).expiresAt, order.expiresAt)
  const key = randomUUID()
  const token = await shop.cardToken(buyer)
  assert.equal((await pay(orderId, { token, key })).status, 202)
  const second = (await anOrder()).orderId
  const reused = await pay(second, { token })
  assert.deepEqual([reused.status, reused.body.code], [409, 'card_token_used'])
  const otherPayload = await pay(second, { key })
  assert.deepEqual([otherPayload.status, otherPayload.body.code], [422, 'idempotency_key_reused'])
})

test('while it is paid an order is nobody’s to cancel, and does not expire', async () => {
  const { orderId } = await anOrder()
  await shop.pay(buyer, orderId, '4000000000003220') // charged a second and a half later
  const refused = await buyer.expect(409, 'POST', `/orders/${orderId}/cancel`)
  assert.equal(refused.code, 'order_not_cancellable')
  assert.equal((await shop.orderOf(buyer, orderId)).expiresAt, null)
  await shop.orderIs(buyer, orderId, 'PAID')
})

test('an order that costs nothing is paid without a card', async () => {
  const { orderId } = await anOrder()
  await shop.commerce.db('orders').where('id', orderId).update({ total_amount: 0 }) // as a coupon leaves it
  const { status, body } = await shop.pays(buyer, 'POST', '/payments', { orderId })
  assert.equal(status, 202)
  await shop.orderIs(buyer, orderId, 'PAID')
  assert.equal((await networkSays(body.id)).code, 'NOT_FOUND_PAYMENT')
})

test('a charge whose answer was lost is found, and not made again', async () => {
  const { orderId } = await anOrder()
  const { body } = await shop.pay(buyer, orderId, '4000000000000341')
  await shop.paymentIs(buyer, body.id, 'CAPTURED')
  await shop.orderIs(buyer, orderId, 'PAID')
  assert.equal((await networkSays(body.id)).status, 'DONE')
})

test('a charge that the network never saw ends CANCELED once none can take effect, and the order is free again', async () => {
  const { orderId, order } = await anOrder()
  const { body } = await shop.pay(buyer, orderId, '4000000000000259')
  await shop.paymentIs(buyer, body.id, 'UNKNOWN')
  const ended = await shop.paymentIs(buyer, body.id, 'CANCELED')
  assert.equal(ended.failureReason, 'interrupted')
  await shop.allTold()
  assert.equal((await shop.orderOf(buyer, orderId)).expiresAt, order.expiresAt)
  assert.equal((await shop.pay(buyer, orderId)).status, 202)
  await shop.orderIs(buyer, orderId, 'PAID')
})

/** A payment as a process leaves it that died after it wrote the row: its card is gone. */
async function left(orderId: string, id = newId('pay')): Promise<string> {
  const now = new Date()
  await shop.db('payments').insert({
    id,
    order_id: orderId,
    buyer_id: buyer.id,
    state: 'REQUESTED',
    card_brand: 'visa',
    card_last4: '4242',
    gateway: 'simulator',
    idempotency_key: randomUUID(),
    request_hash: '0'.repeat(64),
    created_at: now,
    updated_at: now,
    generation: 2,
    lease_owner: 'drv_dead',
    charge_by: now,
    next_attempt_at: now,
  })
  return id
}

test('a process that dies after the charge: another one finds it, and the order is paid', async () => {
  const { orderId } = await anOrder()
  const paymentId = newId('pay') // charged before the row's process died
  await networkTakes(paymentId, 10_000)
  await left(orderId, paymentId)
  await shop.paymentIs(buyer, paymentId, 'CAPTURED')
  await shop.orderIs(buyer, orderId, 'PAID')
})

test('a process that dies before the charge: the payment ends CANCELED, and another one pays', async () => {
  const { orderId } = await anOrder()
  const id = await left(orderId)
  assert.equal((await shop.paymentIs(buyer, id, 'CANCELED')).failureReason, 'interrupted')
  assert.equal((await shop.pay(buyer, orderId)).status, 202) // whether or not commerce was told already
  await shop.orderIs(buyer, orderId, 'PAID')
})

for (const isOrderFree of [true, false]) {
  const becomes = isOrderFree ? 'pays its order after all' : 'goes back where another payment paid'
  test(`money that is taken after a payment ended, and of which nobody tells, is found and ${becomes}`, async (t) => {
    const { orderId } = await anOrder()
    const id = await left(orderId)
    await shop.paymentIs(buyer, id, 'CANCELED')
    await shop.allTold()
    if (!isOrderFree) {
      await shop.pay(buyer, orderId)
      await shop.orderIs(buyer, orderId, 'PAID')
    }
    await network({ webhookLost: 1 })
    t.after(() => network({}))
    await networkTakes(id, 10_000)
    const row = () => shop.db('payments').where({ id }).first()
    const { next_attempt_at: look, updated_at: end } = await row()
    assert.equal(look.getTime() - end.getTime(), 30_000)
    await shop.db('payments').where({ id }).update({ next_attempt_at: new Date() }) // as half a minute later
    if (isOrderFree) {
      await shop.paymentIs(buyer, id, 'CAPTURED')
      await shop.orderIs(buyer, orderId, 'PAID')
      return
    }
    await eventually('the money is back', async () =>
      (await networkSays(id)).status === 'CANCELED' ? true : undefined,
    )
    await eventually('it sleeps', async () => ((await row()).lease_owner === null ? true : undefined))
    assert.equal((await row()).state, 'CANCELED')
  })
}

test('money of another amount than the order costs pays nothing, and goes back', async () => {
  const { orderId } = await anOrder()
  const paymentId = newId('pay')
  await networkTakes(paymentId, 9_999)
  await left(orderId, paymentId)
  assert.equal((await shop.paymentIs(buyer, paymentId, 'CANCELED')).failureReason, 'amount_differs')
  assert.equal((await networkSays(paymentId)).status, 'CANCELED')
  assert.equal((await shop.orderOf(buyer, orderId)).state, 'RESERVED')
})

test('a webhook has the network asked at once; one that is forged changes nothing', async () => {
  const { orderId } = await anOrder()
  const { body } = await shop.pay(buyer, orderId, '4000000000000259')
  await shop.paymentIs(buyer, body.id, 'UNKNOWN')
  const later = new Date(Date.now() + 60_000)
  await shop.db('payments').where('id', body.id).update({ next_attempt_at: later })
  const hint = { eventType: 'PAYMENT_STATUS_CHANGED', data: { orderId: body.id, status: 'DONE', totalAmount: 10_000 } }
  const answer = await shop.pays(stranger, 'POST', '/webhooks/simulator', hint, '')
  assert.equal(answer.status, 204)
  assert.equal((await shop.pays(stranger, 'POST', '/webhooks/simulator', { any: 'thing' }, '')).status, 204)
  assert.equal((await shop.pays(stranger, 'POST', '/webhooks/other', hint, '')).status, 404)
  await eventually('it was asked about', async () => {
    const row = await shop.db('payments').where('id', body.id).first()
    return row.next_attempt_at === null || row.next_attempt_at < later ? row : undefined
  })
  assert.notEqual((await shop.pays(buyer, 'GET', `/payments/${body.id}`)).body.state, 'CAPTURED')
})

test('who signed out is refused within seconds, although the access token has not expired; others are not', async () => {
  const leaver = await shop.signedIn('Lee')
  assert.equal((await shop.pays(leaver, 'GET', '/payments/pay_none')).status, 404)
  await leaver.expect(204, 'DELETE', '/sessions/current')
  await eventually('it is refused', async () => {
    const { status } = await shop.pays(leaver, 'GET', '/payments/pay_none')
    return status === 401 ? status : undefined
  })
  assert.equal((await shop.pays(buyer, 'GET', '/payments/pay_none')).status, 404)
})

test('a card of last year is refused where it is entered', async () => {
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: new Date().getUTCFullYear() - 1, cvc: '737' }
  const { status, body } = await shop.pays(buyer, 'POST', '/card-tokens', card)
  assert.deepEqual([status, body.errors[0].path], [400, 'expiryYear'])
})

test('no card number, security code or token reaches the databases, the events or the logs', async () => {
  const { orderId } = await anOrder()
  const cardToken = await shop.cardToken(buyer, '5555555555554444')
  await shop.pays(buyer, 'POST', '/payments', { orderId, cardToken })
  await shop.orderIs(buyer, orderId, 'PAID')
  const mistyped = { number: '5555555555554441', expiryMonth: 1, expiryYear: 2040, cvc: '737' }
  await shop.pays(buyer, 'POST', '/card-tokens', mistyped)
  const tables = ['payments', 'refunds', 'used_card_tokens', 'outbox', 'inbox']
  const ours = await Promise.all(tables.map((table) => shop.db(table).select()))
  const theirs = await Promise.all(['orders', 'outbox', 'inbox'].map((table) => shop.commerce.db(table).select()))
  const networks = await Promise.all(
    ['ledger_payments', 'ledger_cancels'].map((name) => shop.simulatorDb(name).select()),
  )
  const everything = JSON.stringify([ours, theirs, networks]) + shop.logged.join('')
  for (const secret of ['5555555555554444', '5555555555554441', '"737"', cardToken]) {
    assert.equal(everything.includes(secret), false)
  }
})
