import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { declineReasons } from '@mytaek1/contracts/decline-reasons.ts'
import { listen } from '@mytaek1/platform/health.ts'
import type { Outcome } from '../payment-gateway.ts'
import { classify, tossCodes } from './codes.ts'
import { tossGateway } from './toss.ts'

const won = { amount: 15_000, currency: 'KRW' }
/** As the public documents show it, with what we do not read. */
const payment = (over: object = {}) => ({
  version: '2022-11-16',
  paymentKey: '5EnNZRJGvaBX7zk2yd8ydw26XvwXkLrx9POLqKQjmAw4b0e1',
  type: 'NORMAL',
  orderId: 'pay_1',
  orderName: '토스 티셔츠 외 2건',
  mId: 'tosspayments',
  currency: 'KRW',
  method: '카드',
  totalAmount: 15_000,
  balanceAmount: 15_000,
  status: 'DONE',
  requestedAt: '2024-02-13T12:17:57+09:00',
  approvedAt: '2024-02-13T12:18:14+09:00',
  cancels: null,
  card: { issuerCode: '71', number: '12345678****000*', installmentPlanMonths: 0, amount: 15_000 },
  receipt: { url: 'https://dashboard.tosspayments.com/receipt' },
  failure: null,
  ...over,
})

/** A gateway whose answers are given, and what it was asked. */
async function toss(t: TestContext, answers: [status: number, body: unknown][]) {
  const asked: { method: string; path: string; headers: IncomingMessage['headers']; body: unknown }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request
      asked.push({ method, path: url, headers, body: body === '' ? undefined : JSON.parse(body) })
      const [status, answer] = answers.shift() ?? [200, payment()]
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const deposits = { hours: 3, live: false, bank: '88' }
  const options = { name: 'toss', url, secretKey: 'test_sk_x', timeoutMs: 60_000, keyIn: false, deposits }
  return { asked, gateway: tossGateway(options) }
}

const hosted = { paymentId: 'pay_1', instrument: { kind: 'hosted', value: 'key_1' }, amount: won } as const
const approval = { ...hosted, chargeBy: new Date(Date.now() + 3_600_000) }

test('a payment is confirmed with its key, id and amount, once, by the secret key', async (t) => {
  const { gateway, asked } = await toss(t, [[200, payment()]])
  const outcome = await gateway.approve(approval)
  assert.deepEqual([outcome.status, 'amount' in outcome && outcome.amount], ['PAID', 15_000])
  const [call] = asked
  assert.deepEqual([call?.method, call?.path], ['POST', '/v1/payments/confirm'])
  assert.deepEqual(call?.body, { paymentKey: 'key_1', orderId: 'pay_1', amount: 15_000 })
  assert.equal(call?.headers['idempotency-key'], 'pay_1:approve')
  assert.equal(call?.headers.authorization, `Basic ${Buffer.from('test_sk_x:').toString('base64')}`)
})

test('a virtual account is issued by its bank for so many hours; what goes back goes to the buyer’s account', async (t) => {
  const issued = payment({
    status: 'WAITING_FOR_DEPOSIT',
    virtualAccount: { accountNumber: 'X6505636518308', bankCode: '88', dueDate: '2026-11-29T20:30:00' },
  })
  const canceled = payment({ cancels: [{ transactionKey: 't', cancelAmount: 15_000, cancelStatus: 'DONE' }] })
  const { gateway, asked } = await toss(t, [
    [200, issued],
    [200, canceled],
  ])
  assert.deepEqual(await gateway.approve({ ...approval, instrument: { kind: 'deposit' } }), {
    status: 'WAITING_DEPOSIT',
    reference: payment().paymentKey,
    amount: 15_000,
    currency: 'KRW',
    account: { bank: '88', number: 'X6505636518308', until: new Date('2026-11-29T20:30:00+09:00') },
  })
  assert.equal(asked[0]?.path, '/v1/virtual-accounts')
  const body = asked[0]?.body as Record<string, unknown>
  assert.deepEqual([body['orderId'], body['amount'], body['bank'], body['validHours']], ['pay_1', 15_000, '88', 3])
  const account = { bank: '20', number: '1002-1', holder: '김보라' }
  const back = { paymentId: 'pay_1', reference: 'key_1', amount: won, key: 'ref_1', reason: 'refund', account }
  assert.equal((await gateway.refund(back)).status, 'REFUNDED')
  const returned = asked[1]?.body as Record<string, unknown>
  assert.deepEqual(returned['refundReceiveAccount'], {
    bank: '20',
    accountNumber: '1002-1',
    holderName: '김보라',
  })
})

