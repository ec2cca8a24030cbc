import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Stripe } from 'stripe'
import { declineReasons } from '@mytaek1/contracts/decline-reasons.ts'
import { patienceMs, answering, type Answer } from '../../testing/answers.ts'
import type { Outcome } from '../payment-gateway.ts'
import { stripeDeclines } from './codes.ts'
import { stripeGateway } from './stripe.ts'

const webhookSecret = 'whsec_test'
const until = new Date(Date.now() + 3_600_000)
const usd = { amount: 2_000, currency: 'USD' }
const request = { paymentId: 'pay_1', amount: usd, method: 'card', returnUrl: 'https://shop.example/r', until } as const

/** As the public reference shows them, with what we do not read. */
const intent = (over: object = {}) => ({
  id: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
  object: 'payment_intent',
  amount: 2_000,
  amount_capturable: 0,
  amount_received: 2_000,
  cancellation_reason: null,
  capture_method: 'manual',
  currency: 'usd',
  latest_charge: { id: 'ch_1', object: 'charge', amount_refunded: 500 },
  livemode: false,
  metadata: { payment_id: 'pay_1' },
  status: 'succeeded',
  ...over,
})
const held = intent({ status: 'requires_capture', amount_capturable: 2_000, amount_received: 0 })
const session = (over: object = {}) => ({
  id: 'cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u',
  object: 'checkout.session',
  client_reference_id: 'pay_1',
  mode: 'payment',
  payment_intent: held,
  payment_status: 'unpaid',
  status: 'complete',
  url: 'https://checkout.stripe.com/c/pay/cs_test_a11',
  ...over,
})
const refused = (status: number, error: object): Answer => [status, { error: { message: 'x', ...error } }]
const cs = { paymentId: 'pay_1', reference: session().id }

async function stripe(t: TestContext, answers: Answer[]) {
  const { url, asked } = await answering(t, answers)
  return {
    asked,
    gateway: stripeGateway({
      name: 'stripe',
      url,
      secretKey: 'sk_test_x',
      webhookSecret,
      timeoutMs: patienceMs(answers),
    }),
  }
}

test('a window authorises and does not charge, is the same when asked again, and leads back', async (t) => {
  const { gateway, asked } = await stripe(t, [[200, session({ status: 'open' })]])
  const next = { kind: 'redirect', url: session().url }
  assert.deepEqual(await gateway.begin(request), { kind: 'opened', next, reference: session().id })
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 90_000 }) // Stripe refuses a key that comes with other words
  await gateway.begin(request)
  t.mock.timers.reset()
  const [first, second] = asked
  assert.deepEqual(first?.body, second?.body)
  assert.equal(first?.headers['idempotency-key'], 'pay_1:begin')
  const body = first?.body as Record<string, string>
  const opensMs = Number(body['expires_at']) * 1_000 - until.getTime()
  assert.ok(opensMs >= 30 * 60_000, 'as long as Stripe wants it, whenever it is asked')
  assert.equal(body['payment_intent_data[capture_method]'], 'manual')
  assert.equal(body['line_items[0][price_data][unit_amount]'], '2000')
  assert.equal(body['client_reference_id'], 'pay_1')
  assert.equal(body['success_url'], 'https://shop.example/r?session={CHECKOUT_SESSION_ID}')
  const back = gateway.readReturn(new URLSearchParams({ session: 'cs_1' }))
  assert.deepEqual(back, { kind: 'authenticated', instrument: 'cs_1', amount: undefined })
  assert.deepEqual(gateway.readReturn(new URLSearchParams({ left: '1' })), { kind: 'failed', reason: 'buyer_left' })
})

