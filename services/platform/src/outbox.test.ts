import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { eventEnvelopeShape, type EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { listen } from './health.ts'
import { readDelivery, receiveEvent } from './inbox.ts'
import { createLogger } from './logger.ts'
import { inTransaction } from './mysql.ts'
import { startOutboxRelay } from './outbox-relay.ts'
import { appendEvent, outboxAgeSeconds, outboxSetAside } from './outbox.ts'
import { signatureHeader, verifyServiceSignature } from './service-signature.ts'
import { testDatabase } from './testing/database.ts'
import { createOutboxTables } from './testing/outbox-tables.ts'

const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
const serviceToken = 'a-secret-of-two-services'
const { db } = await testDatabase()
await createOutboxTables(db)

/** A receiver that answers as `answer` says and keeps what it accepted; `arrived(n)` resolves at the n-th. */
async function receiver(t: TestContext, answer: (nth: number) => number = () => 204) {
  const accepted: EventEnvelope[] = []
  let requests = 0
  let waiting: { count: number; resolve: () => void }[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    const header = String(request.headers[signatureHeader])
    verifyServiceSignature({ serviceTokens: [serviceToken], method: 'POST', path: '/internal/events', body }, header)
    const status = answer(++requests)
    if (status < 300) accepted.push(eventEnvelopeShape.parse(JSON.parse(body)))
    response.writeHead(status).end()
    waiting = waiting.filter(({ count, resolve }) => accepted.length < count || resolve())
  }
  const server = createServer((request, response) => void handle(request, response))
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close())
  const arrived = (count: number) =>
    new Promise<void>((resolve) => (accepted.length >= count ? resolve() : waiting.push({ count, resolve })))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    arrived,
    requests: () => requests,
  }
}

const claim = (orderId: string, paymentId: string) =>
  inTransaction(db, (trx) =>
    appendEvent(trx, { target: 'payment', event: { type: 'order.claimed', data: { orderId, paymentId } } }),
  )

test('an event reaches its target signed, and leaves the outbox', async (t) => {
  const target = await receiver(t)
  const relay = startOutboxRelay({ db, targets: { payment: target.url }, serviceToken, log })
  await claim('o_1', 'pay_1')
  relay.wake()
  await target.arrived(1)
  await relay.stop()
  assert.deepEqual(target.accepted[0]?.event, { type: 'order.claimed', data: { orderId: 'o_1', paymentId: 'pay_1' } })
  assert.equal(await outboxAgeSeconds(db), 0)
})

test('a refused event is sent again, and later events of its key wait for it', async (t) => {
  const target = await receiver(t, (nth) => (nth <= 2 ? 503 : 204))
  for (const payment of ['pay_1', 'pay_2', 'pay_3']) await claim('o_2', payment)
  const relay = startOutboxRelay({ db, targets: { payment: target.url }, serviceToken, log })
  await target.arrived(3)
  await relay.stop()
  assert.deepEqual(
    target.accepted.map(({ event }) => event.data.paymentId),
    ['pay_1', 'pay_2', 'pay_3'],
  )
  assert.equal(target.requests(), 5)
})

test('an event that is refused again and again is set aside, counted, and those behind it are told', async (t) => {
  const target = await receiver(t, (nth) => (nth <= 3 ? 400 : 204))
  for (const payment of ['pay_poison', 'pay_good']) await claim('o_6', payment)
  const relay = startOutboxRelay({ db, targets: { payment: target.url }, serviceToken, log, refusalsMax: 3 })
  await target.arrived(1)
  await relay.stop()
  assert.deepEqual(
    target.accepted.map(({ event }) => event.data.paymentId),
    ['pay_good'],
  )
  assert.equal(await outboxSetAside(db), 1)
  assert.equal(await outboxAgeSeconds(db), 0)
  await db('outbox').delete()
})

test('a receiver that is down or has other keys refuses no event: nothing is set aside', async (t) => {
  const answers = [503, 401, 502, 404]
  const target = await receiver(t, (nth) => answers[nth - 1] ?? 204)
  await claim('o_7', 'pay_1')
  const relay = startOutboxRelay({ db, targets: { payment: target.url }, serviceToken, log, refusalsMax: 1 })
  await target.arrived(1)
  await relay.stop()
  assert.equal(await outboxSetAside(db), 0)
})

test('an event with a value of the database in it, not of its shape, is refused where it is written', async () => {
  const money = { amount: 1, currency: 'KRW' }
  const data = { orderId: 'o_8', paymentId: 'p', refunded: money, remaining: money, restock: 1 as unknown as boolean }
  await assert.rejects(
    inTransaction(db, (trx) => appendEvent(trx, { target: 'commerce', event: { type: 'payment.refunded', data } })),
    /restock/,
  )
})

test('a delivery of a type that only newer versions know is told from one that is malformed', () => {
  const envelope = (event: object) => JSON.stringify({ id: 'evt_new', occurredAt: '', event })
  assert.deepEqual(readDelivery(envelope({ type: 'order.shipped', data: { parcels: 2 } })), {
    strange: { id: 'evt_new', type: 'order.shipped' },
  })
  for (const body of ['', '{}', envelope({ type: 'order.claimed', data: {} })]) {
    assert.throws(() => readDelivery(body), { code: 'invalid_request' })
  }
})

test('two relays share the work and deliver no event twice while both live', async (t) => {
  const target = await receiver(t)
  for (let index = 0; index < 100; index += 1) await claim(`o_3_${index}`, 'pay_1')
  const relays = [1, 2].map(() => startOutboxRelay({ db, targets: { payment: target.url }, serviceToken, log }))
  await target.arrived(100)
  await Promise.all(relays.map((relay) => relay.stop()))
  assert.equal(new Set(target.accepted.map(({ id }) => id)).size, 100)
  assert.equal(target.requests(), 100)
})

test('an event of a rolled-back transaction is never sent', async () => {
  const failed = inTransaction(db, async (trx) => {
    await appendEvent(trx, {
      target: 'payment',
      event: { type: 'order.claimed', data: { orderId: 'o_4', paymentId: 'p' } },
    })
    throw new Error('the cause failed')
  })
  await assert.rejects(failed)
  assert.equal(await outboxAgeSeconds(db), 0)
})

test('an event received twice, also at the same moment, has its effect once', async () => {
  const envelope = {
    id: 'evt_twice',
    occurredAt: new Date().toISOString(),
    event: { type: 'order.claimed', data: { orderId: 'o_5', paymentId: 'p' } },
  } satisfies EventEnvelope
  await db.raw('CREATE TABLE effects (n INT)')
  const receive = () =>
    inTransaction(db, async (trx) => {
      const fresh = await receiveEvent(trx, envelope)
      if (fresh) await trx.raw('INSERT INTO effects VALUES (1)')
      return fresh
    })
  const answers = [...(await Promise.all([receive(), receive(), receive()])), await receive()]
  assert.equal(answers.filter(Boolean).length, 1)
  const [rows] = await db.raw('SELECT COUNT(*) AS n FROM effects')
  assert.equal(rows[0].n, 1)
})
