/** Events that their writer delivers itself, from memory; the table is what is left when it cannot. */
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import type { EventEnvelope, ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { listen } from './health.ts'
import { createLogger } from './logger.ts'
import { inTransaction } from './mysql.ts'
import { startOutboxRelay } from './outbox-relay.ts'
import { appendEvents, handOver } from './outbox.ts'
import { testDatabase } from './testing/database.ts'
import { createOutboxTables } from './testing/outbox-tables.ts'

const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
const { db } = await testDatabase()
await createOutboxTables(db)

/** A receiver of batches and single events; `requests` has the payments of each request that was taken. */
async function receiver(
  t: TestContext,
  statusOf: (path: string, nth: number, payments: string[]) => number = () => 204,
) {
  const requests: string[][] = []
  let asked = 0
  let waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const content = JSON.parse(body) as { events: EventEnvelope[] } | EventEnvelope
      const events = 'events' in content ? content.events : [content]
      const payments = events.map(({ event }) => event.data.paymentId)
      const status = statusOf(request.url ?? '', (asked += 1), payments)
      if (status < 300) requests.push(payments)
      response.writeHead(status).end()
      waiting = waiting.filter(({ count, resolve }) => requests.flat().length < count || resolve())
    })
  })
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const relay = startOutboxRelay({ db, targets: { commerce: url }, serviceToken: 'a-secret-of-two-services', log })
  t.after(() => relay.stop())
  const arrived = (count: number) =>
    new Promise<void>((resolve) => (requests.flat().length >= count ? resolve() : waiting.push({ count, resolve })))
  return { relay, requests, arrived, asked: () => asked }
}

const settled = (orderId: string, paymentId: string): ServiceEvent => ({
  type: 'payment.settled',
  data: { orderId, paymentId, outcome: 'failed', reason: 'card_declined', release: false },
})
const written = (...events: ServiceEvent[]) => inTransaction(db, (trx) => handOver(trx, 'commerce', events))
const rowsLeft = async () => (await db('outbox').select('id')).length

test('what is handed over is told at once, many in a request, and leaves the table', async (t) => {
  const { relay, requests, arrived } = await receiver(t)
  const events = Array.from({ length: 5 }, (_, n) => settled(`o_a${n}`, `pay_${n}`))
  const handed = await written(...events)
  assert.deepEqual([handed.events.length, handed.left], [5, 0])
  relay.deliver(handed)
  await arrived(5)
  await relay.stop()
  assert.deepEqual(requests, [['pay_0', 'pay_1', 'pay_2', 'pay_3', 'pay_4']])
  assert.equal(await rowsLeft(), 0)
})

test('an event behind another of its order waits for that one, in the table and within a batch', async (t) => {
  await inTransaction(db, (trx) => appendEvents(trx, 'commerce', [settled('o_b', 'pay_first')]))
  const handed = await written(settled('o_b', 'pay_second'), settled('o_c', 'pay_one'), settled('o_c', 'pay_two'))
  assert.deepEqual([handed.events.length, handed.left], [1, 2])
  const { relay, requests, arrived } = await receiver(t)
  relay.deliver(handed)
  await arrived(4)
  await relay.stop()
  const order = requests.flat()
  assert.ok(order.indexOf('pay_first') < order.indexOf('pay_second'), order.join())
  assert.ok(order.indexOf('pay_one') < order.indexOf('pay_two'), order.join())
  assert.equal(await rowsLeft(), 0)
})

test('what is not taken together is told one by one by the relay: nothing is lost', async (t) => {
  const { relay, requests, arrived } = await receiver(t, (path) => (path.endsWith('batches') ? 409 : 204))
  relay.deliver(await written(settled('o_d', 'pay_d'), settled('o_e', 'pay_e')))
  await arrived(2)
  await relay.stop()
  assert.deepEqual(requests.flat().toSorted(), ['pay_d', 'pay_e'])
  assert.equal(await rowsLeft(), 0)
})

