/**
 * Moderators by e-mail address. The seller is told nothing of whose it is, nor whether anybody's: an invite waits, two weeks at
 * most, for who has shown to read the address and says yes. An account with another's address, which was never confirmed, is
 * so not taken for its owner.
 */
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { normaliseEmail } from '../accounts/account.ts'
import { holdSeller, requireRoom } from './moderators.ts'

/** After how many days nobody can say yes any more. */
export const inviteDays = 14

/** An invite as its seller sees it. */
export interface SentInvite {
  id: string
  email: string
  invitedAt: Date
}

/** An invite as who is asked sees it. */
export interface ReceivedInvite {
  id: string
  sellerId: string
  sellerName: string
  invitedAt: Date
}

/** Asks whoever reads an address. Asked again, the two weeks begin again. @throws {TooManyModeratorsError} */
export async function inviteModerator(
  { db, now }: { db: Knex; now: Date },
  { sellerId, email }: { sellerId: string; email: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await holdSeller(trx, sellerId)
    await trx('chat_moderator_invites').where('seller_id', sellerId).where('invited_at', '<=', oldest(now)).delete()
    await trx('chat_moderator_invites')
      .insert({ id: newId('inv'), seller_id: sellerId, email: normaliseEmail(email), invited_at: now })
      .onConflict(['seller_id', 'email'])
      .merge(['invited_at'])
    await requireRoom(trx, sellerId)
  })
}

/** Whom a seller has asked and who has not answered, the last first. */
export async function listSentInvites({ db, now }: { db: Knex; now: Date }, sellerId: string): Promise<SentInvite[]> {
  const rows = await waiting(db, now)
    .where('seller_id', sellerId)
    .select<{ id: string; email: string; invited_at: Date }[]>('id', 'email', 'invited_at')
  return rows.map(({ id, email, invited_at: invitedAt }) => ({ id, email, invitedAt }))
}

/** Who asks an account, the last first; nobody does whose address is not confirmed. */
export async function listReceivedInvites(
  { db, now }: { db: Knex; now: Date },
  accountId: string,
): Promise<ReceivedInvite[]> {
  const email = await confirmedEmail(db, accountId)
  if (email === undefined) return []
  const rows = await waiting(db, now)
    .join('accounts', 'accounts.id', 'chat_moderator_invites.seller_id')
    .where('chat_moderator_invites.email', email)
    .select<{ id: string; seller_id: string; display_name: string; invited_at: Date }[]>(
      'chat_moderator_invites.id',
      'seller_id',
      'display_name',
      'invited_at',
    )
  return rows.map((row) => ({
    id: row.id,
    sellerId: row.seller_id,
    sellerName: row.display_name,
    invitedAt: row.invited_at,
  }))
}

/** Says yes. @throws {NotFoundError} it is withdrawn or too old, or was another's. */
export async function acceptInvite(
  { db, now }: { db: Knex; now: Date },
  { id, accountId }: { id: string; accountId: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const email = await confirmedEmail(trx, accountId)
    const invite = await waiting(trx, now)
      .where({ 'chat_moderator_invites.id': id, email: email ?? '' })
      .forUpdate()
      .first<{ seller_id: string } | undefined>('seller_id')
    if (invite === undefined || invite.seller_id === accountId) throw new NotFoundError('invite', id)
    await trx('chat_moderator_invites').where({ id }).delete() // so there is room
    await trx('chat_moderators')
      .insert({ seller_id: invite.seller_id, account_id: accountId, named_at: now })
      .onConflict(['seller_id', 'account_id'])
      .ignore()
  })
}

/** Withdraws an invite, or says no to it. @throws {NotFoundError} it is gone, or none of the caller's. */
export async function dropInvite(db: Knex, { id, accountId }: { id: string; accountId: string }): Promise<void> {
  const email = await confirmedEmail(db, accountId)
  const gone = await db('chat_moderator_invites')
    .where({ id })
    .where((whose) => void whose.where('seller_id', accountId).orWhere('email', email ?? ''))
    .delete()
  if (gone === 0) throw new NotFoundError('invite', id)
}

const invitesShown = 100

const oldest = (now: Date) => new Date(now.getTime() - inviteDays * 86_400_000)

const waiting = (db: Knex, now: Date) =>
  db('chat_moderator_invites').where('invited_at', '>', oldest(now)).orderBy('invited_at', 'desc').limit(invitesShown)

async function confirmedEmail(db: Knex, accountId: string): Promise<string | undefined> {
  const row = await db('accounts')
    .where('id', accountId)
    .whereNotNull('email_verified_at')
    .first<{ email: string } | undefined>('email')
  return row?.email
}
