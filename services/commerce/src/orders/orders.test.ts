import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { internalOrderShape, type EventEnvelope, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'
import { checkBooks } from '../inventory/books.ts'
import { aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, buyer, stranger] = await Promise.all([signedIn(app.url), signedIn(app.url), signedIn(app.url)])
const serviceToken = app.config.SERVICE_TOKEN

const newKey = () => ({ 'idempotency-key': randomUUID() })
const stockOf = async (productId: string) => (await buyer.expect(200, 'GET', `/products/${productId}`)).stock
const stateOf = async (orderId: string) => (await buyer.expect(200, 'GET', `/orders/${orderId}`)).state
async function anOrder(stock = 5, quantity = 1) {
  const product = await aProduct(seller, { stock, amount: 12_900 })
  const order = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity }, newKey())
  return { productId: product.id as string, orderId: order.id as string, order }
}

let events = 0
/** Delivers an event as the payment service does; answers the status. */
async function deliver(event: ServiceEvent, id = `evt_${(events += 1)}`): Promise<number> {
  const envelope: EventEnvelope = { id, occurredAt: new Date().toISOString(), event }
  const url = `${app.url}/internal/events`
  const answer = await signedFetch({
    serviceToken,
    method: 'POST',
    url,
    body: JSON.stringify(envelope),
    timeoutMs: 60_000,
  })
  return answer.status
}
/** Calls a door of the payment service. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test asserts on whatever came
async function post(path: string, body: object): Promise<{ status: number; body: any }> {
  const url = `${app.url}/internal/${path}`
  const answer = await signedFetch({ serviceToken, method: 'POST', url, body: JSON.stringify(body), timeoutMs: 60_000 })
  return { status: answer.status, body: answer.status === 204 ? undefined : await answer.json() }
}
const amount = { amount: 12_900, currency: 'KRW' }
/** What payment was told about an order, oldest first. */
async function toldAbout(orderId: string): Promise<ServiceEvent[]> {
  const rows: { body: string }[] = await app.db('outbox').where('event_key', orderId).orderBy('seq').select('body')
  return rows.map(({ body }) => (JSON.parse(body) as EventEnvelope).event)
}

test('an order reserves its units and says until when and for how much', async () => {
  const { order, productId } = await anOrder(5, 2)
  assert.equal(order.state, 'RESERVED')
  assert.deepEqual(order.total, { amount: 25_800, currency: 'KRW' })
  const heldSeconds = (Date.parse(order.expiresAt) - Date.parse(order.createdAt)) / 1_000
  assert.equal(heldSeconds, app.config.RESERVATION_SECONDS)
  assert.equal(await stockOf(productId), 3)
})

test('a request without an Idempotency-Key is refused', async () => {
  const product = await aProduct(seller)
  const answer = await buyer.post('/orders', { productId: product.id, quantity: 1 })
  assert.deepEqual([answer.status, answer.body.code], [400, 'idempotency_key_missing'])
})

test('the same request again answers the same order, another payload under its key is refused', async () => {
  const product = await aProduct(seller, { stock: 5 })
  const key = newKey()
  const first = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key)
  const again = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key)
  assert.deepEqual(again, first)
  const other = await buyer.expect(422, 'POST', '/orders', { productId: product.id, quantity: 2 }, key)
  assert.equal(other.code, 'idempotency_key_reused')
  assert.equal(await stockOf(product.id), 4)
})

test('another buyer’s equal key makes another order', async () => {
  const product = await aProduct(seller, { stock: 5 })
  const key = newKey()
  const mine = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key)
  const theirs = await stranger.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, key)
  assert.notEqual(mine.id, theirs.id)
})

test('a request sent while the same is worked on is refused as in flight, and then has the one order', async () => {
  const product = await aProduct(seller, { stock: 5 })
  const key = newKey()
  const body = { productId: product.id, quantity: 1 }
  const answers = await Promise.all(Array.from({ length: 5 }, () => buyer.post('/orders', body, key)))
  const refused = answers.filter(({ status }) => status === 409)
  assert.ok(refused.every((answer) => answer.body.code === 'request_in_flight' && answer.headers.has('retry-after')))
  assert.ok(answers.every(({ status }) => status === 201 || status === 409))
  await buyer.expect(201, 'POST', '/orders', body, key)
  assert.equal(await stockOf(product.id), 4)
})

