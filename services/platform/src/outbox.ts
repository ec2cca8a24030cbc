/**
 * Services tell each other by rows: `appendEvent` writes one in the transaction of its cause, the relay delivers it at
 * least once as `POST <target>/internal/events`, and the receiver's `receiveEvent` (inbox.ts) makes the effect happen once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import { serviceEventShape, type EventEnvelope, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { Gather } from './gather.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import { inTransaction } from './mysql.ts'
import { signedFetch } from './service-signature.ts'

const batchSize = 256
const togetherMax = 64 // events of one request: what receivers take, in 64 KiB
const handedRequests = 2
const handedWaiting = 20_000
const deliveryTimeoutMs = 5_000
const leaseMs = 3 * deliveryTimeoutMs // a relay that dies while delivering frees its events after so long
const pollMs = 500
const firstRetryMs = 200
const maxRetryMs = 30_000
const refusalsMax = 20 // with the waits between them, about seven minutes
const afterLease = `UTC_TIMESTAMP(3) + INTERVAL ${leaseMs * 1_000} MICROSECOND`
const inboxKeptDays = 30
const pruneEveryMs = 3_600_000
const inboxPerDelete = 10_000
const pruneMoreMs = 1_000 // while there is more: 36 million an hour, more than can come

/** Who can be told: the keys of the relay's `targets`. */
export type EventTarget = 'commerce' | 'payment'

/** A running relay. */
export interface OutboxRelay {
  /**
   * Delivers at once, from memory, what a committed transaction of this process appended with `handOver`; never throws. What is
   * not delivered so is found in the table, by any relay, once the lease it was written with is over.
   */
  deliver(handed: HandedOver): void
  /** Looks now instead of at the next poll; call it after a transaction that appended an event. */
  wake(): void
  /**
   * Waits for the deliveries under way, at most five seconds, and for what was handed over as long as its receiver takes it: after
   * the first that is not taken the rest is left to other relays, due at once.
   */
  stop(): Promise<void>
}

/**
 * Writes an event into the outbox, in the caller's transaction.
 *
 * Events with the same `key` (for us: an order's id) are delivered one after the other, in the order in which their
 * transactions wrote them, provided those transactions exclude each other, e.g. by the order's row.
 *
 * @throws {ZodError} the event is not of its shape, e.g. a column's 1 where a boolean belongs: a bug shows here, in the
 *   cause's transaction, and not as an event that its receiver refuses for ever.
 */
export async function appendEvent(
  trx: Knex.Transaction,
  { target, event, key = event.data.orderId }: { target: EventTarget; event: ServiceEvent; key?: string },
): Promise<void> {
  await trx('outbox').insert(rowOf(trx, target, event, key))
}

/** Several events by one statement; their key is their order. */
export async function appendEvents(
  trx: Knex.Transaction,
  target: EventTarget,
  events: readonly ServiceEvent[],
): Promise<void> {
  if (events.length === 0) return
  await trx('outbox').insert(events.map((event) => rowOf(trx, target, event, event.data.orderId)))
}

/** Events that their writer delivers itself, and how many the relay has to find. */
export interface HandedOver {
  events: { id: string; target: EventTarget; body: string }[]
  left: number
}

/**
 * The same, leased to this process from the beginning: after the commit it gives what is returned to its relay's `deliver`, and
 * nobody has to look for it. Events behind others of their key, or that are not told together, wait in the table as ever.
 */
export async function handOver(
  trx: Knex.Transaction,
  target: EventTarget,
  events: readonly ServiceEvent[],
): Promise<HandedOver> {
  if (events.length === 0) return { events: [], left: 0 }
  const keys = [...new Set(events.map(({ data }) => data.orderId))]
  const before: { event_key: string }[] = await trx('outbox')
    .where({ target })
    .whereIn('event_key', keys)
    .whereNull('set_aside_at')
    .distinct('event_key')
  const taken = new Set(before.map((row) => row.event_key))
  const handed: HandedOver['events'] = []
  const rows = events.map((event) => {
    const row = rowOf(trx, target, event, event.data.orderId)
    const { id, event_key: key, body } = row
    if (taken.has(key) || !goesTogether(row)) return { ...row, attempts: 0 }
    taken.add(key) // one of the same key in this batch comes after it
    handed.push({ id, target, body })
    return { ...row, attempts: 1, due_at: trx.raw(afterLease) }
  })
  await trx('outbox').insert(rows)
  return { events: handed, left: rows.length - handed.length }
}

function rowOf(trx: Knex.Transaction, target: EventTarget, event: ServiceEvent, key: string) {
  const checked = serviceEventShape.parse(event)
  const envelope: EventEnvelope = { id: newId('evt'), occurredAt: new Date().toISOString(), event: checked }
  return {
    id: envelope.id,
    target,
    event_key: key,
    body: JSON.stringify(envelope),
    due_at: trx.raw('UTC_TIMESTAMP(3)'),
  }
}

