import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPaymentWorld } from './testing/payment-world.ts'

const good = '4242424242424242'

test('a payment is accepted at once, then captured after commerce claims the reservation', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const accepted = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken(good) },
    key('k1'),
  )
  assert.equal(accepted.status, 202)
  assert.equal(accepted.body.state, 'REQUESTED')
  const captured = await world.settled(String(accepted.body.id), 'CAPTURED')
  assert.deepEqual(captured.card, { brand: 'visa', last4: '4242' })
  assert.deepEqual((await world.told('payment.captured')).data.orderId, 'o1')
  assert.deepEqual(await world.networkTotals(), { CAPTURED: { count: 1, amount: 12_900, refunded: 0 } })
})

test('a declined card fails the payment, takes no money, and frees the order for another card', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const first = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken('4000000000009995') },
    key('k1'),
  )
  const declined = await world.settled(String(first.body.id), 'DECLINED')
  assert.equal(declined.failureReason, 'insufficient_funds')
  const told = await world.told('payment.failed')
  const reason = 'insufficient_funds'
  assert.deepEqual(told.data, { paymentId: first.body.id, orderId: 'o1', reason, release: false })
  const second = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken(good) },
    key('k2'),
  )
  assert.equal(second.status, 202)
})

test('the same request sent ten times at once is one payment and one capture', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const body = { orderId: 'o1', cardToken: await world.cardToken(good) }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => world.call('ann', 'POST', '/payments', body, key('k1'))),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  const ids = new Set(answers.map((answer) => String(answer.body.id)))
  assert.equal(ids.size, 1)
  await world.settled([...ids][0] ?? '', 'CAPTURED')
  assert.deepEqual(await world.networkTotals(), { CAPTURED: { count: 1, amount: 12_900, refunded: 0 } })
})

test('two payments with different keys race for one order: one is accepted, one is refused', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const tokens = [await world.cardToken(good), await world.cardToken(good)]
  const answers = await Promise.all(
    tokens.map((cardToken, index) =>
      world.call('ann', 'POST', '/payments', { orderId: 'o1', cardToken }, key(`k${index}`)),
    ),
  )
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [202, 409],
  )
  assert.equal(answers.find(({ status }) => status === 409)?.body.code, 'payment_exists')
})

test('an authorisation whose answer was lost becomes UNKNOWN and is then captured once, not charged again', async (t) => {
  const world = await startPaymentWorld(t, { gatewayTimeoutMs: 200 })
  world.addOrder('o1')
  const accepted = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken('4000000000000341') },
    key('k1'),
  )
  await world.settled(String(accepted.body.id), 'UNKNOWN')
  await world.settled(String(accepted.body.id), 'CAPTURED')
  assert.deepEqual(await world.networkTotals(), { CAPTURED: { count: 1, amount: 12_900, refunded: 0 } })
})

test('an authorisation that the network never saw ends DECLINED after asking, with no money taken', async (t) => {
  const world = await startPaymentWorld(t, { gatewayTimeoutMs: 200 })
  world.addOrder('o1')
  const accepted = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken('4000000000000259') },
    key('k1'),
  )
  const ended = await world.settled(String(accepted.body.id), 'DECLINED')
  assert.equal(ended.failureReason, 'not_processed')
  assert.equal((await world.networkTotals()).CAPTURED, undefined)
})

test('a hold is voided when the reservation was gone before commerce could claim it', async (t) => {
  const world = await startPaymentWorld(t, { claims: false })
  world.addOrder('o1')
  const accepted = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken(good) },
    key('k1'),
  )
  const ended = await world.settled(String(accepted.body.id), 'CANCELED')
  assert.equal(ended.failureReason, 'reservation_gone')
  assert.deepEqual(await world.networkTotals(), { VOIDED: { count: 1, amount: 12_900, refunded: 0 } })
})

test('refunds never exceed the payment, are repeated safely, and only the seller or an admin may make them', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const accepted = await world.call(
    'ann',
    'POST',
    '/payments',
    { orderId: 'o1', cardToken: await world.cardToken(good) },
    key('k1'),
  )
  const path = `/payments/${String(accepted.body.id)}/refunds`
  await world.settled(String(accepted.body.id), 'CAPTURED')
  assert.equal((await world.call('ann', 'POST', path, {}, key('r0'))).status, 404)
  const part = { amount: { amount: 9_000, currency: 'KRW' } }
  assert.equal((await world.call('sel', 'POST', path, part, key('r1'))).status, 202)
  assert.equal((await world.call('sel', 'POST', path, part, key('r1'))).status, 202)
  const tooMuch = await world.call('sel', 'POST', path, part, key('r2'))
  assert.deepEqual([tooMuch.status, tooMuch.body.code], [409, 'not_refundable'])
  assert.equal((await world.call('root', 'POST', path, {}, key('r3'))).status, 202)
  await world.settled(String(accepted.body.id), 'REFUNDED')
  assert.deepEqual(await world.networkTotals(), { CAPTURED: { count: 1, amount: 12_900, refunded: 12_900 } })
})

