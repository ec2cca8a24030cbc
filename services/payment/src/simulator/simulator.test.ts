/** The simulated network is held to what the real one does: it is never kinder. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { testDatabase } from '@mytaek1/platform/testing/database.ts'
import { createSimulatorApp, simulatorMigrations } from './app.ts'
import type { Faults } from './faults.ts'

const firstDay = new Date().toISOString().slice(0, 10)
const hooks: { eventType?: string; orderId?: string; data?: { orderId: string; status: string } }[] = []
const shop = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    hooks.push(JSON.parse(body) as (typeof hooks)[number])
    response.writeHead(204).end()
    heard.resolve()
    heard = Promise.withResolvers<void>()
  })
})
let heard = Promise.withResolvers<void>()
shop.listen(0, '127.0.0.1')
await once(shop, 'listening')
const { db } = await testDatabase()
await migrate(db, simulatorMigrations)
const app = createSimulatorApp({
  db,
  log: createLogger({ service: 'simulator', level: 'error' }),
  registry: createRegistry('simulator'),
  webhookUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`,
})
const server = await startHttpServer(app, { port: 0 })
after(async () => {
  await server.close(100)
  shop.close()
})

interface Said {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- a test asserts on whatever came
  body: any
}
/** Calls the network; `gaveUp` ends the call from outside, where no answer is to come. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  gaveUp = AbortSignal.timeout(60_000),
): Promise<Said> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: gaveUp,
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}
const card = { cardNumber: '4242424242424242', cardExpirationYear: '40', cardExpirationMonth: '12' }
const charge = (
  orderId: string,
  over: object = {},
  headers: Record<string, string> = {},
  gaveUp?: AbortSignal,
): Promise<Said> =>
  call(
    'POST',
    '/payments/key-in',
    { orderId, amount: 10_000, ...card, ...over },
    {
      'idempotency-key': `${orderId}:approve`,
      ...headers,
    },
    gaveUp,
  )
const find = (orderId: string) => call('GET', `/payments/orders/${orderId}`)
const faults = (over: Partial<Faults>) => call('PUT', '/faults', over)
const charges = async (orderId: string) =>
  (await db('ledger_payments').where({ order_id: orderId, status: 'DONE' })).length
const hooksOf = (id: string) => hooks.filter(({ orderId, data }) => (data?.orderId ?? orderId) === id)
const toldOf = async (orderId: string, count: number) => {
  while (hooksOf(orderId).length < count) await heard.promise
  return hooksOf(orderId)
}

/** Has a call get no answer: waits until what it does is done, and then a while for an answer that is not to come. */
async function unanswered(
  begin: (gaveUp: AbortSignal) => Promise<Said>,
  isDone: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  const leaving = new AbortController()
  const answer = begin(leaving.signal)
  answer.catch(() => undefined)
  const deadline = Date.now() + 60_000
  while (!(await isDone()) && Date.now() < deadline) await delay(20)
  assert.equal(await Promise.race([answer, delay(500)]), undefined)
  leaving.abort()
  await assert.rejects(answer, { name: 'AbortError' })
}

test('a charge that comes after its sender’s last moment is refused; one that came before may be made long after it', async () => {
  const [late, overdue] = [newId('pay'), newId('pay')]
  const refused = await charge(late, {}, { 'x-charge-by': new Date(Date.now() - 1).toISOString() })
  assert.deepEqual([refused.status, refused.body.code], [404, 'NOT_FOUND_PAYMENT_SESSION'])
  await faults({ byVerb: { approve: { overdue: 1 } }, overdueMs: 8_000 })
  const chargeBy = new Date(Date.now() + 5_000)
  await unanswered((gaveUp) => charge(overdue, {}, { 'x-charge-by': chargeBy.toISOString() }, gaveUp))
  await faults({})
  assert.equal((await find(overdue)).status, 404)
  await toldOf(overdue, 1)
  assert.ok(Date.now() > chargeBy.getTime())
  assert.deepEqual([await charges(overdue), await charges(late)], [1, 0])
})

