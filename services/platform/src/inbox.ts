import type { Knex } from 'knex'
import { eventEnvelopeShape, strangeEnvelopeShape, type EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { AppError, InvalidRequestError } from './errors.ts'

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

/** The same for several events in one statement; @throws {RepeatedEventError} one of them was received before. */
export async function receiveEvents(trx: Knex.Transaction, envelopes: readonly { id: string }[]): Promise<void> {
  const ids = envelopes.map(({ id }) => id)
  const values = ids.map(() => '(?)').join(',')
  const [result] = await trx.raw(`INSERT IGNORE INTO inbox (event_id) VALUES ${values}`, ids)
  // which were new is not told: the sender then tells them one by one
  if (result.affectedRows !== ids.length) throw new RepeatedEventError('An event of this batch came before')
}

/** A batch holds an event that was received before. */
export class RepeatedEventError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'repeated_event'
}
