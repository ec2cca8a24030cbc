/**
 * The log of a broadcast's events in Redis: a stream, so that a listener that comes back gets what it missed, and a
 * channel, so that every Pod hears of an entry at once. Bounded in entries and in life; stock is not in it, because its
 * newest version is all that counts.
 */
import type { Redis } from 'ioredis'
import { liveEventShape, type LiveEvent } from '@mytaek1/contracts/live-events.ts'

/** Of one broadcast. */
export const maxEntries = 2_000
/** Of a log after its last entry. */
export const lifeSeconds = 86_400
const historyChats = 50

// One script, so an entry and its announcement cannot part.
const appendScript = `
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[2], id .. ' ' .. ARGV[2])
return id`

/** The stream that the log is. */
export const streamOf = (broadcastId: string) => `live:${broadcastId}`

/** The channel that carries `<id> <event as JSON>` for each entry. */
export const channelOf = (broadcastId: string) => `live:${broadcastId}:events`

/** An event with its place in the log. */
export interface LogEntry {
  id: string
  event: LiveEvent
}

/** Adds an event and announces it to every Pod; answers its id. */
export async function appendEvent(redis: Redis, broadcastId: string, event: LiveEvent): Promise<string> {
  const keys = [streamOf(broadcastId), channelOf(broadcastId)] as const
  return String(await redis.eval(appendScript, 2, ...keys, maxEntries, JSON.stringify(event), lifeSeconds))
}

/** Reads an announcement; undefined for anything that is none. */
export function parseAnnouncement(message: string): LogEntry | undefined {
  const space = message.indexOf(' ')
  return parse(message.slice(0, space), message.slice(space + 1))
}

/** Everything after an entry, oldest first; bounded by the log itself. */
export async function eventsAfter(redis: Redis, broadcastId: string, id: string): Promise<LogEntry[]> {
  return entriesOf(await redis.xrange(streamOf(broadcastId), `(${id}`, '+'))
}

/**
 * The last messages of the chat, oldest first, for somebody who has just come; with what was taken away lately, for a page
 * that opens its stream anew may still show it.
 */
export async function recentChat(redis: Redis, broadcastId: string): Promise<LogEntry[]> {
  const entries = entriesOf(await redis.xrevrange(streamOf(broadcastId), '+', '-', 'COUNT', historyChats * 2))
  let chats = 0
  return entries
    .filter(({ event: { type } }) => type === 'chat_hidden' || (type === 'chat' && (chats += 1) <= historyChats))
    .toReversed()
}

/** Entries as Redis answers them; what another version wrote and this one does not know is left out. */
export function entriesOf(raw: readonly [id: string, fields: string[]][]): LogEntry[] {
  return raw.flatMap(([id, fields]) => parse(id, fields[1] ?? '') ?? [])
}

// Another version of this service may have written an event that this one does not know: left out.
function parse(id: string, json: string): LogEntry | undefined {
  try {
    const parsed = liveEventShape.safeParse(JSON.parse(json))
    return parsed.success ? { id, event: parsed.data } : undefined
  } catch {
    return undefined
  }
}
