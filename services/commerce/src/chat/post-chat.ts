import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import type { ChatMessage } from '@mytaek1/contracts/live-events.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import type { BroadcastState } from '../broadcasts/broadcast-state.ts'
import { WrongStateError } from '../broadcasts/change-broadcast.ts'
import { isEventId } from '../live/event-id.ts'
import { findMessage, say, waitOf } from './chat-log.ts'
import { defaultRules, type ChatRules, type CompiledWords } from './chat-rules.ts'
import { roleIn } from './chat-keepers.ts'
import { SlowModeError } from './errors.ts'
import { judgeMessage, type RestrictionKind, type Standing } from './judge-message.ts'

/** What saying something works with. */
export interface PostDeps {
  db: Knex
  redis: Redis
  words: CompiledWords
  now: Date
  /** Counts a message of a viewer; throws when this broadcast has as many as it may. */
  count: (broadcastId: string) => Promise<void>
}

/**
 * Says something to everybody who watches, or, where its author is hidden from others, to nobody: the answer is the same,
 * and has the message as its author sees it. The chat lives in Redis only, for a day.
 *
 * @throws {NotFoundError | WrongStateError} no such broadcast, or it has ended.
 * @throws {ChatBannedError | ChatMutedError | ChatFrozenError | ChatLinkError | BannedWordError | SlowModeError} it is not taken.
 * @throws {UnavailableError} `chat_unavailable`: nobody would hear it.
 */
export async function postChat(
  { db, redis, words, now, count }: PostDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  { text, replyTo }: { text: string; replyTo?: string | undefined },
): Promise<ChatMessage> {
  const { slowSeconds, ...standing } = await readStanding({ db, words }, caller, broadcastId)
  const judged = judgeMessage(standing, text, now)
  if (typeof judged === 'object') throw judged.refused
  const slowMs = standing.role === 'viewer' ? slowSeconds * 1_000 : 0
  if (slowMs > 0) {
    const waitMs = await waitOf(redis, broadcastId, caller.sub, slowMs)
    if (waitMs > 0) throw new SlowModeError(slowSeconds, waitMs)
  }
  // what is refused, or seen by nobody, takes nobody's place
  if (standing.role === 'viewer' && judged === 'said') await count(broadcastId)
  const author = { id: caller.sub, role: standing.role }
  const message = {
    displayName: caller.name,
    text,
    at: now.toISOString(),
    author,
    ...(replyTo !== undefined && (await quote(redis, broadcastId, replyTo))),
  }
  const said = await say(redis, broadcastId, message, { accountId: caller.sub, slowMs, toNobody: judged === 'hidden' })
  if ('waitMs' in said) throw new SlowModeError(slowSeconds, said.waitMs)
  return { id: said.id, ...message }
}

// What it answers to may be gone by now: then it is said by itself. Anything but an entry's id would be searched for.
async function quote(redis: Redis, broadcastId: string, chatId: string): Promise<Pick<ChatMessage, 'replyTo'>> {
  if (!isEventId(chatId)) return {}
  const found = await findMessage(redis, broadcastId, chatId)
  return found === undefined ? {} : { replyTo: { id: found.message.id, displayName: found.message.displayName } }
}

// One statement a message, by keys alone: what was changed a moment ago, on whatever Pod, holds.
async function readStanding(
  { db, words }: Pick<PostDeps, 'db' | 'words'>,
  caller: AccessTokenClaims,
  broadcastId: string,
): Promise<Standing & { slowSeconds: number }> {
  const [rows] = (await db.raw(
    `SELECT b.state, b.seller_id, c.frozen, c.slow_seconds, r.revision, r.links, x.kind, x.until_at,
            m.account_id AS moderator_id
       FROM broadcasts b
       LEFT JOIN broadcast_chats c ON c.broadcast_id = b.id
       LEFT JOIN chat_rules r ON r.seller_id = b.seller_id
       LEFT JOIN chat_restrictions x ON x.seller_id = b.seller_id AND x.account_id = ?
       LEFT JOIN chat_moderators m ON m.seller_id = b.seller_id AND m.account_id = ?
      WHERE b.id = ?`,
    [caller.sub, caller.sub, broadcastId],
  )) as [StandingRow[]]
  const row = rows[0]
  if (row === undefined) throw new NotFoundError('broadcast', broadcastId)
  if (row.state === 'ended') throw new WrongStateError('chatted in', row.state)
  return {
    role: roleIn(caller, { sellerId: row.seller_id, isModerator: row.moderator_id !== null }),
    frozen: row.frozen === 1,
    slowSeconds: row.slow_seconds ?? 0,
    links: row.links ?? defaultRules.links,
    bannedWords: await words.of(row.seller_id, row.revision),
    restriction: row.kind === null ? undefined : { kind: row.kind, until: row.until_at },
  }
}

interface StandingRow {
  state: BroadcastState
  seller_id: string
  frozen: number | null
  slow_seconds: number | null
  revision: number | null
  links: ChatRules['links'] | null
  kind: RestrictionKind | null
  until_at: Date | null
  moderator_id: string | null
}
