import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { declineReasons } from '@mytaek1/contracts/decline-reasons.ts'
import { patienceMs, answering, type Answer } from '../../testing/answers.ts'
import type { Outcome } from '../payment-gateway.ts'
import { tossCodes } from '../toss/codes.ts'
import { portoneErrors, reasonOf } from './codes.ts'
import { portoneGateway } from './portone.ts'

const key = Buffer.from('a key of tests, of 32 characters')
const won = { amount: 15_000, currency: 'KRW' }
const known = { paymentId: 'pay_1', reference: null }

/** As the public reference shows it, with what we do not read. */
const payment = (status: string, over: object = {}) => ({
  status,
  id: 'pay_1',
  transactionId: '018f3b9c-5a2e-7cc3-8c5b-0f0b7b1b9f11',
  merchantId: 'merchant-1',
  storeId: 'store-1',
  version: 'V2',
  orderName: 'pay_1',
  amount: {
    total: 15_000,
    taxFree: 0,
    vat: 1_364,
    supply: 13_636,
    discount: 0,
    paid: 15_000,
    cancelled: 0,
    cancelledTaxFree: 0,
  },
  currency: 'KRW',
  customer: {},
  ...over,
})
const refused = (status: number, type: string): Answer => [status, { type, message: 'x' }]
const partly = payment('PARTIAL_CANCELLED', { amount: { ...payment('PAID').amount, cancelled: 5_000 } })

async function portone(t: TestContext, answers: Answer[]) {
  const { url, asked } = await answering(t, answers)
  const gateway = portoneGateway({
    name: 'portone',
    url,
    secretKey: 'secret',
    webhookSecret: `whsec_${key.toString('base64')}`,
    storeId: 'store-1',
    channelKey: 'channel-1',
    confirmUrl: 'https://shop.example/api/payment/v1/webhooks/portone',
    timeoutMs: patienceMs(answers),
  })
  return { asked, gateway }
}

test('a window: the amount is registered before it opens, and the browser is told nothing that is secret', async (t) => {
  const { gateway, asked } = await portone(t, [[200, {}]])
  const until = new Date(Date.now() + 600_000)
  const opened = await gateway.begin({
    paymentId: 'pay_1',
    amount: won,
    method: 'easy_pay',
    returnUrl: 'https://shop.example/r',
    until,
  })
  assert.match(asked[0]?.path ?? '', /^\/payments\/pay_1\/pre-register/)
  const registered = asked[0]?.body as Record<string, unknown>
  assert.deepEqual([registered['totalAmount'], registered['currency']], [15_000, 'KRW'])
  assert.ok(opened.kind === 'opened' && opened.next.kind === 'sdk')
  assert.equal(JSON.stringify(opened).includes('"secret"'), false)
  const { payMethod, totalAmount, redirectUrl, channelKey } = opened.next.parameters
  assert.deepEqual(
    [payMethod, totalAmount, redirectUrl, channelKey],
    ['EASY_PAY', 15_000, 'https://shop.example/r', 'channel-1'],
  )
})

test('the way back: a token to confirm, a transaction that was confirmed by the hook, or why not', async (t) => {
  const { gateway } = await portone(t, ['drop'])
  const read = (query: Record<string, string>) => gateway.readReturn(new URLSearchParams(query))
  const came = { transactionType: 'PAYMENT', paymentId: 'pay_1', txId: 'tx_1' }
  assert.deepEqual(read({ ...came, paymentToken: 'tok' }), {
    kind: 'authenticated',
    instrument: 'token:tok',
    amount: undefined,
  })
  assert.deepEqual(read(came), { kind: 'authenticated', instrument: 'tx_1', amount: undefined })
  const failed = { ...came, code: 'FAILURE_TYPE_PG', message: 'Call 010-0000-0000' }
  assert.deepEqual(read({ ...failed, pgCode: 'PAY_PROCESS_CANCELED' }), { kind: 'failed', reason: 'buyer_left' })
  assert.deepEqual(read({ ...failed, pgCode: 'INVALID_CARD_EXPIRATION' }), { kind: 'failed', reason: 'expired_card' })
  assert.deepEqual(read(failed), { kind: 'failed', reason: 'card_declined' })
})

const states: [answer: Answer, outcome: Outcome['status']][] = [
  [[200, payment('PAID')], 'PAID'],
  [[200, partly], 'PAID'],
  [[200, payment('READY')], 'PENDING'],
  [[200, payment('PAY_PENDING')], 'UNCLEAR'],
  [[200, payment('VIRTUAL_ACCOUNT_ISSUED')], 'WAITING_DEPOSIT'],
  [[200, payment('FAILED', { failure: { pgCode: 'REJECT_CARD_COMPANY' } })], 'DECLINED'],
  [refused(404, 'PAYMENT_NOT_FOUND'), 'NOT_FOUND'],
  [refused(401, 'UNAUTHORIZED'), 'UNCLEAR'],
  [refused(502, 'PG_PROVIDER'), 'UNCLEAR'],
  [[500, 'not JSON'], 'UNCLEAR'],
  ['drop', 'UNCLEAR'],
]
for (const [answer, status] of states) {
  test(`what it says as ${JSON.stringify(answer).slice(0, 40)}… is ${status}`, async (t) => {
    const { gateway } = await portone(t, [answer])
    assert.equal((await gateway.find(known)).status, status)
  })
}

const approval = { paymentId: 'pay_1', amount: won, chargeBy: new Date(Date.now() + 3_600_000) }
const token = { kind: 'hosted', value: 'token:tok' } as const

