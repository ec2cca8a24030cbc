/**
 * The messages in a broadcast's log (live/live-log.ts). A message's id is its entry's, so it is found without a search, and
 * slow mode is decided by Redis' clock in the same script that takes the message: two Pods, or two windows, are one.
 */
import type { Redis } from 'ioredis'
import type { ChatMessage } from '@mytaek1/contracts/live-events.ts'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { isEventId } from '../live/event-id.ts'
import { channelOf, entriesOf, lifeSeconds, maxEntries, streamOf, type LogEntry } from '../live/live-log.ts'

// An entry's id is in its text, so it is chosen here: as Redis would, after the last one there ever was.
const sayScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slow = tonumber(ARGV[5])
if slow > 0 then
  local wait = math.min(tonumber(redis.call('GET', KEYS[3]) or 0) + slow - now, slow)
  if wait > 0 then return {'', wait} end
  redis.call('SET', KEYS[3], string.format('%.0f', now), 'PX', slow)
end
local ms, sequence = now, 0
if redis.call('EXISTS', KEYS[1]) == 1 then
  local about = redis.call('XINFO', 'STREAM', KEYS[1])
  for index = 1, #about, 2 do
    if about[index] == 'last-generated-id' then
      local lastMs, lastSequence = string.match(about[index + 1], '(%d+)-(%d+)')
      if tonumber(lastMs) >= now then ms, sequence = tonumber(lastMs), tonumber(lastSequence) + 1 end
    end
  end
end
local id = string.format('%.0f-%.0f', ms, sequence)
if ARGV[6] == '1' then return {id, 0} end
local event = ARGV[2] .. '"' .. id .. '"' .. ARGV[3]
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], id, 'event', event)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[2], id .. ' ' .. event)
return {id, 0}`

/** What came of a message: its id, or how long its author has to wait. All here throw `chat_unavailable` without Redis. */
export type Said = { id: string } | { waitMs: number }

/**
 * Says a message to every Pod, unless slow mode has its author wait.
 *
 * @param options.slowMs between two messages of `accountId`; 0: none.
 * @param options.toNobody the message is only counted and given an id: nobody else is to see it.
 */
export async function say(
  redis: Redis,
  broadcastId: string,
  message: Omit<ChatMessage, 'id'>,
  { accountId, slowMs, toNobody }: { accountId: string; slowMs: number; toNobody: boolean },
): Promise<Said> {
  const keys = [streamOf(broadcastId), channelOf(broadcastId), slowKeyOf(broadcastId, accountId)] as const
  const { id: _, ...rest } = { id: '', ...message }
  const after = `,${JSON.stringify(rest).slice(1)}}`
  const before = '{"type":"chat","data":{"id":'
  const args = [maxEntries, before, after, lifeSeconds, slowMs, toNobody ? 1 : 0] as const
  const answer = redis.eval(sayScript, 3, ...keys, ...args) as Promise<[string, number]>
  const [id, waitMs] = await answer.catch(unavailable)
  return id === '' ? { waitMs } : { id }
}

// As the script above: by Redis' clock, and no longer than the chat is set to by now.
const waitScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slow = tonumber(ARGV[1])
return math.min(tonumber(redis.call('GET', KEYS[1]) or 0) + slow - now, slow)`

/** How long slow mode has an account wait before its next message; 0 or less: not at all. */
export async function waitOf(redis: Redis, broadcastId: string, accountId: string, slowMs: number): Promise<number> {
  return Number(await redis.eval(waitScript, 1, slowKeyOf(broadcastId, accountId), slowMs).catch(unavailable))
}

/** A message that is still in the log. */
export async function findMessage(redis: Redis, broadcastId: string, chatId: string): Promise<KeptMessage | undefined> {
  if (isEventId(chatId)) {
    const entries = await redis.xrange(streamOf(broadcastId), chatId, chatId).catch(unavailable)
    return messagesOf(entriesOf(entries))[0]
  }
  // what a process of the version before took has another id; such messages are gone in a day
  return (await allMessages(redis, broadcastId)).find(({ message }) => message.id === chatId)
}

/** Takes messages out of the log; answers how many were there. */
export async function removeMessages(redis: Redis, broadcastId: string, kept: readonly KeptMessage[]): Promise<number> {
  if (kept.length === 0) return 0
  return await redis.xdel(streamOf(broadcastId), ...kept.map(({ entryId }) => entryId)).catch(unavailable)
}

/** What an account said, as far as the log has it, oldest first. */
export async function messagesBy(redis: Redis, broadcastId: string, accountId: string): Promise<KeptMessage[]> {
  return (await allMessages(redis, broadcastId)).filter(({ message }) => message.author?.id === accountId)
}

/** A message with its place in the log. */
export interface KeptMessage {
  entryId: string
  message: ChatMessage
}

/** All that the log has, oldest first. */
export const allMessages = async (redis: Redis, broadcastId: string): Promise<KeptMessage[]> =>
  messagesOf(entriesOf(await redis.xrange(streamOf(broadcastId), '-', '+').catch(unavailable))) // bounded by the log itself

const slowKeyOf = (broadcastId: string, accountId: string) => `chat:slow:${broadcastId}:${accountId}`

const messagesOf = (entries: readonly LogEntry[]): KeptMessage[] =>
  entries.flatMap(({ id, event }) => (event.type === 'chat' ? [{ entryId: id, message: event.data }] : []))

function unavailable(cause: unknown): never {
  throw new UnavailableError('The chat does not answer now', { code: 'chat_unavailable', retryAfterSeconds: 2, cause })
}