test('a sold-out product is a conflict with its code', async () => {
  const product = await aProduct(seller, { stock: 1 })
  await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, newKey())
  const refused = await stranger.expect(409, 'POST', '/orders', { productId: product.id, quantity: 1 }, newKey())
  assert.equal(refused.code, 'sold_out')
})

test('bad orders are refused with what is wrong', async () => {
  const { productId } = await anOrder()
  for (const body of [
    {},
    { productId },
    { productId, quantity: 0 },
    { productId, quantity: '1' },
    { productId, quantity: 1, price: 1 },
  ]) {
    const refused = await buyer.expect(400, 'POST', '/orders', body, newKey())
    assert.equal(refused.code, 'invalid_request')
  }
  await buyer.expect(404, 'POST', '/orders', { productId: 'prd_unknown', quantity: 1 }, newKey())
  await app.anonymous.expect(401, 'POST', '/orders', { productId, quantity: 1 }, newKey())
})

test('orders are listed newest first, page by page, to their buyer only', async () => {
  const someone = await signedIn(app.url)
  const product = await aProduct(seller, { stock: 9 })
  const made: string[] = []
  for (let n = 0; n < 3; n += 1) {
    const order = await someone.expect(201, 'POST', '/orders', { productId: product.id, quantity: 1 }, newKey())
    made.unshift(order.id)
  }
  const first = await someone.expect(200, 'GET', '/orders?limit=2')
  const second = await someone.expect(200, 'GET', `/orders?limit=2&cursor=${first.nextCursor}`)
  assert.deepEqual(
    [...first.items, ...second.items].map(({ id }) => id),
    made,
  )
  assert.equal(second.nextCursor, null)
  await stranger.expect(404, 'GET', `/orders/${made[0]}`)
  await stranger.expect(404, 'POST', `/orders/${made[0]}/cancel`)
})

test('a cancelled order returns its units once, however often it is cancelled', async () => {
  const { orderId, productId } = await anOrder(5, 2)
  const answers = await Promise.all([1, 2, 3].map(() => buyer.expect(200, 'POST', `/orders/${orderId}/cancel`)))
  assert.ok(answers.every(({ state, expiresAt }) => state === 'RELEASED' && expiresAt === null))
  assert.equal(await stockOf(productId), 5)
})

test('authorised and captured: the order is claimed, cannot be cancelled, and ends paid', async () => {
  const { orderId } = await anOrder()
  const paymentId = `pay_${randomUUID()}`
  assert.equal(await deliver({ type: 'payment.authorized', data: { paymentId, orderId, amount } }), 204)
  assert.deepEqual(await toldAbout(orderId), [{ type: 'order.claimed', data: { orderId, paymentId } }])
  const refused = await buyer.expect(409, 'POST', `/orders/${orderId}/cancel`)
  assert.equal(refused.code, 'order_not_cancellable')
  const capturedAt = new Date().toISOString()
  assert.equal(await deliver({ type: 'payment.captured', data: { paymentId, orderId, amount, capturedAt } }), 204)
  assert.equal(await stateOf(orderId), 'PAID')
  const again: ServiceEvent = { type: 'payment.captured', data: { paymentId, orderId, amount, capturedAt } }
  assert.equal(await deliver(again), 204) // told again under another id
  assert.equal(await stateOf(orderId), 'PAID')
})

test('an event delivered twice has its effect once', async () => {
  const { orderId } = await anOrder()
  const event: ServiceEvent = { type: 'payment.authorized', data: { paymentId: 'pay_twice', orderId, amount } }
  await Promise.all([deliver(event, 'evt_same'), deliver(event, 'evt_same'), deliver(event, 'evt_same')])
  assert.equal((await toldAbout(orderId)).length, 1)
})

