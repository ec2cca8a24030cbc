import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { AppError } from '@mytaek1/platform/errors.ts'
import { inTransaction, isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { newBroadcastId } from '../ids.ts'
import { Broadcast } from './broadcast.ts'
import { requestObjectSync } from './request-object-sync.ts'

/** The seller has an open broadcast; the stream key can lead to one only. */
export class BroadcastOpenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'broadcast_open'
  constructor() {
    super('Another broadcast of this seller is open; end it first')
  }
}

/** The seller has no stream key, so nobody could publish. */
export class StreamKeyRevokedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'stream_key_revoked'
  constructor() {
    super('The stream key is revoked; rotate it to get a new one')
  }
}

/** A broadcast can show listed products of its own seller only. */
export class ProductNotOfferedError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'product_not_offered'
  constructor(productId: string) {
    super(`Product ${JSON.stringify(productId)} is not a listed product of this seller`)
  }
}

/** A broadcast cannot be announced for a time that is over. */
export class ScheduledInPastError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'scheduled_in_past'
  constructor(scheduledAt: Date) {
    super(`A broadcast cannot be scheduled for ${scheduledAt.toISOString()}: that time is over`)
  }
}

/**
 * Creates a broadcast: open at once, or scheduled when `scheduledAt` is given. The request for its Broadcast object is
 * in the same transaction, so there is no row without an object for long, and no object without a row.
 */
export async function createBroadcast(
  { db, now }: { db: Knex; now: Date },
  caller: AccessTokenClaims,
  input: { title: string; productIds: readonly string[]; scheduledAt?: Date; recording: boolean; listed: boolean },
): Promise<Broadcast> {
  const { title, scheduledAt, recording, listed } = input
  if (scheduledAt !== undefined && scheduledAt <= now) throw new ScheduledInPastError(scheduledAt)
  const id = newBroadcastId()
  await whenOnlyOneOpen(() =>
    inTransaction(db, async (trx) => {
      await requireOffered(trx, caller.sub, input.productIds)
      if (scheduledAt === undefined) await requireStreamKey(trx, caller.sub)
      await trx('broadcasts').insert({
        id,
        seller_id: caller.sub,
        title,
        state: scheduledAt === undefined ? 'open' : 'scheduled',
        scheduled_at: scheduledAt ?? null,
        opened_at: scheduledAt === undefined ? now : null,
        recording,
        listed,
        created_at: now,
      })
      const shown = input.productIds.map((product_id, position) => ({ broadcast_id: id, product_id, position }))
      if (shown.length > 0) await trx('broadcast_products').insert(shown)
      if (scheduledAt === undefined) await requestObjectSync(trx, id, now)
    }),
  )
  return await Broadcast.query(db).findById(id).throwIfNotFound()
}

/** Translates the refusal of the unique key over open broadcasts. */
export async function whenOnlyOneOpen<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDuplicateKey(error)) throw new BroadcastOpenError()
    throw error
  }
}

/** Refuses to open a broadcast that nobody could publish to. */
export async function requireStreamKey(trx: Knex.Transaction, sellerId: string): Promise<void> {
  const key = await trx('stream_keys').where('account_id', sellerId).whereNull('revoked_at').first('account_id')
  if (key === undefined) throw new StreamKeyRevokedError()
}

/** Refuses products that are not on offer by this seller. */
export async function requireOffered(
  trx: Knex.Transaction,
  sellerId: string,
  productIds: readonly string[],
): Promise<void> {
  if (productIds.length === 0) return
  const rows = await trx('products')
    .whereIn('id', [...productIds])
    .where({ seller_id: sellerId, listed: true, variant_of: null })
    .select<{ id: string }[]>('id')
  const offered = new Set(rows.map((row) => row.id))
  const missing = productIds.find((id) => !offered.has(id))
  if (missing !== undefined) throw new ProductNotOfferedError(missing)
}
