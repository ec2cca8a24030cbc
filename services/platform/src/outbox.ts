/**
 * Services tell each other by rows: `appendEvent` writes one in the transaction of its cause, the relay (outbox-relay.ts)
 * delivers it at least once as `POST <target>/internal/events`, and the receiver's `receiveEvent` (inbox.ts) makes the effect
 * happen once.
 */
import type { Knex } from 'knex'
import { serviceEventShape, type EventEnvelope, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { newId } from './ids.ts'
import { literal, literals, unless } from './mysql-trip.ts'

const leaseMs = 15_000 // a relay that dies while delivering frees its events after so long

/** When what is being delivered is due for others, as an expression. */
export const afterLease = `UTC_TIMESTAMP(3) + INTERVAL ${leaseMs * 1_000} MICROSECOND`

/** Who can be told: the keys of the relay's `targets`. */
export type EventTarget = 'commerce' | 'payment'

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

/**
 * The same as statements of a transaction in one trip (mysql-trip.ts). It is refused where an event is behind another of its
 * key, or is not told together: `handOver` is for those.
 */
export function handOverInTrip(
  target: EventTarget,
  events: readonly ServiceEvent[],
): { statements: string[]; handed: HandedOver } {
  const envelopes = events.map(envelopeOf)
  const handed = envelopes.map(({ id, body }) => ({ id, target, body }))
  if (envelopes.length === 0) return { statements: [], handed: { events: [], left: 0 } }
  const keys = new Set(events.map(({ data }) => data.orderId))
  const isFirst = `NOT EXISTS (SELECT 1 FROM outbox WHERE target = ${literal(target)} AND event_key IN ${literals([...keys])} AND set_aside_at IS NULL)`
  const rows = envelopes.map(({ id, body }, n) => literals([id, target, events[n]?.data.orderId ?? '', body, 1]))
  const values = rows.map((row) => `${row.slice(0, -1)},${afterLease})`)
  return {
    statements: [
      unless(`${keys.size === events.length && handed.every(goesTogether)} AND ${isFirst}`),
      `INSERT INTO outbox (id, target, event_key, body, attempts, due_at) VALUES ${values.join(',')}`,
    ],
    handed: { events: handed, left: 0 },
  }
}

function rowOf(trx: Knex.Transaction, target: EventTarget, event: ServiceEvent, key: string) {
  return { ...envelopeOf(event), target, event_key: key, due_at: trx.raw('UTC_TIMESTAMP(3)') }
}

function envelopeOf(event: ServiceEvent): { id: string; body: string } {
  const checked = serviceEventShape.parse(event)
  const envelope: EventEnvelope = { id: newId('evt'), occurredAt: new Date().toISOString(), event: checked }
  return { id: envelope.id, body: JSON.stringify(envelope) }
}

/** What is told thousands of times in a hot minute, and locks nothing but its order's row over there: many share a request. */
export const goesTogether = ({ body }: { body: string }): boolean =>
  body.includes('"type":"payment.settled"') && body.length < 900

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
