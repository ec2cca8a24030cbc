import type { Knex } from 'knex'
import { eventEnvelopeShape, strangeEnvelopeShape, type EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { AppError, InvalidRequestError } from './errors.ts'
import { literals, matched, unless } from './mysql-trip.ts'

/** What a delivery holds: an event to take, or one of a type that only newer versions know, to be noted and skipped. */
export type Delivery = { envelope: EventEnvelope } | { strange: { id: string; type: string } }

/**
 * Reads the body of a delivery.
 *
 * @throws {InvalidRequestError} not an event, or one of a known type with other contents: its sender sets it aside in time.
 */
export function readDelivery(body: string): Delivery {
  try {
    const content: unknown = JSON.parse(body)
    const strange = strangeEnvelopeShape.safeParse(content)
    if (strange.success) return { strange: { id: strange.data.id, type: strange.data.event.type } }
    return { envelope: eventEnvelopeShape.parse(content) }
  } catch (error) {
    throw new InvalidRequestError('Not an event', [{ path: 'body', message: String(error).slice(0, 200) }])
  }
}

/**
 * Notes an event as received, in the transaction of its effect.
 *
 * @returns false when it was received before: then the caller does nothing and answers as the first time. A second
 * delivery at the same moment waits here until the first one's transaction ends.
 */
export async function receiveEvent(trx: Knex | Knex.Transaction, envelope: { id: string }): Promise<boolean> {
  const [result] = await trx.raw('INSERT IGNORE INTO inbox (event_id) VALUES (?)', [envelope.id])
  return result.affectedRows === 1
}

/**
 * The same for several events.
 *
 * @returns those that were not received before.
 * @throws {RepeatedEventError} one of them is being received elsewhere at this moment.
 */
export async function receiveEvents<E extends { id: string }>(
  trx: Knex.Transaction,
  envelopes: readonly E[],
): Promise<E[]> {
  const ids = literals(envelopes.map(({ id }) => id))
  const [rows] = (await trx.raw(`SELECT event_id FROM inbox WHERE event_id IN ${ids}`)) as [{ event_id: string }[]]
  const before = new Set(rows.map((row) => row.event_id))
  const fresh = envelopes.filter(({ id }) => !before.has(id))
  if (fresh.length === 0) return []
  const [result] = await trx.raw(insertOf(fresh))
  if (result.affectedRows !== fresh.length) throw new RepeatedEventError('An event of this batch came before')
  return fresh
}

/** The same as statements of a transaction in one trip (mysql-trip.ts), which is refused where one was received before. */
export const receiveInTrip = (envelopes: readonly { id: string }[]): string[] => [
  insertOf(envelopes),
  unless(matched(envelopes.length)),
]

const insertOf = (envelopes: readonly { id: string }[]) =>
  `INSERT IGNORE INTO inbox (event_id) VALUES ${envelopes.map(({ id }) => literals([id])).join(',')}`

/** A batch holds an event that is received twice at once. */
export class RepeatedEventError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'repeated_event'
}
