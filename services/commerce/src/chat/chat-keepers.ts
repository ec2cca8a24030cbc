/**
 * Who keeps a chat in order. The seller of the show (`host`) and admins (`staff`) may do all there is; moderators, whom the
 * seller names, take away what viewers said, mute them for a day at most, freeze and slow the chat. Asked of the database with
 * each deed, so that one who is dismissed may do nothing more from that moment on, on whatever Pod.
 */
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { ChatAuthor } from '@mytaek1/contracts/live-events.ts'
import { ForbiddenError, NotFoundError } from '@mytaek1/platform/errors.ts'
import type { BroadcastState } from '../broadcasts/broadcast-state.ts'
import { WrongStateError } from '../broadcasts/change-broadcast.ts'

/** What somebody is who keeps a chat. */
export type KeeperRole = Exclude<ChatAuthor['role'], 'viewer'>

/** A keeper of a show's chat. */
export interface Keeper {
  role: KeeperRole
  sellerId: string
  state: BroadcastState
}

/** What the caller is in this chat. @throws {NotFoundError | ForbiddenError} no such show; nobody who keeps it. */
export async function requireKeeper(
  db: Knex | Knex.Transaction,
  caller: AccessTokenClaims,
  broadcastId: string,
): Promise<Keeper> {
  const [rows] = (await db.raw(
    `SELECT b.seller_id, b.state, m.account_id AS moderator_id FROM broadcasts b
       LEFT JOIN chat_moderators m ON m.seller_id = b.seller_id AND m.account_id = ?
      WHERE b.id = ?`,
    [caller.sub, broadcastId],
  )) as [{ seller_id: string; state: BroadcastState; moderator_id: string | null }[]]
  const row = rows[0]
  if (row === undefined) throw new NotFoundError('broadcast', broadcastId)
  const role = roleIn(caller, { sellerId: row.seller_id, isModerator: row.moderator_id !== null })
  if (role === 'viewer')
    throw new ForbiddenError('Only the seller, their moderators and admins keep this chat in order')
  return { role, sellerId: row.seller_id, state: row.state }
}

/** The same of a show that has not ended; throws WrongStateError. */
export async function requireOpenKeeper(
  db: Knex | Knex.Transaction,
  caller: AccessTokenClaims,
  broadcastId: string,
): Promise<Keeper> {
  const keeper = await requireKeeper(db, caller, broadcastId)
  if (keeper.state === 'ended') throw new WrongStateError('changed', keeper.state)
  return keeper
}

/** What an account is in the chats of a seller. */
export function roleIn(
  caller: AccessTokenClaims,
  { sellerId, isModerator }: { sellerId: string; isModerator: boolean },
): ChatAuthor['role'] {
  if (caller.sub === sellerId) return 'host'
  if (caller.role === 'admin') return 'staff'
  return isModerator ? 'moderator' : 'viewer'
}
