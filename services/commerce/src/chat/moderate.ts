/**
 * What those who keep a chat (chat-keepers.ts) do to messages and to those who write them. Each deed is written down with it.
 */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { ChatSettings, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { recordAct, type ChatAct } from './acts.ts'
import { requireKeeper } from './chat-keepers.ts'
import { findMessage, messagesBy, removeMessages } from './chat-log.ts'
import { BeyondModeratorError, StaffNotRestrictedError, TooManyRestrictedError } from './errors.ts'
import type { RestrictionKind } from './judge-message.ts'
import { admitAsModerator, muteAsModerator, requireModeratorsMute } from './moderator-mutes.ts'
import { dropNotice } from './settings.ts'

const restrictedMax = 1_000 // of one seller: bounds the list that the desk shows

/** What moderating works with. */
export interface ModerateDeps {
  db: Knex
  redis: Redis
  now: Date
  announce: (broadcastId: string, event: LiveEvent) => void
}

/** Somebody who is kept from a seller's chats. */
export interface Restricted {
  accountId: string
  displayName: string
  kind: RestrictionKind
  until: Date | null
  madeAt: Date
}

/**
 * Takes a message away: from every screen, from what latecomers are told, and from over the chat. Reports of it are done.
 *
 * @throws {NotFoundError | BeyondModeratorError} it is not there any more, or is none of a viewer's.
 */
export async function deleteMessage(
  deps: ModerateDeps,
  caller: AccessTokenClaims,
  { broadcastId, chatId, act = 'delete' }: { broadcastId: string; chatId: string; act?: ChatAct },
): Promise<void> {
  const { db, redis, now, announce } = deps
  const asModerator = (await requireKeeper(db, caller, broadcastId)).role === 'moderator'
  const found = await findMessage(redis, broadcastId, chatId)
  if (found === undefined) throw new NotFoundError('chat message', chatId)
  const { role: authorRole = 'viewer', id: authorId } = found.message.author ?? {}
  if (asModerator && authorRole !== 'viewer' && authorId !== caller.sub)
    throw new BeyondModeratorError('A moderator takes away what viewers said, and nobody else’s messages')
  const settings = await inTransaction(db, async (trx) => {
    const { text, author } = found.message
    await recordAct(trx, { caller, now }, { broadcastId, act, accountId: author?.id, details: text, asModerator })
    const reports = trx('chat_reports').where({ broadcast_id: broadcastId, chat_id: chatId, state: 'open' })
    // what is reported of a seller is not done with by the seller's taking it away
    if (caller.role !== 'admin') void reports.whereNot('author_id', caller.sub)
    await reports.update({ state: 'removed', decided_at: now, decided_by: caller.sub })
    return await dropNotice(trx, broadcastId, { notice_chat_id: chatId }, now)
  })
  // after the record, for what Redis does cannot be rolled back; repeated, it finds the message gone
  if ((await removeMessages(redis, broadcastId, [found])) === 0) throw new NotFoundError('chat message', chatId)
  announce(broadcastId, { type: 'chat_hidden', data: { id: chatId } })
  tellSettings(deps, broadcastId, settings)
}

/**
 * Keeps an account from the chats of this broadcast's seller: `mute`, it cannot write; `ban`, neither, and what it said here
 * goes; `shadow`, only it sees what it writes. Another kind or time takes the place of the one before. Moderators mute, for a
 * time, whom nobody else keeps from it.
 *
 * @param restriction.seconds null: for good.
 * @throws {StaffNotRestrictedError | TooManyRestrictedError | BeyondModeratorError | NotFoundError}
 */
export async function restrict(
  deps: ModerateDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  { accountId, kind, seconds }: { accountId: string; kind: RestrictionKind; seconds: number | null },
): Promise<void> {
  const { db, redis, now, announce } = deps
  const { sellerId, role } = await requireKeeper(db, caller, broadcastId)
  const asModerator = role === 'moderator'
  if (asModerator) requireModeratorsMute({ kind, seconds })
  if (await keepsChats(db, { sellerId, accountId })) throw new StaffNotRestrictedError()
  const until = seconds === null ? null : new Date(now.getTime() + seconds * 1_000)
  const values = { kind, until_at: until, made_at: now, made_by: caller.sub }
  const settings = await inTransaction(db, async (trx) => {
    await trx('chat_restrictions').where('seller_id', sellerId).where('until_at', '<=', now).delete()
    const [row] = await trx('chat_restrictions')
      .where('seller_id', sellerId)
      .whereNot('account_id', accountId)
      .count<{ kept: number }[]>({ kept: '*' })
    if (row !== undefined && row.kept >= restrictedMax) throw new TooManyRestrictedError(restrictedMax)
    const whom = { seller_id: sellerId, account_id: accountId }
    if (asModerator) await muteAsModerator(trx, whom, values)
    else
      await trx('chat_restrictions')
        .insert({ ...whom, ...values })
        .onConflict(['seller_id', 'account_id'])
        .merge(values)
    const details = seconds === null ? 'for good' : `${seconds} s`
    await recordAct(trx, { caller, now }, { broadcastId, act: kind, accountId, details, asModerator })
    return kind === 'ban' ? await dropNotice(trx, broadcastId, { notice_author_id: accountId }, now) : undefined
  })
  if (kind !== 'ban') return
  const said = await messagesBy(redis, broadcastId, accountId)
  await removeMessages(redis, broadcastId, said)
  announce(broadcastId, { type: 'chat_hidden', data: { id: said.at(-1)?.message.id ?? '', authorId: accountId } })
  tellSettings(deps, broadcastId, settings)
}

/** Lets an account write again; a moderator, whom the same one muted. May be repeated. @throws {BeyondModeratorError} */
export async function admit(
  { db, now }: Pick<ModerateDeps, 'db' | 'now'>,
  caller: AccessTokenClaims,
  { broadcastId, accountId }: { broadcastId: string; accountId: string },
): Promise<void> {
  const { sellerId, role } = await requireKeeper(db, caller, broadcastId)
  const asModerator = role === 'moderator'
  await inTransaction(db, async (trx) => {
    const whom = { seller_id: sellerId, account_id: accountId }
    const gone = asModerator
      ? await admitAsModerator(trx, whom, caller.sub)
      : await trx('chat_restrictions').where(whom).delete()
    if (gone > 0) await recordAct(trx, { caller, now }, { broadcastId, act: 'admit', accountId, asModerator })
  })
}

/** Who is kept from the chats of this broadcast's seller, the last first, at most a thousand; for a moderator, by whom else is not told. */
export async function listRestricted(
  { db, now }: Pick<ModerateDeps, 'db' | 'now'>,
  caller: AccessTokenClaims,
  broadcastId: string,
): Promise<Restricted[]> {
  const { sellerId, role } = await requireKeeper(db, caller, broadcastId)
  const rows: RestrictedRow[] = await db('chat_restrictions')
    .join('accounts', 'accounts.id', 'chat_restrictions.account_id')
    .where('chat_restrictions.seller_id', sellerId)
    .where((either) => void either.whereNull('until_at').orWhere('until_at', '>', now))
    .where(role === 'moderator' ? { made_by: caller.sub } : {})
    .orderBy('made_at', 'desc')
    .limit(restrictedMax)
    .select('account_id', 'display_name', 'kind', 'until_at', 'made_at')
  return rows.map((row) => ({
    accountId: row.account_id,
    displayName: row.display_name,
    kind: row.kind,
    until: row.until_at,
    madeAt: row.made_at,
  }))
}

// Named or dismissed a moment ago, on whatever Pod, counts.
async function keepsChats(
  db: Knex,
  { sellerId, accountId }: { sellerId: string; accountId: string },
): Promise<boolean> {
  const row = await db('accounts')
    .leftJoin('chat_moderators', (on) => {
      on.on('chat_moderators.account_id', 'accounts.id').andOnVal('chat_moderators.seller_id', sellerId)
    })
    .where('accounts.id', accountId)
    .first<{ role: string; moderator_id: string | null } | undefined>(
      'role',
      'chat_moderators.account_id as moderator_id',
    )
  if (row === undefined) throw new NotFoundError('account', accountId)
  return accountId === sellerId || row.role === 'admin' || row.moderator_id !== null
}

interface RestrictedRow {
  account_id: string
  display_name: string
  kind: RestrictionKind
  until_at: Date | null
  made_at: Date
}

function tellSettings({ announce }: ModerateDeps, broadcastId: string, settings: ChatSettings | undefined): void {
  if (settings !== undefined) announce(broadcastId, { type: 'chat_settings', data: settings })
}