/**
 * Delivers outbox events until stopped. Any number of processes may run it: each takes what no other holds (SKIP LOCKED)
 * for a lease of fifteen seconds. An unreachable delivery is tried again with growing waits, for ever: the oldest event's
 * age is a metric to alert on. One that the receiver refused `refusalsMax` times is set aside and no longer holds back
 * those behind it: `outboxSetAside` counts them, to alert on.
 */
export function startOutboxRelay(options: {
  db: Knex
  targets: Partial<Record<EventTarget, string>>
  serviceToken: string
  log: Logger
  refusalsMax?: number
}): OutboxRelay {
  const stopping = new AbortController()
  let awake = Promise.withResolvers<void>()
  const run = async () => {
    let pruneAt = Date.now()
    while (!stopping.signal.aborted) {
      let taken = 0
      try {
        taken = await deliverDue(options)
        if (Date.now() >= pruneAt) {
          const isClean = (await pruneInbox(options.db)) < inboxPerDelete
          pruneAt = Date.now() + (isClean ? pruneEveryMs : pruneMoreMs)
        }
      } catch (error) {
        options.log.warn('outbox.unavailable', { error })
      }
      if (taken > 0) continue
      await Promise.race([awake.promise, delay(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined)])
      awake = Promise.withResolvers<void>()
    }
  }
  const running = run()
  const handed = new Map<EventTarget, Gather<{ id: string; body: string }, undefined>>()
  return {
    wake: () => awake.resolve(),
    deliver: ({ events, left }) => {
      if (left > 0) awake.resolve()
      for (const event of events) {
        let gather = handed.get(event.target)
        if (!gather)
          handed.set(
            event.target,
            (gather = handedDelivery(options, event.target, () => awake.resolve(), stopping.signal)),
          )
        void gather.add(event).catch(() => undefined) // logged there, and in the table
      }
    },
    stop: async () => {
      stopping.abort()
      for (const gather of handed.values()) await gather.idle()
      await running
    },
  }
}

// What was not taken becomes due now: the relay finds it, tells it alone, and counts how it is refused.
function handedDelivery(
  { db, log, ...options }: RelayOptions,
  target: EventTarget,
  wake: () => void,
  stopping: AbortSignal,
): Gather<{ id: string; body: string }, undefined> {
  let isAway = false
  return new Gather({
    most: togetherMax,
    lanes: handedRequests,
    mostWaiting: handedWaiting,
    isOfOne: () => false,
    work: async (events) => {
      const ids = events.map(({ id }) => id)
      try {
        if (isAway) throw new Error('not told: this process stops')
        await send({ db, log, ...options }, target, '/internal/event-batches', batchOf(events))
      } catch (error) {
        isAway = stopping.aborted // many that each wait for their deadline would outlast the shutdown
        log.warn('outbox.not_delivered', { target, events: events.length, error })
        await db('outbox')
          .whereIn('id', ids)
          .update({ due_at: db.raw('UTC_TIMESTAMP(3)') })
        wake()
        throw error
      }
      await db('outbox').whereIn('id', ids).delete()
      return events.map(() => undefined)
    },
  })
}

const batchOf = (events: readonly { body: string }[]) => `{"events":[${events.map(({ body }) => body).join(',')}]}`

/** Seconds since the oldest undelivered event was written; 0 when there is none. */
export async function outboxAgeSeconds(db: Knex): Promise<number> {
  const [rows] = await db.raw(
    'SELECT TIMESTAMPDIFF(MICROSECOND, created_at, UTC_TIMESTAMP(6)) / 1e6 AS age FROM outbox WHERE set_aside_at IS NULL ORDER BY seq LIMIT 1',
  )
  return Math.max(0, Number(rows[0]?.age ?? 0))
}

/** How many events were set aside and wait for a person. */
export async function outboxSetAside(db: Knex): Promise<number> {
  const [row] = await db('outbox').whereNotNull('set_aside_at').count<{ events: number }[]>({ events: '*' })
  return row?.events ?? 0
}

interface OutboxRow {
  seq: number
  target: EventTarget
  event_key: string
  body: string
  attempts: number
  refusals: number
}

interface RelayOptions {
  db: Knex
  targets: Partial<Record<EventTarget, string>>
  serviceToken: string
  log: Logger
  refusalsMax?: number
}

/** The receiver answered, and what it says is that it will never take this event. */
class EventRefusedError extends Error {}

// 401 is a matter of keys and clocks, 404 of the way there, 503 of a part that is down: none is the event's fault. 500 is
// a bug over there, which this event meets every time.
const refusesTheEvent = (status: number) => [400, 409, 413, 422, 500].includes(status)