test('a key is good for one charge, and answered as the first time; another request for the order is refused', async () => {
  const orderId = newId('pay')
  assert.equal((await charge(orderId, { cardNumber: '4000000000003220' })).body.status, 'IN_PROGRESS')
  await db('ledger_payments').where({ order_id: orderId }).update({ done_at: new Date() })
  assert.equal((await find(orderId)).body.status, 'DONE')
  assert.equal((await charge(orderId)).body.status, 'IN_PROGRESS')
  const other = await charge(orderId, {}, { 'idempotency-key': 'another' })
  assert.deepEqual([other.status, other.body.code], [400, 'DUPLICATED_ORDER_ID'])
})

test('a charge whose answer is lost, cut off or 500 is made; one that fails before is not', async () => {
  const lost: [fault: string, made: number][] = [
    ['timeoutAfter', 1],
    ['cut', 1],
    ['serverErrorAfter', 1],
    ['timeoutBefore', 0],
    ['serverError', 0],
    ['tooMany', 0],
  ]
  for (const [fault, made] of lost) {
    const orderId = newId('pay')
    const begin = (gaveUp?: AbortSignal) => charge(orderId, {}, { 'x-simulated-fault': fault }, gaveUp)
    if (fault.startsWith('timeout')) await unanswered(begin, async () => (await charges(orderId)) === made)
    else if (fault === 'cut') await assert.rejects(begin(), /fetch failed/)
    else assert.ok((await begin()).status >= 429, fault)
    assert.equal(await charges(orderId), made, fault)
  }
  const orderId = newId('pay')
  assert.equal((await charge(orderId, { cardNumber: '4000000000000135' })).status, 500)
  assert.equal((await charge(orderId, { cardNumber: '4000000000000135' })).body.status, 'DONE')
})

test('money goes back once a key, not twice within a second, and a lost answer has given it back', async () => {
  const { body } = await charge(newId('pay'), { cardNumber: '4000000000000044' })
  const cancel = (key: string, cancelAmount: number, gaveUp?: AbortSignal) =>
    call(
      'POST',
      `/payments/${body.paymentKey}/cancel`,
      { cancelReason: 'refund', cancelAmount },
      { 'idempotency-key': key },
      gaveUp,
    )
  await unanswered(
    (gaveUp) => cancel('first', 4_000, gaveUp),
    async () => (await db('ledger_cancels').where({ payment_key: body.paymentKey })).length === 1,
  )
  assert.equal((await cancel('first', 4_000)).body.balanceAmount, 6_000)
  const lastCancel = (at: Date) =>
    db('ledger_payments').where({ payment_key: body.paymentKey }).update({ last_cancel_at: at, cancels: 'TAKEN' })
  await lastCancel(new Date(Date.now() + 60_000)) // less than a second ago, however long the next one takes to come
  assert.equal((await cancel('second', 1_000)).body.code, 'FORBIDDEN_CONSECUTIVE_REQUEST')
  await lastCancel(new Date(0))
  assert.equal((await cancel('second', 7_000)).body.code, 'NOT_CANCELABLE_AMOUNT')
  await faults({ byVerb: { refund: { tooMany: 1 } } })
  assert.equal((await cancel('second', 6_000)).status, 429)
  assert.equal((await find(body.orderId)).status, 200)
  await faults({})
  const last = await cancel('second', 6_000)
  assert.deepEqual([last.body.status, last.body.cancels.at(-1).cancelAmount], ['CANCELED', 6_000])
})

test('a session that nobody authenticates or confirms in time is over', async () => {
  const open = async () => {
    const urls = { successUrl: 'http://shop/ok', failUrl: 'http://shop/fail' }
    return (await call('POST', '/payments', { orderId: newId('pay'), amount: 10_000, ...urls })).body
  }
  await faults({ sessionMs: 0 })
  assert.equal((await find((await open()).orderId)).body.status, 'EXPIRED')
  await faults({ confirmMs: 0 })
  const { paymentKey, orderId, checkout } = await open()
  const back = await fetch(`${checkout.url}/paid`, { method: 'POST', redirect: 'manual' })
  assert.equal(back.status, 303)
  const confirmed = await call('POST', '/payments/confirm', { paymentKey, orderId, amount: 10_000 })
  assert.equal(confirmed.body.code, 'NOT_FOUND_PAYMENT_SESSION')
  const late = await fetch(`${checkout.url}/paid`, { method: 'POST', redirect: 'manual' })
  assert.equal(late.headers.get('location'), `http://shop/fail?orderId=${orderId}&code=NOT_FOUND_PAYMENT_SESSION`)
  await faults({})
})

