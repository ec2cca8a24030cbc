/** Whom a seller has keep their chats in order. What moderators may is in chat-keepers.ts. */
import type { Knex } from 'knex'
import { AppError, InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'

/** Moderators of one seller, and people who are asked to be, together. */
export const moderatorsMax = 20
const moderatedMax = 100

/** The seller has as many moderators, and has asked as many people, as one may. */
export class TooManyModeratorsError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_moderators'
  constructor() {
    super(`A seller may have ${moderatorsMax} moderators, together with those who are asked`)
  }
}

/** A moderator as the seller sees one. */
export interface Moderator {
  accountId: string
  displayName: string
  namedAt: Date
}

/** A seller whose chats an account keeps. */
export interface ModeratedSeller {
  sellerId: string
  sellerName: string
  namedAt: Date
}

/** Has an account keep the seller's chats from now on. May be repeated. @throws {NotFoundError | TooManyModeratorsError} */
export async function nameModerator(
  { db, now }: { db: Knex; now: Date },
  { sellerId, accountId }: { sellerId: string; accountId: string },
): Promise<void> {
  if (sellerId === accountId) throw new InvalidRequestError('The seller keeps the own chat in order already')
  if ((await db('accounts').where('id', accountId).first('id')) === undefined)
    throw new NotFoundError('account', accountId)
  await inTransaction(db, async (trx) => {
    await holdSeller(trx, sellerId)
    await trx('chat_moderators')
      .insert({ seller_id: sellerId, account_id: accountId, named_at: now })
      .onConflict(['seller_id', 'account_id'])
      .ignore()
    await requireRoom(trx, sellerId)
  })
}

/** Ends what a moderator may, at once; the seller does, or the moderator. May be repeated. */
export async function dismissModerator(
  db: Knex,
  { sellerId, accountId }: { sellerId: string; accountId: string },
): Promise<void> {
  await db('chat_moderators').where({ seller_id: sellerId, account_id: accountId }).delete()
}

/** A seller's moderators, the last first. */
export async function listModerators(db: Knex, sellerId: string): Promise<Moderator[]> {
  const rows = await db('chat_moderators')
    .join('accounts', 'accounts.id', 'chat_moderators.account_id')
    .where('seller_id', sellerId)
    .orderBy('named_at', 'desc')
    .limit(moderatorsMax)
    .select<{ account_id: string; display_name: string; named_at: Date }[]>('account_id', 'display_name', 'named_at')
  return rows.map((row) => ({ accountId: row.account_id, displayName: row.display_name, namedAt: row.named_at }))
}

/** Sellers whose chats an account keeps, the last who named it first. */
export async function listModerated(db: Knex, accountId: string): Promise<ModeratedSeller[]> {
  const rows = await db('chat_moderators')
    .join('accounts', 'accounts.id', 'chat_moderators.seller_id')
    .where('account_id', accountId)
    .orderBy('named_at', 'desc')
    .limit(moderatedMax)
    .select<{ seller_id: string; display_name: string; named_at: Date }[]>('seller_id', 'display_name', 'named_at')
  return rows.map((row) => ({ sellerId: row.seller_id, sellerName: row.display_name, namedAt: row.named_at }))
}

/** Holds a seller's account, so that two who are named at once are counted one after the other. */
export async function holdSeller(trx: Knex.Transaction, sellerId: string): Promise<void> {
  await trx('accounts').where('id', sellerId).forUpdate().first('id')
}

/** Counts what was written, under `holdSeller`. @throws {TooManyModeratorsError} */
export async function requireRoom(trx: Knex.Transaction, sellerId: string): Promise<void> {
  const [rows] = (await trx.raw(
    `SELECT (SELECT COUNT(*) FROM chat_moderators WHERE seller_id = ?)
          + (SELECT COUNT(*) FROM chat_moderator_invites WHERE seller_id = ?) AS people`,
    [sellerId, sellerId],
  )) as [{ people: number }[]]
  if (Number(rows[0]?.people) > moderatorsMax) throw new TooManyModeratorsError()
}