test('an approval confirms the token with its amount; what the hook allowed is only asked about', async (t) => {
  const { gateway, asked } = await portone(t, [
    [200, { payment: { pgTxId: 'x', paidAt: '' } }],
    [200, payment('PAID')],
  ])
  assert.equal((await gateway.approve({ ...approval, instrument: token })).status, 'PAID')
  assert.match(asked[0]?.path ?? '', /^\/payments\/pay_1\/confirm/)
  const body = asked[0]?.body as Record<string, unknown>
  assert.deepEqual([body['paymentToken'], body['totalAmount'], body['currency']], ['tok', 15_000, 'KRW'])
  const allowed = await portone(t, [[200, payment('PAID')]])
  assert.equal(
    (await allowed.gateway.approve({ ...approval, instrument: { kind: 'hosted', value: 'tx_1' } })).status,
    'PAID',
  )
  assert.equal(allowed.asked[0]?.method, 'GET')
})

const refusals: [answers: Answer[], status: Outcome['status']][] = [
  [[refused(409, 'ALREADY_PAID'), [200, payment('PAID')]], 'PAID'],
  [[refused(400, 'INVALID_PAYMENT_TOKEN'), [200, payment('READY')]], 'EXPIRED'],
  [[refused(400, 'INFORMATION_MISMATCH'), [200, payment('READY')]], 'UNCLEAR'],
  [[refused(502, 'PG_PROVIDER'), [200, payment('FAILED', { failure: {} })]], 'DECLINED'],
  [['drop', [200, payment('READY')]], 'UNCLEAR'],
]
for (const [answers, status] of refusals) {
  test(`an approval answered ${JSON.stringify(answers[0])}: its payment is asked about, ${status}`, async (t) => {
    const { gateway } = await portone(t, answers)
    assert.equal((await gateway.approve({ ...approval, instrument: token })).status, status)
  })
}

const refund = {
  paymentId: 'pay_1',
  reference: 'tx',
  amount: { amount: 5_000, currency: 'KRW' },
  key: 'ref_1',
  reason: 'refund',
}
const cancel = (status: string, reason = 'refund ref_1') => ({
  id: 'c',
  status,
  totalAmount: 5_000,
  reason,
  requestedAt: '',
})

test('a refund cancels from the balance that was seen, under its name; one that was made is found by it', async (t) => {
  const { gateway, asked } = await portone(t, [
    [200, { ...partly, cancellations: [cancel('SUCCEEDED', 'refund ref_0')] }],
    [200, { cancellation: cancel('SUCCEEDED') }],
  ])
  assert.deepEqual(await gateway.refund(refund), { status: 'REFUNDED', amount: 5_000 })
  const body = asked[1]?.body as Record<string, unknown>
  assert.deepEqual([body['amount'], body['currentCancellableAmount'], body['reason']], [5_000, 10_000, 'refund ref_1'])
  const again = await portone(t, [[200, { ...partly, cancellations: [cancel('SUCCEEDED')] }]])
  assert.deepEqual(await again.gateway.refund(refund), { status: 'REFUNDED', amount: 5_000 })
  assert.equal(again.asked.length, 1)
})

const refunds: [answer: Answer, status: string][] = [
  [[200, { cancellation: cancel('REQUESTED') }], 'LATER'],
  [refused(409, 'CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN'), 'LATER'],
  [refused(409, 'PAYMENT_ALREADY_CANCELLED'), 'REFUSED'],
  [refused(409, 'CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT'), 'REFUSED'],
  [refused(502, 'PG_PROVIDER'), 'UNCLEAR'],
  ['drop', 'UNCLEAR'],
]
for (const [answer, status] of refunds) {
  test(`a refund of which it says ${JSON.stringify(answer).slice(0, 60)} is ${status}`, async (t) => {
    const { gateway } = await portone(t, [[200, payment('PAID')], answer])
    assert.equal((await gateway.refund(refund)).status, status)
  })
}

test('a webhook counts only if PortOne signed these bytes lately; Confirm asks whether it may charge', async (t) => {
  const { gateway } = await portone(t, ['drop'])
  const hook = (type: string) =>
    JSON.stringify({
      type,
      timestamp: '2026-01-01T00:00:00Z',
      data: { paymentId: 'pay_1', transactionId: 'tx', storeId: 's', totalAmount: 15_000 },
    })
  const signed = (body: string, { with: secret = key, at = Date.now() } = {}) => {
    const timestamp = `${Math.floor(at / 1_000)}`
    const signature = createHmac('sha256', secret).update(`msg_1.${timestamp}.${body}`).digest('base64')
    return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  }
  const paid = hook('Transaction.Paid')
  assert.deepEqual(await gateway.parseWebhook(signed(paid), paid), { changed: ['pay_1'] })
  const confirm = hook('Transaction.Confirm')
  assert.deepEqual(await gateway.parseWebhook(signed(confirm), confirm), { changed: [], confirm: 'pay_1' })
  assert.equal(await gateway.parseWebhook(signed(paid, { with: Buffer.from('another') }), paid), 'forged')
  assert.equal(await gateway.parseWebhook(signed(paid, { at: Date.now() - 600_000 }), paid), 'forged')
  assert.equal(await gateway.parseWebhook(signed(paid), confirm), 'forged')
  assert.equal(await gateway.parseWebhook({}, paid), 'forged')
})

test('every code of the PG behind a channel has a reason with a text, and every error type a meaning', () => {
  for (const [code, says] of tossCodes) {
    assert.equal(reasonOf(code), says.class === 'decline' ? says.reason : 'card_declined')
    assert.ok(declineReasons[reasonOf(code)].ko.length > 3)
  }
  assert.ok(Object.keys(portoneErrors).length >= 12)
})