test('deposits come short, after their time, twice told, and go back', async () => {
  const issue = async (validHours?: number) =>
    (await call('POST', '/virtual-accounts', { orderId: newId('pay'), amount: 10_000, validHours })).body
  const deposit = (accountNumber: string, amount: number, more = {}) =>
    call('POST', '/deposits', { accountNumber, amount, ...more })
  const { orderId, virtualAccount } = await issue()
  assert.equal((await deposit(virtualAccount.accountNumber, 4_000)).body.status, 'WAITING_FOR_DEPOSIT')
  await faults({ depositUndone: 1 })
  assert.equal((await deposit(virtualAccount.accountNumber, 6_000)).body.status, 'DONE')
  const undone = (until: Date) =>
    db('ledger_payments').where({ order_id: orderId }).whereNotNull('undone_until').update({ undone_until: until })
  assert.equal(await undone(new Date(Date.now() + 60_000)), 1) // for longer than it takes to ask
  assert.equal((await find(orderId)).body.status, 'WAITING_FOR_DEPOSIT')
  await undone(new Date(0))
  assert.equal((await find(orderId)).body.status, 'DONE')
  const events = () => new Set(hooksOf(orderId).map(({ eventType = 'DEPOSIT_CALLBACK' }) => eventType))
  while (events().size < 2) await heard.promise
  await faults({})
  const late = await issue(0)
  assert.equal((await deposit(late.virtualAccount.accountNumber, 10_000)).body.code, 'INVALID_ACCOUNT_STATUS')
  const taken = await deposit(late.virtualAccount.accountNumber, 10_000, { afterExpiry: true })
  assert.equal(taken.body.status, 'DONE')
})

test('a forged webhook follows the true one, and the ledger knows nothing of it', async () => {
  await faults({ webhookForged: 1 })
  const orderId = newId('pay')
  await charge(orderId)
  assert.deepEqual(
    (await toldOf(orderId, 2)).map(({ data }) => data?.status),
    ['DONE', 'ABORTED'],
  )
  assert.equal((await find(orderId)).body.status, 'DONE')
  await faults({})
})

test('the settlement file has a row for each charge and each cancel of a day, its sums are the ledger’s, and faults show in it', async () => {
  const { body } = await charge(newId('pay'))
  await call('POST', `/payments/${body.paymentKey}/cancel`, { cancelReason: 'refund', cancelAmount: 4_000 })
  // from the day on which this file began: it may be another one by now
  const days = `startDate=${firstDay}&endDate=${new Date().toISOString().slice(0, 10)}`
  const file = async () => (await call('GET', `/settlements?${days}&size=1000`)).body
  const rows: { paymentKey: string; amount: number; fee: number; payOutAmount: number; fees?: unknown }[] = await file()
  const { DONE: charged } = (await call('GET', '/ledger')).body
  const sum = (key: 'amount' | 'payOutAmount' | 'fee') => rows.reduce((total, row) => total + row[key], 0)
  assert.equal(sum('amount'), charged.amount - charged.refunded)
  assert.equal(sum('payOutAmount'), sum('amount') - sum('fee'))
  const own = rows.filter(({ paymentKey }) => paymentKey === body.paymentKey)
  assert.deepEqual(
    own.map(({ amount, fee }) => [amount, fee]),
    [
      [10_000, 319],
      [-4_000, -128],
    ],
  )
  await faults({ settlementWrong: 1, settlementWithoutFees: 1 })
  const [wrong] = await file()
  assert.deepEqual([wrong.payOutAmount, wrong.fees], [wrong.amount - wrong.fee - 1, undefined])
  await faults({})
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
