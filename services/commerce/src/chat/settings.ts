/** How the chat of one show is set, and what stands over it. Rows are the truth; the feed tells them at once. */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { ChatNotice, ChatSettings } from '@mytaek1/contracts/live-events.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { requireOpenShow } from '../broadcasts/change-broadcast.ts'
import { settingsOf, type SettingsRow } from '../broadcasts/chat-settings.ts'
import { recordAct } from './acts.ts'
import { requireOpenKeeper } from './chat-keepers.ts'
import { findMessage } from './chat-log.ts'

/** What changing settings works with; `told` hears of them after the commit. */
export interface SettingsDeps {
  db: Knex
  redis: Redis
  now: Date
  told: (broadcastId: string, settings: ChatSettings) => void
}

/** Freezes or thaws the chat, or sets how long a viewer waits between two messages. */
export async function changeSettings(
  deps: SettingsDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  patch: { frozen?: boolean | undefined; slowSeconds?: number | undefined },
): Promise<ChatSettings> {
  const values = {
    ...(patch.frozen !== undefined && { frozen: patch.frozen }),
    ...(patch.slowSeconds !== undefined && { slow_seconds: patch.slowSeconds }),
  }
  const permit = async (trx: Knex.Transaction) => {
    const { role } = await requireOpenKeeper(trx, caller, broadcastId)
    return { asModerator: role === 'moderator' }
  }
  return await change(deps, caller, broadcastId, { act: 'settings', permit, values, details: JSON.stringify(patch) })
}

/**
 * Puts a message or an announcement over the chat, or takes away what is there.
 *
 * @throws {NotFoundError} the message is not there any more.
 */
export async function changeNotice(
  deps: SettingsDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  wanted: { chatId: string } | { text: string } | null,
): Promise<ChatSettings> {
  const notice = wanted === null ? null : await noticeOf(deps, caller, broadcastId, wanted)
  const values = {
    notice: notice && JSON.stringify(notice.shown),
    notice_chat_id: notice?.shown.chatId ?? null,
    notice_author_id: notice?.authorId ?? null,
  }
  const about = { accountId: notice?.authorId, details: notice?.shown.text ?? '' }
  const permit = async (trx: Knex.Transaction) => {
    await requireOpenShow(trx, caller, broadcastId)
    return { asModerator: false }
  }
  return await change(deps, caller, broadcastId, { act: 'notice', permit, values, ...about })
}

/** Takes away what stands over the chat if it is this message, or one of this account; undefined: it was not. */
export async function dropNotice(
  trx: Knex.Transaction,
  broadcastId: string,
  of: { notice_chat_id: string } | { notice_author_id: string },
  now: Date,
): Promise<ChatSettings | undefined> {
  const gone = { notice: null, notice_chat_id: null, notice_author_id: null }
  const changed = await trx('broadcast_chats')
    .where({ broadcast_id: broadcastId, ...of })
    .update({ ...gone, revision: trx.raw('revision + 1'), changed_at: now })
  return changed === 0 ? undefined : await readSettings(trx, broadcastId)
}

async function noticeOf(
  { db, redis, now }: SettingsDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  wanted: { chatId: string } | { text: string },
): Promise<{ shown: ChatNotice; authorId: string | undefined }> {
  if ('text' in wanted) {
    const { sellerId } = await requireOpenShow(db, caller, broadcastId)
    const role = sellerId === caller.sub ? 'host' : 'staff'
    const shown = { chatId: null, displayName: caller.name, role, text: wanted.text, at: now.toISOString() } as const
    return { shown, authorId: undefined }
  }
  const found = await findMessage(redis, broadcastId, wanted.chatId)
  if (found === undefined) throw new NotFoundError('chat message', wanted.chatId)
  const { id: chatId, displayName, text, at, author } = found.message
  const role = author?.role === 'moderator' ? 'staff' : (author?.role ?? 'viewer')
  return { shown: { chatId, displayName, role, text, at }, authorId: author?.id }
}

interface Change {
  act: 'settings' | 'notice'
  /** Throws where the caller may not. */
  permit: (trx: Knex.Transaction) => Promise<{ asModerator: boolean }>
  values: object
  accountId?: string | undefined
  details: string
}

async function change(
  { db, now, told }: SettingsDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  { permit, values, ...act }: Change,
): Promise<ChatSettings> {
  const settings = await inTransaction(db, async (trx) => {
    const { asModerator } = await permit(trx)
    await trx('broadcast_chats')
      .insert({ broadcast_id: broadcastId, revision: 1, changed_at: now, ...values })
      .onConflict('broadcast_id')
      .merge({ ...values, changed_at: now, revision: trx.raw('revision + 1') })
    await recordAct(trx, { caller, now }, { broadcastId, asModerator, ...act })
    return await readSettings(trx, broadcastId)
  })
  told(broadcastId, settings)
  return settings
}

async function readSettings(trx: Knex.Transaction, broadcastId: string): Promise<ChatSettings> {
  const row = await trx('broadcast_chats')
    .where('broadcast_id', broadcastId)
    .first<SettingsRow | undefined>('revision', 'frozen', 'slow_seconds', 'notice')
  return settingsOf(row)
}
