/**
 * Which segments a broadcast can have now, as far as its playlists said: who asks for others is answered without a question
 * to the Pod. Renditions count alike, so there is one window a broadcast, of whatever playlist got furthest.
 */
import type { Route } from './route-table.ts'

/** What a media playlist lists: from its EXT-X-MEDIA-SEQUENCE to the newest number that it names. */
export interface MediaWindow {
  readonly first: number
  readonly last: number
  readonly seenAt: number // milliseconds, monotonic
}

/**
 * `gone`: no playlist of late listed it. `past`: every rendition has long completed it. `near`: it is there, or may come any
 * moment. `not_yet`: no player can have heard of it.
 */
export type Place = 'gone' | 'past' | 'near' | 'not_yet' | 'unknown'

const headBytes = 1_024
const tailBytes = 2_048
/** The draft lets a player ask so far ahead of the last complete segment (draft-pantos-hls-rfc8216bis section 6.2.5.2). */
const aheadSegments = 2
const pastSegments = 2 // a rendition that lags is behind by less
/** No encoder's key frames make segments shorter: how far the Pod may have come since it was heard. */
const shortestSegmentMs = 500
/** A record in the status is of another clock, and true to a segment only. */
const recordSlackMs = 20_000
/** So long a playlist that got less far is of a rendition that lags; later it is where the broadcast is. */
const laggardMs = 10_000
const maxBroadcasts = 16_384

/** Reads a playlist's two ends: one of six hours has a megabyte. @returns nothing for what is no media playlist. */
export function mediaWindowOf(playlist: Buffer, now: number): MediaWindow | undefined {
  const [, first] = /^#EXT-X-MEDIA-SEQUENCE:(\d{1,15})$/m.exec(playlist.toString('latin1', 0, headBytes)) ?? []
  if (first === undefined) return undefined
  const tail = playlist.toString('latin1', Math.max(0, playlist.length - tailBytes))
  const numbers = [...tail.matchAll(/\b(?:seg|part)-(\d{1,15})\./g)].map(([, number]) => Number(number))
  return { first: Number(first), last: Math.max(Number(first), ...numbers), seenAt: now }
}

/**
 * Whether a Pod that said `window` may have segment `number` at `now`. What left the playlist stays as long as the longest
 * playlist that listed it (section 6.2.2).
 */
export function placeIn({ first, last, seenAt }: MediaWindow, number: number, now: number): Place {
  if (number < first - (last - first + 1) - aheadSegments) return 'gone'
  if (number <= last - pastSegments) return 'past'
  const since = Math.ceil((now - seenAt) / shortestSegmentMs)
  return number > last + aheadSegments + since ? 'not_yet' : 'near'
}

/** The windows of all broadcasts that were heard of. */
export class MediaWindows {
  readonly #windows = new Map<string, { window: MediaWindow; podUID: string }>()

  /**
   * Takes in what a Pod's playlist says. The furthest counts: what an uplink held back comes all at once, segments of it to
   * the source's playlist a moment before they are in a rung's.
   */
  hear(broadcast: string, { podUID }: { podUID: string }, playlist: Buffer, now: number): void {
    const window = mediaWindowOf(playlist, now)
    if (window === undefined) return
    const known = this.#windows.get(broadcast)
    const isBehind = known?.podUID === podUID && window.last < known.window.last
    if (isBehind && now - known.window.seenAt < laggardMs) return
    if (this.#windows.size >= maxBroadcasts) this.#windows.clear() // they are heard again within a segment
    this.#windows.set(broadcast, { window, podUID })
  }

  /**
   * Where segment `number` of a broadcast is. Before a Pod's first playlist its Broadcast's own record tells what cannot be yet.
   *
   * @param wallMs the time by the clock that the record is of.
   */
  place(broadcast: string, route: Route, number: number, { now, wallMs }: { now: number; wallMs: number }): Place {
    if (route.state !== 'live') return 'unknown'
    const known = this.#windows.get(broadcast)
    if (known?.podUID === route.podUID) return placeIn(known.window, number, now)
    const { sequence } = route
    if (sequence === undefined) return 'unknown'
    const segments = (Math.max(0, wallMs - sequence.atMs) + recordSlackMs) / (sequence.segmentSeconds * 1_000)
    return number > sequence.number + aheadSegments + segments ? 'not_yet' : 'unknown'
  }
}