test('requests that may not pay are refused, each with its code', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('mine')
  world.addOrder('other', { buyerId: 'bo' })
  world.addOrder('paid', { state: 'PAID' })
  world.addOrder('late', { expiresAt: new Date(Date.now() - 1_000).toISOString() })
  const cardToken = await world.cardToken(good)
  const pay = (orderId: string, token = cardToken, headers: Record<string, string> = key(`k-${orderId}`)) =>
    world.call('ann', 'POST', '/payments', { orderId, cardToken: token }, headers)
  const refusals: [string, Awaited<ReturnType<typeof pay>>, number, string][] = [
    ['no key', await pay('mine', cardToken, {}), 400, 'invalid_request'],
    ['no such order', await pay('none'), 404, 'not_found'],
    ['another buyer’s order', await pay('other'), 404, 'not_found'],
    ['a paid order', await pay('paid'), 409, 'order_not_payable'],
    ['a reservation that ran out', await pay('late'), 409, 'order_not_payable'],
    ['another account’s token', await pay('mine', await world.cardToken(good, 'bo')), 400, 'card_token_invalid'],
  ]
  for (const [name, answer, status, code] of refusals)
    assert.deepEqual([answer.status, answer.body.code], [status, code], name)
  assert.equal((await pay('mine')).status, 202)
  world.addOrder('second')
  const reused = await pay('second')
  assert.deepEqual([reused.status, reused.body.code], [409, 'card_token_used'])
  const otherPayload = await pay('second', cardToken, key('k-mine'))
  assert.deepEqual([otherPayload.status, otherPayload.body.code], [422, 'idempotency_key_reused'])
})

test('who signed out is refused within seconds, although the access token has not expired; others are not', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const cardToken = await world.cardToken(good)
  world.signOut('ann')
  const deadline = Date.now() + 20_000
  for (;;) {
    const { status, body } = await world.call('ann', 'GET', '/payments/pay_none')
    if (status === 401) {
      assert.equal(body.code, 'unauthenticated')
      break
    }
    assert.equal(status, 404)
    assert.ok(Date.now() < deadline, 'a signed-out account was served for 20 s')
    await new Promise((resolve) => setTimeout(resolve, 100)) // the service has no event to await, it polls too
  }
  const refused = await world.call('ann', 'POST', '/payments', { orderId: 'o1', cardToken }, key('k1'))
  assert.equal(refused.status, 401)
  assert.equal((await world.call('bo', 'GET', '/payments/pay_none')).status, 404)
})

test('an id that can be none, such as one beyond ASCII, is a bad request', async (t) => {
  const world = await startPaymentWorld(t)
  const none = encodeURIComponent('zahlung-ä')
  const answers = [
    await world.call('ann', 'GET', `/payments/${none}`),
    await world.call('ann', 'POST', `/payments/${none}/refunds`, {}, key('r1')),
    await world.call('ann', 'POST', '/payments', { orderId: 'ä', cardToken: 'none' }, key('k1')),
    await world.call('ann', 'POST', '/webhooks/simulator', { key: 'ä:auth' }),
  ]
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code]),
    answers.map(() => [400, 'invalid_request']),
  )
})

test('no card number, security code or token reaches the database, the events or the logs', async (t) => {
  const world = await startPaymentWorld(t)
  world.addOrder('o1')
  const cardToken = await world.cardToken('5555555555554444')
  const accepted = await world.call('ann', 'POST', '/payments', { orderId: 'o1', cardToken }, key('k1'))
  await world.settled(String(accepted.body.id), 'CAPTURED')
  await world.call('ann', 'POST', '/card-tokens', {
    number: '5555555555554441',
    expiryMonth: 1,
    expiryYear: 2040,
    cvc: '737',
  })
  const tables = ['payments', 'used_card_tokens', 'outbox', 'inbox', 'simulator_authorizations']
  const stored = JSON.stringify(await Promise.all(tables.map((table) => world.db(table).select())))
  for (const secret of ['5555555555554444', '5555555555554441', '"737"', cardToken]) {
    assert.equal(stored.includes(secret), false)
    assert.equal(world.logged.join('').includes(secret), false)
    assert.equal(JSON.stringify(world.events).includes(secret), false)
  }
})

const key = (value: string) => ({ 'idempotency-key': value })