test('an account that is not wanted any more is closed', async (t) => {
  const { gateway, asked } = await toss(t, [
    [200, payment({ status: 'WAITING_FOR_DEPOSIT' })],
    [200, payment({ status: 'CANCELED', balanceAmount: 0 })],
  ])
  assert.equal((await gateway.leave({ paymentId: 'pay_1', reference: null })).status, 'DECLINED')
  assert.match(asked[1]?.path ?? '', /\/cancel$/)
})

const states: [answer: [number, unknown], outcome: Outcome['status']][] = [
  [[200, payment()], 'PAID'],
  [[200, payment({ status: 'PARTIAL_CANCELED', balanceAmount: 5_000 })], 'PAID'],
  [[200, payment({ status: 'CANCELED', balanceAmount: 0 })], 'PAID'],
  [[200, payment({ status: 'WAITING_FOR_DEPOSIT' })], 'WAITING_DEPOSIT'],
  [[200, payment({ status: 'READY' })], 'PENDING'],
  [[200, payment({ status: 'IN_PROGRESS' })], 'PENDING'],
  [[200, payment({ status: 'EXPIRED', failure: { code: 'EXPIRED_PAYMENT', message: '' } })], 'EXPIRED'],
  [[200, payment({ status: 'ABORTED', failure: { code: 'REJECT_CARD_COMPANY', message: '' } })], 'DECLINED'],
  [[404, { code: 'NOT_FOUND_PAYMENT', message: '' }], 'NOT_FOUND'],
  [[404, { code: 'NOT_FOUND_PAYMENT_SESSION', message: '' }], 'EXPIRED'],
  [[403, { code: 'REJECT_CARD_PAYMENT', message: '' }], 'DECLINED'],
  [[401, { code: 'UNAUTHORIZED_KEY', message: '' }], 'UNCLEAR'],
  [[500, { code: 'REJECT_CARD_PAYMENT', message: '' }], 'UNCLEAR'],
  [[400, { code: 'A_CODE_OF_TOMORROW', message: '' }], 'UNCLEAR'],
  [[200, 'not JSON'], 'UNCLEAR'],
  [[200, payment({ status: 'A_STATE_OF_TOMORROW' })], 'UNCLEAR'],
]
for (const [answer, status] of states) {
  test(`what it says as ${answer[0]} ${JSON.stringify(answer[1]).slice(0, 40)}… is ${status}`, async (t) => {
    const { gateway } = await toss(t, [answer])
    assert.equal((await gateway.find({ paymentId: 'pay_1', reference: null })).status, status)
  })
}

test('one that was processed already is asked about: it may be ours', async (t) => {
  const { gateway, asked } = await toss(t, [
    [400, { code: 'ALREADY_PROCESSED_PAYMENT', message: '' }],
    [200, payment()],
  ])
  assert.equal((await gateway.approve(approval)).status, 'PAID')
  assert.equal(asked[1]?.path, '/v1/payments/orders/pay_1')
})

test('a confirmation that got no clear answer is asked about: a window that is over ends the payment', async (t) => {
  const expired = payment({ status: 'EXPIRED', failure: { code: 'EXPIRED_PAYMENT', message: '' } })
  const table: [asked: unknown, status: Outcome['status']][] = [
    [payment(), 'PAID'],
    [expired, 'EXPIRED'],
    [payment({ status: 'IN_PROGRESS' }), 'UNCLEAR'],
  ]
  for (const [said, status] of table) {
    const { gateway } = await toss(t, [
      [400, { code: 'INVALID_REQUEST', message: '' }],
      [200, said],
    ])
    assert.equal((await gateway.approve(approval)).status, status)
  }
})