test('a declined payment keeps the reservation to its expiry, and another card may pay', async () => {
  const { orderId, productId, order } = await anOrder(5, 2)
  const declined = { paymentId: 'pay_declined', orderId, reason: 'incorrect_cvc', release: false }
  await deliver({ type: 'payment.authorized', data: { paymentId: 'pay_declined', orderId, amount: order.total } })
  await deliver({ type: 'payment.failed', data: declined })
  const kept = await buyer.expect(200, 'GET', `/orders/${orderId}`)
  assert.deepEqual([kept.state, kept.expiresAt], ['RESERVED', order.expiresAt])
  assert.equal(await stockOf(productId), 3)
  await deliver({ type: 'payment.authorized', data: { paymentId: 'pay_next', orderId, amount: order.total } })
  assert.equal((await toldAbout(orderId)).at(-1)?.type, 'order.claimed')
})

test('endings that are told together are taken together, and what came before has no second effect', async () => {
  const orders = [await anOrder(), await anOrder()]
  for (const { orderId } of orders) {
    const claim = { paymentId: `pay_${orderId}`, buyerId: buyer.id, replaces: null }
    for (let n = 0; n < 2; n += 1) {
      const { body } = await post(`orders/${orderId}/claims`, claim)
      assert.deepEqual([body.claim, body.order.sellerId, body.order.total], ['CLAIMED', seller.id, amount])
    }
    const other = await post(`orders/${orderId}/claims`, { ...claim, paymentId: 'pay_other' })
    assert.deepEqual(other.body, { claim: 'REFUSED', reason: 'claimed_by_another_payment' })
  }
  const events = orders.map(({ orderId }) => {
    const settled = {
      paymentId: `pay_${orderId}`,
      orderId,
      outcome: 'paid',
      amount,
      settledAt: new Date().toISOString(),
    }
    return {
      id: `evt_${orderId}`,
      occurredAt: new Date().toISOString(),
      event: { type: 'payment.settled', data: settled },
    }
  })
  assert.equal((await post('events', events[0] ?? {})).status, 204)
  for (let n = 0; n < 2; n += 1) {
    assert.equal((await post('event-batches', { events })).status, 204)
    for (const { orderId } of orders) assert.equal(await stateOf(orderId), 'PAID')
  }
})

test('claims and endings that come together: each has its own answer, and an odd one spoils no other', async () => {
  const [first, second, cancelled] = [await anOrder(), await anOrder(), await anOrder()]
  await buyer.expect(200, 'POST', `/orders/${cancelled.orderId}/cancel`)
  const claimOf = ({ orderId }: { orderId: string }, buyerId = buyer.id) => ({
    orderId,
    paymentId: `pay_${orderId}`,
    buyerId,
    replaces: null,
  })
  const claims = [claimOf(second), claimOf(cancelled), claimOf(first), claimOf(first, stranger.id)]
  const { body } = await post('claims', { claims })
  assert.deepEqual(
    body.answers.map((answer: { order?: { id: string }; reason?: string }) => answer.order?.id ?? answer.reason),
    [second.orderId, 'order_released', first.orderId, 'no_such_order'],
  )
  const events = [first, second].map(({ orderId }, n) => ({
    id: `evt_together_${orderId}`,
    occurredAt: new Date().toISOString(),
    event: {
      type: 'payment.settled',
      data: {
        paymentId: `pay_${orderId}`,
        orderId,
        outcome: 'paid',
        amount: { ...amount, amount: amount.amount + n }, // of the second another amount than it costs
        settledAt: new Date().toISOString(),
      },
    },
  }))
  assert.equal((await post('event-batches', { events })).status, 204)
  assert.deepEqual([await stateOf(first.orderId), await stateOf(second.orderId)], ['PAID', 'RESERVED'])
})

test('a payment that failed once too often releases the order and returns its units', async () => {
  const { orderId, productId } = await anOrder(5, 2)
  const data = { paymentId: 'pay_declined', orderId, reason: 'declined', release: true }
  await deliver({ type: 'payment.failed', data })
  assert.equal(await stateOf(orderId), 'RELEASED')
  assert.equal(await stockOf(productId), 5)
})

