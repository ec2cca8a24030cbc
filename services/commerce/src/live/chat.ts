import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { Broadcast } from '../broadcasts/broadcast.ts'
import { requireOwnBroadcast, WrongStateError } from '../broadcasts/change-broadcast.ts'
import type { LiveFeed } from './live-feed.ts'
import { removeChat } from './live-log.ts'

interface ChatDeps {
  db: Knex
  redis: Redis
  feed: Pick<LiveFeed, 'append' | 'announce'>
  now: Date
}

/**
 * Says something to everybody who watches; answers the message's id. The chat lives in Redis only, for a day.
 *
 * @throws {NotFoundError | WrongStateError} no such broadcast, or it has ended.
 * @throws {UnavailableError} `chat_unavailable`: nobody would hear it.
 */
export async function postChat(
  deps: ChatDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  text: string,
): Promise<string> {
  const broadcast = await Broadcast.query(deps.db).findById(broadcastId).select('state', 'seller_id')
  if (broadcast === undefined) throw new NotFoundError('broadcast', broadcastId)
  if (broadcast.state === 'ended') throw new WrongStateError('chatted in', broadcast.state)
  const role = broadcast.sellerId === caller.sub ? 'host' : caller.role === 'admin' ? 'staff' : 'viewer'
  const author = { id: caller.sub, role } as const
  const data = { id: crypto.randomUUID(), displayName: caller.name, text, at: deps.now.toISOString(), author }
  try {
    await deps.feed.append(broadcastId, { type: 'chat', data })
    return data.id
  } catch (error) {
    throw chatUnavailable(error)
  }
}

/** Takes a message away: from every screen and for those who come later. Only the broadcast's seller or an admin may. */
export async function hideChat(
  deps: ChatDeps,
  caller: AccessTokenClaims,
  broadcastId: string,
  chatId: string,
): Promise<void> {
  await requireOwnBroadcast(deps.db, caller, broadcastId)
  const removed = await removeChat(deps.redis, broadcastId, chatId).catch((error: unknown) => {
    throw chatUnavailable(error)
  })
  if (!removed) throw new NotFoundError('chat message', chatId)
  deps.feed.announce(broadcastId, { type: 'chat_hidden', data: { id: chatId } })
}

const chatUnavailable = (cause: unknown) =>
  new UnavailableError('The chat does not answer now', { code: 'chat_unavailable', retryAfterSeconds: 2, cause })
