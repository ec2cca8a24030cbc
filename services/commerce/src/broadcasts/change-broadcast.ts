import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { AppError, ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { markUnused } from '../catalog/unused-images.ts'
import type { BroadcastState } from './broadcast-state.ts'
import { Broadcast } from './broadcast.ts'
import { requireStreamKey, whenOnlyOneOpen } from './create-broadcast.ts'
import { requestObjectSync } from './request-object-sync.ts'

/** The broadcast is in a state in which this cannot be done. */
export class WrongStateError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'broadcast_state'
  constructor(verb: string, state: BroadcastState) {
    super(`A broadcast that is ${state} cannot be ${verb}`)
  }
}

/** The product is not among those that the broadcast shows. */
export class ProductNotShownError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'product_not_shown'
  constructor(productId: string) {
    super(`Product ${JSON.stringify(productId)} is not one of this broadcast`)
  }
}

interface Deps {
  db: Knex
  now: Date
}

/** Opens a scheduled broadcast; one that is open stays so. Throws BroadcastOpenError, WrongStateError. */
export async function openBroadcast({ db, now }: Deps, caller: AccessTokenClaims, id: string): Promise<Broadcast> {
  await whenOnlyOneOpen(() =>
    inTransaction(db, async (trx) => {
      const broadcast = await lockOwn(trx, caller, id)
      if (broadcast.state === 'ended') throw new WrongStateError('opened', broadcast.state)
      if (broadcast.state !== 'scheduled') return
      await requireStreamKey(trx, broadcast.sellerId)
      await trx('broadcasts').where({ id }).update({ state: 'open', opened_at: now })
      await requestObjectSync(trx, id, now)
    }),
  )
  return await Broadcast.query(db).findById(id).throwIfNotFound()
}

/** Ends a broadcast for good; one that has ended stays so. Answers whether it ended now. */
export async function endBroadcast(
  { db, now }: Deps,
  caller: AccessTokenClaims,
  id: string,
): Promise<{ broadcast: Broadcast; endedNow: boolean }> {
  const endedNow = await inTransaction(db, async (trx) => {
    const broadcast = await lockOwn(trx, caller, id)
    if (broadcast.state === 'ended') return false
    const endedBy = broadcast.sellerId === caller.sub ? 'seller' : 'admin'
    await trx('broadcasts').where({ id }).update({ state: 'ended', ended_at: now, ended_by: endedBy })
    if (broadcast.state !== 'scheduled') await requestObjectSync(trx, id, now)
    return true
  })
  return { broadcast: await Broadcast.query(db).findById(id).throwIfNotFound(), endedNow }
}

/** Sets the picture that lists show. */
export async function setBroadcastImage({ db, now }: Deps, id: string, imageId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const before = await Broadcast.query(trx).findById(id).forUpdate()
    await Broadcast.query(trx).findById(id).patch({ imageId })
    if (before !== undefined && before.imageId !== imageId) await markUnused(trx, before.imageId, now)
  })
}

/** The broadcast, if the caller may change it; throws NotFoundError or ForbiddenError. */
export async function requireOwnBroadcast(db: Knex, caller: AccessTokenClaims, id: string): Promise<Broadcast> {
  return own(await Broadcast.query(db).findById(id), caller, id)
}

/** The same, its row held, of one that has not ended; throws WrongStateError. */
export async function lockOwnOpen(
  trx: Knex.Transaction,
  caller: AccessTokenClaims,
  id: string,
  verb: string,
): Promise<Broadcast> {
  const broadcast = await lockOwn(trx, caller, id)
  if (broadcast.state === 'ended') throw new WrongStateError(verb, broadcast.state)
  return broadcast
}

/** The broadcast, if the caller may change it and it has not ended; throws WrongStateError. */
export async function requireOpenShow(
  db: Knex | Knex.Transaction,
  caller: AccessTokenClaims,
  id: string,
): Promise<Broadcast> {
  const broadcast = own(await Broadcast.query(db).findById(id), caller, id)
  if (broadcast.state === 'ended') throw new WrongStateError('changed', broadcast.state)
  return broadcast
}

async function lockOwn(trx: Knex.Transaction, caller: AccessTokenClaims, id: string): Promise<Broadcast> {
  return own(await Broadcast.query(trx).findById(id).forUpdate(), caller, id)
}

function own(broadcast: Broadcast | undefined, caller: AccessTokenClaims, id: string): Broadcast {
  if (broadcast === undefined) throw new NotFoundError('broadcast', id)
  if (broadcast.sellerId !== caller.sub && caller.role !== 'admin') {
    throw new ForbiddenError('Only the seller of a broadcast may change it')
  }
  return broadcast
}
