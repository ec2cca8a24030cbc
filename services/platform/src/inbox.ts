import type { Knex } from 'knex'
import type { EventEnvelope } from '@mytaek1/contracts/service-events.ts'

/**
 * Notes an event as received, in the transaction of its effect.
 *
 * @returns false when it was received before: then the caller does nothing and answers as the first time. A second
 * delivery at the same moment waits here until the first one's transaction ends.
 */
export async function receiveEvent(trx: Knex.Transaction, envelope: EventEnvelope): Promise<boolean> {
  const [result] = await trx.raw('INSERT IGNORE INTO inbox (event_id) VALUES (?)', [envelope.id])
  return result.affectedRows === 1
}