async function deliverDue(options: RelayOptions): Promise<number> {
  const { db, targets, log } = options
  const rows = await takeDue(db, Object.keys(targets))
  const deliver = async (row: OutboxRow): Promise<number[]> => {
    try {
      await send(options, row.target, '/internal/events', row.body)
      return [row.seq]
    } catch (error) {
      log.warn('outbox.not_delivered', { target: row.target, key: row.event_key, attempts: row.attempts, error })
      await postpone(options, row, error)
      return []
    }
  }
  // Many at once are one request and, over there, one transaction. What it refuses is told one by one: the bad one shows.
  const deliverTogether = async (batch: OutboxRow[]): Promise<number[]> => {
    const [first, second] = batch
    if (first === undefined || second === undefined) return first ? await deliver(first) : []
    try {
      await send(options, first.target, '/internal/event-batches', batchOf(batch))
      return batch.map(({ seq }) => seq)
    } catch {
      return (await Promise.all(batch.map(deliver))).flat()
    }
  }
  const alone = rows.filter((row) => !goesTogether(row))
  const batches = Object.values(Object.groupBy(rows.filter(goesTogether), ({ target }) => target)).flatMap(inTogethers)
  const delivered = (await Promise.all([...alone.map(deliver), ...batches.map(deliverTogether)])).flat()
  if (delivered.length > 0) await db('outbox').whereIn('seq', delivered).delete()
  return delivered.length // nothing delivered means nothing is due at once: the caller rests
}

// What is told thousands of times in a hot minute, and locks nothing but its order's row over there.
const goesTogether = ({ body }: { body: string }) => body.includes('"type":"payment.settled"') && body.length < 900

function inTogethers(rows: OutboxRow[]): OutboxRow[][] {
  const batches: OutboxRow[][] = []
  for (let from = 0; from < rows.length; from += togetherMax) batches.push(rows.slice(from, from + togetherMax))
  return batches
}

async function send({ targets, serviceToken }: RelayOptions, target: EventTarget, path: string, body: string) {
  const url = `${targets[target] ?? ''}${path}`
  const answer = await signedFetch({ serviceToken, method: 'POST', url, body, timeoutMs: deliveryTimeoutMs })
  const says = `${target} answered ${answer.status}`
  if (refusesTheEvent(answer.status)) throw new EventRefusedError(says)
  if (!answer.ok) throw new Error(says)
}

// The head of each key's queue only: a later event of the same key waits until the earlier row is gone.
async function takeDue(db: Knex, targets: string[]): Promise<OutboxRow[]> {
  return await inTransaction(db, async (trx) => {
    const [rows] = (await trx.raw(
      `SELECT seq, target, event_key, body, attempts, refusals FROM outbox AS head
        WHERE due_at <= UTC_TIMESTAMP(3) AND set_aside_at IS NULL AND target IN (${targets.map(() => '?').join(',')}) AND NOT EXISTS
          (SELECT 1 FROM outbox AS earlier WHERE earlier.target = head.target AND earlier.event_key = head.event_key
             AND earlier.seq < head.seq AND earlier.set_aside_at IS NULL)
        ORDER BY seq LIMIT ${batchSize} FOR UPDATE SKIP LOCKED`,
      targets,
    )) as [OutboxRow[]]
    if (rows.length === 0) return []
    await trx('outbox')
      .whereIn(
        'seq',
        rows.map((row) => row.seq),
      )
      .update({
        attempts: trx.raw('attempts + 1'),
        due_at: trx.raw(afterLease),
      })
    return rows
  })
}

async function postpone({ db, log, ...options }: RelayOptions, row: OutboxRow, error: unknown): Promise<void> {
  const waitMs = Math.min(firstRetryMs * 2 ** Math.min(row.attempts, 20), maxRetryMs) * (0.75 + Math.random() / 2)
  const refusals = row.refusals + (error instanceof EventRefusedError ? 1 : 0)
  const setAside = refusals >= (options.refusalsMax ?? refusalsMax)
  if (setAside) log.error('outbox.set_aside', { target: row.target, key: row.event_key, seq: row.seq, error })
  await db('outbox')
    .where('seq', row.seq)
    .update({
      due_at: db.raw(`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(waitMs) * 1_000} MICROSECOND`),
      refusals,
      last_error: String(error).slice(0, 255),
      ...(setAside && { set_aside_at: db.raw('UTC_TIMESTAMP(3)') }),
    })
}

async function pruneInbox(db: Knex): Promise<number> {
  const [result] = await db.raw(
    `DELETE FROM inbox WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL ${inboxKeptDays} DAY LIMIT ${inboxPerDelete}`,
  )
  return Number(result.affectedRows)
}