test('the way back from the window: a key and its amount, or a code, whose text is nobody’s', async (t) => {
  const { gateway } = await toss(t, [])
  const read = (query: Record<string, string>) => gateway.readReturn(new URLSearchParams(query))
  const back = { paymentKey: 'key_1', orderId: 'pay_1', amount: '15000' }
  assert.deepEqual(read(back), { kind: 'authenticated', instrument: 'key_1', amount: 15_000 })
  const left = { orderId: 'pay_1', message: 'Call 010-0000-0000' }
  assert.deepEqual(read({ ...left, code: 'PAY_PROCESS_CANCELED' }), { kind: 'failed', reason: 'buyer_left' })
  assert.deepEqual(read({ ...left, code: 'REJECT_CARD_COMPANY' }), { kind: 'failed', reason: 'card_declined' })
  assert.deepEqual(read(left), { kind: 'failed', reason: 'card_declined' })
})

test('who leaves the window: one that is open is given up, one that was confirmed stays paid', async (t) => {
  const known = { paymentId: 'pay_1', reference: null }
  const leave = async (said: unknown) => (await (await toss(t, [[200, said]])).gateway.leave(known)).status
  assert.equal(await leave(payment({ status: 'READY' })), 'DECLINED')
  assert.equal(await leave(payment()), 'PAID')
})

test('a refund is one cancel under its own key, and only its own amount counts', async (t) => {
  const cancel = (cancelAmount: number) => ({
    transactionKey: 't',
    cancelAmount,
    cancelStatus: 'DONE',
    cancelReason: 'x',
  })
  const { gateway, asked } = await toss(t, [
    [200, payment({ status: 'PARTIAL_CANCELED', balanceAmount: 10_000, cancels: [cancel(5_000)] })],
    [200, payment({ status: 'PARTIAL_CANCELED', balanceAmount: 10_000, cancels: [cancel(4_999)] })],
    [403, { code: 'FORBIDDEN_CONSECUTIVE_REQUEST', message: '' }],
    [403, { code: 'NOT_CANCELABLE_PAYMENT', message: '' }],
    [500, { code: 'FAILED_INTERNAL_SYSTEM_PROCESSING', message: '' }],
  ])
  const refund = { paymentId: 'pay_1', reference: 'key_1', key: 'ref_1', reason: 'refund' }
  const statuses: string[] = []
  for (let n = 0; n < 5; n += 1) {
    statuses.push((await gateway.refund({ ...refund, amount: { amount: 5_000, currency: 'KRW' } })).status)
  }
  assert.deepEqual(statuses, ['REFUNDED', 'UNCLEAR', 'LATER', 'REFUSED', 'UNCLEAR'])
  assert.deepEqual([asked[0]?.path, asked[0]?.headers['idempotency-key']], ['/v1/payments/key_1/cancel', 'ref_1'])
})

test('a webhook is a hint: the payment it names, of either event, and nothing for what is none', async (t) => {
  const { gateway } = await toss(t, [])
  const changed = { eventType: 'PAYMENT_STATUS_CHANGED', createdAt: '2024', data: payment() }
  const deposit = {
    createdAt: '2024',
    secret: 's',
    status: 'WAITING_FOR_DEPOSIT',
    transactionKey: 't',
    orderId: 'pay_1',
  }
  for (const body of [changed, deposit])
    assert.deepEqual(await gateway.parseWebhook({}, JSON.stringify(body)), { changed: ['pay_1'] })
  for (const body of ['', '{}', '[]', '{"data":{}}'])
    assert.deepEqual(await gateway.parseWebhook({}, body), { changed: [] })
})

test('every documented code has one class, and every decline a text in both languages', () => {
  assert.ok(tossCodes.size >= 65, `${tossCodes.size} codes`)
  for (const [code, known] of tossCodes) {
    assert.deepEqual(classify(code, 400), known)
    assert.equal(classify(code, 500).class, 'unclear')
    if (known.class === 'decline')
      for (const said of Object.values(declineReasons[known.reason])) assert.ok(said.length > 3)
  }
  const table: [code: string, name: string][] = [
    ['REJECT_CARD_COMPANY', 'decline'],
    ['EXCEED_MAX_ONE_DAY_AMOUNT', 'decline'],
    ['PAY_PROCESS_CANCELED', 'decline'],
    ['PROVIDER_ERROR', 'unclear'],
    ['ALREADY_PROCESSED_PAYMENT', 'unclear'],
    ['UNAUTHORIZED_KEY', 'ours'],
    ['FORBIDDEN_CONSECUTIVE_REQUEST', 'later'],
    ['ALREADY_CANCELED_PAYMENT', 'refused'],
    ['OF_TOMORROW', 'unclear'],
  ]
  for (const [code, name] of table) assert.equal(classify(code, 400).class, name, code)
})