const states: [answer: Answer, outcome: Outcome['status']][] = [
  [[200, session()], 'HELD'],
  [[200, session({ payment_intent: intent() })], 'PAID'],
  [[200, session({ payment_intent: intent({ status: 'processing' }) })], 'PENDING'],
  [
    [200, session({ payment_intent: intent({ status: 'canceled', cancellation_reason: 'requested_by_customer' }) })],
    'DECLINED',
  ],
  [[200, session({ payment_intent: intent({ status: 'canceled', cancellation_reason: 'automatic' }) })], 'EXPIRED'],
  [[200, session({ status: 'open', payment_intent: null })], 'PENDING'],
  [[200, session({ status: 'expired', payment_intent: null })], 'EXPIRED'],
  [[200, session({ client_reference_id: 'pay_2' })], 'UNCLEAR'],
  [refused(404, { type: 'invalid_request_error', code: 'resource_missing' }), 'NOT_FOUND'],
  [refused(401, { type: 'invalid_request_error' }), 'UNCLEAR'],
  [refused(500, { type: 'api_error' }), 'UNCLEAR'],
  [refused(429, { type: 'invalid_request_error', code: 'rate_limit' }), 'UNCLEAR'],
  [[200, 'not JSON'], 'UNCLEAR'],
  ['drop', 'UNCLEAR'],
]
for (const [answer, status] of states) {
  test(`what it says as ${JSON.stringify(answer).slice(0, 50)}… is ${status}`, async (t) => {
    const { gateway } = await stripe(t, [answer])
    assert.equal((await gateway.find(cs)).status, status)
  })
}

test('without a session nobody was led anywhere; money that is taken is told with what went back of it', async (t) => {
  const { gateway, asked } = await stripe(t, [[200, intent()]])
  assert.deepEqual(await gateway.find({ paymentId: 'pay_1', reference: null }), { status: 'NOT_FOUND' })
  assert.equal(asked.length, 0)
  const paid = await gateway.find({ paymentId: 'pay_1', reference: intent().id })
  assert.deepEqual(paid, { status: 'PAID', reference: intent().id, amount: 2_000, currency: 'USD', refunded: 500 })
})

const instrument = { kind: 'hosted', value: session().id } as const
const approval = { paymentId: 'pay_1', instrument, amount: usd, chargeBy: until }

test('an approval captures what is held, once; of another amount, or of another payment, it captures nothing', async (t) => {
  const { gateway, asked } = await stripe(t, [
    [200, session()],
    [200, intent()],
  ])
  assert.equal((await gateway.approve(approval)).status, 'PAID')
  assert.match(asked[1]?.path ?? '', /^\/v1\/payment_intents\/pi_\w+\/capture/)
  assert.equal(asked[1]?.headers['idempotency-key'], 'pay_1:approve')
  const other = await stripe(t, [[200, session({ payment_intent: { ...held, amount_capturable: 1 } })]])
  assert.equal((await other.gateway.approve(approval)).status, 'UNCLEAR')
  const foreign = await stripe(t, [[200, session({ client_reference_id: 'pay_2' })]])
  assert.equal((await foreign.gateway.approve(approval)).status, 'UNCLEAR')
  assert.deepEqual([other.asked.length, foreign.asked.length], [1, 1])
})

