import type { Knex } from 'knex'
import { openStates } from './broadcast-state.ts'

/**
 * Notes, in the transaction that changes a broadcast's rows, that its object must follow: the outbox to the Kubernetes
 * API. It says which object to look at, not what to write: whoever works it off compares both sides anew, so neither
 * order nor repetition of requests can do harm.
 */
export async function requestObjectSync(trx: Knex | Knex.Transaction, broadcastId: string, now: Date): Promise<void> {
  await trx.raw(
    `INSERT INTO broadcast_object_syncs (broadcast_id, requested, due_at) VALUES (?, 1, ?)
     ON DUPLICATE KEY UPDATE requested = requested + 1, attempts = 0, due_at = VALUES(due_at)`,
    [broadcastId, now],
  )
}

/** Notes the same for the broadcast that a seller's key leads to, if there is one. */
export async function requestOpenObjectSync(trx: Knex.Transaction, sellerId: string, now: Date): Promise<void> {
  const open = await trx('broadcasts')
    .where('seller_id', sellerId)
    .whereIn('state', openStates)
    .first<{ id: string }>('id')
  if (open !== undefined) await requestObjectSync(trx, open.id, now)
}