test('one that is refused costs those told with it a few requests, and is alone the next time', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // halves are told for five seconds, which do not pass here
  const asked: string[][] = []
  const { relay, arrived } = await receiver(t, (_path, _nth, payments) => {
    asked.push(payments)
    return payments.includes('pay_bad') ? 500 : 204
  })
  const events = Array.from({ length: 64 }, (_, n) => settled(`o_j${n}`, n === 40 ? 'pay_bad' : `pay_j${n}`))
  await inTransaction(db, (trx) => appendEvents(trx, 'commerce', events))
  relay.wake()
  await arrived(63)
  assert.ok(asked.length <= 13, `${asked.length} requests`) // two a halving, of 64
  await inTransaction(db, (trx) =>
    appendEvents(trx, 'commerce', [settled('o_k1', 'pay_k1'), settled('o_k2', 'pay_k2')]),
  )
  const before = asked.length
  relay.wake()
  await arrived(65)
  await relay.stop()
  for (const payments of asked.slice(before)) assert.ok(!payments.includes('pay_bad') || payments.length === 1)
  assert.equal(await rowsLeft(), 1)
  await db('outbox').delete()
})

test('who does not answer for many is not asked for each of them', async (t) => {
  const { relay, requests, arrived, asked } = await receiver(t, (_path, nth) => (nth === 1 ? 503 : 204))
  const events = Array.from({ length: 64 }, (_, n) => settled(`o_l${n}`, `pay_l${n}`))
  await inTransaction(db, (trx) => appendEvents(trx, 'commerce', events))
  relay.wake()
  await arrived(64)
  await relay.stop()
  assert.deepEqual([asked(), requests.length], [2, 1])
  assert.equal(await rowsLeft(), 0)
})

test('a process that dies before it told them leaves them leased, and any relay finds them after that', async (t) => {
  const handed = await written(settled('o_f', 'pay_f')) // and nothing more of that process
  const [row] = await db('outbox').select('due_at', 'created_at')
  assert.ok(row.due_at.getTime() - row.created_at.getTime() > 10_000)
  await db('outbox')
    .where({ id: handed.events[0]?.id })
    .update({ due_at: db.raw('UTC_TIMESTAMP(3)') })
  const { relay, requests, arrived } = await receiver(t)
  await arrived(1)
  await relay.stop()
  assert.deepEqual(requests, [['pay_f']])
})

test('what is rolled back is told to nobody', async (t) => {
  const { relay, asked } = await receiver(t)
  await assert.rejects(
    inTransaction(db, async (trx) => {
      await handOver(trx, 'commerce', [settled('o_g', 'pay_g')])
      throw new Error('no')
    }),
  )
  relay.wake()
  await relay.stop()
  assert.deepEqual([asked(), await rowsLeft()], [0, 0])
})

test('a relay that stops while its receiver is away tells nothing more, and leaves all of it due for others', async (t) => {
  const asked = Promise.withResolvers<void>()
  const held: ServerResponse[] = []
  const server = createServer((_, response) => {
    if (held.push(response) === 1) asked.resolve()
    else response.writeHead(503).end()
  })
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const relay = startOutboxRelay({ db, targets: { commerce: url }, serviceToken: 'a-secret-of-two-services', log })
  relay.deliver(await written(settled('o_h', 'pay_h')))
  await asked.promise
  const keys = Array.from({ length: 200 }, (_, n) => `o_i${n}`) // of several requests
  relay.deliver(await written(...keys.map((key) => settled(key, 'pay_i'))))
  const stopped = relay.stop()
  held[0]?.writeHead(503).end()
  await stopped
  assert.ok(held.length <= 2, `${held.length} requests`) // one may be under way beside the first
  const rows: { due_at: Date }[] = await db('outbox')
    .whereIn('event_key', ['o_h', ...keys])
    .select('due_at')
  assert.equal(rows.length, 201)
  for (const { due_at: due } of rows) assert.ok(due.getTime() < Date.now() + 5_000)
})