test('an event of a type that only newer versions know is noted and skipped, and those behind it are taken', async () => {
  const { orderId } = await anOrder()
  const strange = { type: 'payment.disputed', data: { orderId, paymentId: 'pay_1' } } as unknown as ServiceEvent
  assert.equal(await deliver(strange, 'evt_strange'), 204)
  assert.deepEqual((await app.db('inbox').where('event_id', 'evt_strange')).length, 1)
  assert.equal(await deliver({ type: 'payment.authorized', data: {} } as unknown as ServiceEvent, 'evt_bad'), 400)
})

test('the claim is refused for a released order, another amount, a second payment and an order that is none', async () => {
  const released = (await anOrder()).orderId
  await buyer.expect(200, 'POST', `/orders/${released}/cancel`)
  const dear = (await anOrder()).orderId
  const twice = (await anOrder()).orderId
  const authorise = (orderId: string, paymentId: string, won = 12_900) =>
    deliver({ type: 'payment.authorized', data: { paymentId, orderId, amount: { amount: won, currency: 'KRW' } } })
  await authorise(released, 'pay_late')
  await authorise(dear, 'pay_less', 100)
  await authorise(twice, 'pay_first')
  await authorise(twice, 'pay_second')
  await authorise('o_none', 'pay_stray')
  const reasons = await Promise.all(
    [released, dear, twice, 'o_none'].map(async (orderId) => (await toldAbout(orderId)).at(-1)?.data),
  )
  assert.deepEqual(
    reasons.map((data) => data && 'reason' in data && data.reason),
    ['order_released', 'amount_differs', 'claimed_by_another_payment', 'no_such_order'],
  )
})

test('the failure of another payment does not take a claimed order away', async () => {
  const { orderId, productId } = await anOrder(5)
  await deliver({ type: 'payment.authorized', data: { paymentId: 'pay_good', orderId, amount } })
  await deliver({ type: 'payment.failed', data: { paymentId: 'pay_bad', orderId, reason: 'declined', release: true } })
  assert.equal(await stateOf(orderId), 'RESERVED')
  assert.equal(await stockOf(productId), 4)
})

for (const restock of [true, false]) {
  test(`a full refund ${restock ? 'returns' : 'with restock: false keeps back'} the units`, async () => {
    const { orderId, productId } = await anOrder(5)
    const paymentId = `pay_refund_${restock}`
    const won = (value: number) => ({ amount: value, currency: 'KRW' })
    await deliver({ type: 'payment.authorized', data: { paymentId, orderId, amount } })
    await deliver({
      type: 'payment.captured',
      data: { paymentId, orderId, amount, capturedAt: new Date().toISOString() },
    })
    const refunded = (back: number, left: number): ServiceEvent => ({
      type: 'payment.refunded',
      data: { paymentId, orderId, refunded: won(back), remaining: won(left), restock },
    })
    await deliver(refunded(900, 12_000))
    assert.equal(await stateOf(orderId), 'PARTIALLY_REFUNDED')
    await deliver(refunded(12_000, 0))
    await deliver(refunded(12_000, 0)) // told again under another id
    assert.equal(await stateOf(orderId), 'REFUNDED')
    assert.equal(await stockOf(productId), restock ? 5 : 4)
  })
}

test('payment reads an order with a signature, and nobody does without', async () => {
  const { orderId } = await anOrder()
  const url = `${app.url}/internal/orders/${orderId}`
  const answer = await signedFetch({ serviceToken, method: 'GET', url, timeoutMs: 60_000 })
  const order = internalOrderShape.parse(await answer.json())
  assert.deepEqual([order.id, order.buyerId, order.sellerId, order.total], [orderId, buyer.id, seller.id, amount])
  assert.equal((await fetch(url)).status, 401)
  const forged = await signedFetch({ serviceToken: 'not the secret', method: 'GET', url, timeoutMs: 60_000 })
  assert.equal(forged.status, 401)
  assert.equal((await fetch(`${app.url}/internal/events`, { method: 'POST', body: '{}' })).status, 401)
})

test('after all of that the books are right', async () => {
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})