test('a capture that the bank refuses is a decline with our reason', async (t) => {
  const no = refused(402, { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' })
  const { gateway } = await stripe(t, [[200, session()], no])
  const outcome = await gateway.approve(approval)
  assert.deepEqual(outcome, { status: 'DECLINED', reason: 'insufficient_funds', code: 'insufficient_funds' })
})

test('who leaves: an open session is ended, a hold is let go, money that is taken stays', async (t) => {
  const open = await stripe(t, [
    [200, session({ status: 'open', payment_intent: null })],
    [200, session({ status: 'expired' })],
  ])
  assert.equal((await open.gateway.leave(cs)).status, 'EXPIRED')
  assert.match(open.asked[1]?.path ?? '', /\/expire$/)
  const canceled = intent({ status: 'canceled', cancellation_reason: 'abandoned' })
  const authorised = await stripe(t, [
    [200, session()],
    [200, canceled],
    [200, session({ payment_intent: canceled })],
  ])
  assert.equal((await authorised.gateway.leave(cs)).status, 'DECLINED')
  assert.match(authorised.asked[1]?.path ?? '', /\/cancel$/)
  const paid = await stripe(t, [[200, session({ payment_intent: intent() })]])
  assert.equal((await paid.gateway.leave(cs)).status, 'PAID')
  assert.equal(paid.asked.length, 1)
})

const refund = {
  paymentId: 'pay_1',
  reference: 'pi_1',
  amount: { amount: 500, currency: 'USD' },
  key: 'ref_1',
  reason: 'x',
}
const made = (status: string, key = 'ref_1') => ({
  id: 're_1',
  object: 'refund',
  amount: 500,
  status,
  metadata: { key },
})
const list = (...data: object[]): Answer => [200, { object: 'list', data, has_more: false }]

test('a refund is made once a key, whatever its age: one that was made is found', async (t) => {
  const { gateway, asked } = await stripe(t, [list(made('succeeded', 'ref_0')), [200, made('succeeded')]])
  assert.deepEqual(await gateway.refund(refund), { status: 'REFUNDED', amount: 500 })
  assert.equal(asked[1]?.headers['idempotency-key'], 'ref_1')
  const again = await stripe(t, [list(made('succeeded'))])
  assert.deepEqual(await again.gateway.refund(refund), { status: 'REFUNDED', amount: 500 })
  assert.equal(again.asked.length, 1)
})

const refunds: [answers: Answer[], status: string][] = [
  [[list(made('pending'))], 'LATER'],
  [[list(made('failed'))], 'REFUSED'],
  [[list(), refused(400, { type: 'invalid_request_error', code: 'charge_already_refunded' })], 'REFUSED'],
  [[list(), refused(429, { type: 'invalid_request_error', code: 'lock_timeout' })], 'LATER'],
  [[list(), refused(500, { type: 'api_error' })], 'UNCLEAR'],
  [[list(), 'drop'], 'UNCLEAR'],
]
for (const [answers, status] of refunds) {
  test(`a refund of which it says ${JSON.stringify(answers.at(-1)).slice(0, 60)} is ${status}`, async (t) => {
    const { gateway } = await stripe(t, answers)
    assert.equal((await gateway.refund(refund)).status, status)
  })
}

test('a webhook is read only if Stripe signed these bytes, and is a hint', async (t) => {
  const { gateway } = await stripe(t, ['drop'])
  const payload = JSON.stringify({ object: 'event', type: 'payment_intent.succeeded', data: { object: intent() } })
  const signed = (secret: string) => ({
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }),
  })
  assert.deepEqual(await gateway.parseWebhook(signed(webhookSecret), payload), { changed: ['pay_1'] })
  assert.equal(await gateway.parseWebhook(signed('whsec_other'), payload), 'forged')
  assert.equal(await gateway.parseWebhook(signed(webhookSecret), payload.replace('pay_1', 'pay_2')), 'forged')
  assert.equal(await gateway.parseWebhook({}, payload), 'forged')
})

test('a day’s settlement is its charges, and what went back, with fee and payout, in both currencies', async (t) => {
  const line = (id: string, amount: number) => ({
    id: `txn_${id}`,
    object: 'balance_transaction',
    amount,
    fee: 59,
    net: amount - 59,
    currency: 'eur',
    source: { id: 'ch', object: 'charge', payment_intent: id, amount_captured: amount + 100, currency: 'usd' },
  })
  const refunded = { id: 're', object: 'refund', payment_intent: 'pi_1', amount: 550, currency: 'usd' }
  const back = {
    id: 'txn_3',
    object: 'balance_transaction',
    amount: -500,
    fee: 0,
    net: -500,
    currency: 'eur',
    source: refunded,
  }
  const { gateway, asked } = await stripe(t, [list(back, line('pi_2', 300), line('pi_1', 2_000))])
  const both = { currency: 'USD', payoutCurrency: 'EUR' }
  const lines: unknown[] = []
  for await (const each of gateway.settlements('2026-11-29')) lines.push(each)
  assert.deepEqual(lines, [
    { reference: 'pi_1', amount: -550, gross: -500, fee: 0, payout: -500, ...both },
    { reference: 'pi_2', amount: 400, gross: 300, fee: 59, payout: 241, ...both },
    { reference: 'pi_1', amount: 2_100, gross: 2_000, fee: 59, payout: 1_941, ...both },
  ])
  const query = new URL(asked[0]?.path ?? '', 'http://x').searchParams
  assert.deepEqual([query.get('created[gte]'), query.get('created[lt]')], ['1795910400', '1795996800'])
})

test('every documented decline has a reason, with a text in both languages', () => {
  assert.ok(stripeDeclines.size >= 45, `${stripeDeclines.size} codes`)
  for (const reason of stripeDeclines.values()) {
    for (const said of Object.values(declineReasons[reason])) assert.ok(said.length > 3)
  }
})
