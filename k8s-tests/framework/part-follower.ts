/**
 * A viewer that misses nothing: follows one rendition by blocking reload and notes when each part came; with `withMedia` it
 * loads the parts too, and a part has come when all its bytes have.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { longestGapMs } from './arrivals.ts'

const requestTimeoutMs = 20_000
const retryMs = 100

/** Where a playlist begins and how far it has come; `newest` is the last part that is not a gap. */
export interface PlaylistReach {
  first: number
  discontinuity: number
  last: Position
  newest: Position | undefined
}

/** A part by the media sequence number of its segment, and its place in it; -1 for a segment without listed parts. */
export interface Position {
  number: number
  part: number
}

/** Reads what the follower needs of a media playlist (draft-pantos-hls-rfc8216bis 4.4); undefined for none. */
export function reachOf(text: string): PlaylistReach | undefined {
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? Number.NaN)
  if (!text.startsWith('#EXTM3U') || Number.isNaN(first)) return undefined
  const discontinuity = Number(/^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0)
  let number = first
  let part = -1
  let isGap = false
  let last: Position = { number: first - 1, part: -1 }
  let newest: Position | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXT-X-PART:')) {
      part += 1
      last = { number, part }
      if (!/GAP=YES/.test(line)) newest = last
    } else if (line === '#EXT-X-GAP') isGap = true
    else if (line !== '' && !line.startsWith('#')) {
      last = { number, part }
      if (!isGap) newest = last
      number += 1
      part = -1
      isGap = false
    }
  }
  return { first, discontinuity, last, newest }
}

/** The URIs of the parts behind a position that are there: neither gaps nor only hinted at. */
export function partsAfter(text: string, last: Position): string[] {
  let at: Position = { number: Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0), part: -1 }
  const found: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXT-X-PART:')) {
      at = { number: at.number, part: at.part + 1 }
      const uri = /URI="([^"]+)"/.exec(line)?.[1]
      if (uri !== undefined && !/GAP=YES/.test(line) && isBeyond(at, last)) found.push(uri)
    } else if (line !== '' && !line.startsWith('#')) at = { number: at.number + 1, part: -1 }
  }
  return found
}

/** A running follower. */
export interface PartFollower {
  /** The longest time without a new part between two moments (performance.now), in ms. */
  longestGapMs(fromMs: number, toMs?: number): number
  /** Parts that have come. */
  parts(): number
  /** What a player would stumble over: a sequence that falls, a number nobody listed. */
  violations(): string[]
  /** Answers that were none, counted: "503", "ECONNREFUSED". */
  failures(): Record<string, number>
  stop(): Promise<void>
}

/** Starts to follow the media playlist at `url`. */
export function followParts(url: string, { withMedia = false } = {}): PartFollower {
  const arrivals: number[] = []
  const violations: string[] = []
  const failures: Record<string, number> = {}
  const stopped = new AbortController()
  const failed = (how: string) => {
    if (!stopped.signal.aborted) failures[how] = (failures[how] ?? 0) + 1
  }
  let known: PlaylistReach | undefined
  const done = (async () => {
    while (!stopped.signal.aborted) {
      const text = await get(playlistUrl(url, known?.last), stopped.signal)
      const answer = text.failure ?? reachOf(text.body) ?? 'no playlist'
      if (typeof answer === 'string') {
        if (stopped.signal.aborted) return
        failed(answer)
        // Refused as too far ahead, or a server that knows nothing yet: ask for what there is.
        if (answer === '400' && known) known = { ...known, last: { number: known.first, part: -1 } }
        await delay(retryMs)
        continue
      }
      if (known) violations.push(...compare(known, answer))
      if (known && withMedia) {
        for (const part of partsAfter(text.body ?? '', known.last)) {
          const { failure } = await get(new URL(part, url).href, stopped.signal)
          if (failure !== undefined) failed(`part: ${failure}`)
        }
      }
      if (answer.newest && (known?.newest === undefined || isBeyond(answer.newest, known.newest)))
        arrivals.push(performance.now())
      known = { ...answer, newest: answer.newest ?? known?.newest }
    }
  })()
  return {
    longestGapMs: (fromMs, toMs = performance.now()) => longestGapMs(arrivals, fromMs, toMs),
    parts: () => arrivals.length,
    violations: () => violations,
    failures: () => failures,
    stop: async () => {
      stopped.abort()
      await done
    },
  }
}

/** What must never be seen from one playlist to a later one. */
export function compare(before: PlaylistReach, after: PlaylistReach): string[] {
  const found: string[] = []
  if (after.first < before.first) found.push(`the media sequence fell from ${before.first} to ${after.first}`)
  if (after.discontinuity < before.discontinuity)
    found.push(`the discontinuity sequence fell from ${before.discontinuity} to ${after.discontinuity}`)
  if (after.first > before.last.number + 1)
    found.push(`nothing is listed between segment ${before.last.number} and ${after.first}`)
  if (after.last.number < before.last.number)
    found.push(`the newest segment fell from ${before.last.number} to ${after.last.number}`)
  return found
}

const isBeyond = (a: Position, b: Position) => a.number > b.number || (a.number === b.number && a.part > b.part)

const playlistUrl = (url: string, last: Position | undefined) =>
  last ? `${url}?_HLS_msn=${last.number}&_HLS_part=${last.part + 1}` : url

async function get(
  url: string,
  stopped: AbortSignal,
): Promise<{ body: string; failure?: undefined } | { body?: undefined; failure: string }> {
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(requestTimeoutMs)])
    const response = await fetch(url, { signal })
    const body = await response.text()
    return response.status === 200 ? { body } : { failure: String(response.status) }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    // Names say more than codes, which are numbers for an aborted or timed-out request.
    const failure =
      cause instanceof Error ? String('errno' in cause && 'code' in cause ? cause.code : cause.name) : String(cause)
    return { failure }
  }
}
