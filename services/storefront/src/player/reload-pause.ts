/** When a player that failed begins anew. Everybody who watches fails in the same moment, so nobody may ask in step. */

/** Faults in a row, as `countFault` counts them. */
export interface Faults {
  readonly inRow: number
  readonly lastAtMs: number
}

export const noFaults: Faults = Object.freeze({ inRow: 0, lastAtMs: Number.NEGATIVE_INFINITY })

const forgottenAfterMs = 15_000 // longer than the longest pause and the first picture after it
const firstPauseMs = 1_000 // while live: short enough to be taken for a hiccup, long enough to spread an audience
const longestPauseMs = 6_000
const longestRetryAfterSeconds = 30 // a server that asks for more may be wrong; a viewer would have left

/** Counts a fault. A fragment that was buffered between two says nothing: only time without a fault begins a new row. */
export function countFault(faults: Faults, nowMs: number): Faults {
  const anew = nowMs - faults.lastAtMs > forgottenAfterMs
  return { inRow: anew ? 1 : faults.inRow + 1, lastAtMs: nowMs }
}

/**
 * How long to wait before asking again for a playlist that is not there (yet), in milliseconds.
 *
 * @param attempt 0 for the first, or when the stream was just said to be live.
 * @param expectedNow whether the stream is said to be live.
 * @param random from 0 to 1.
 * @param retryAfterSeconds what the server asked for (RFC 9110 section 10.2.3): never earlier, up to half as much later.
 */
export function reloadPauseMs({
  attempt,
  expectedNow,
  random,
  retryAfterSeconds = 0,
}: {
  attempt: number
  expectedNow: boolean
  random: number
  retryAfterSeconds?: number | undefined
}): number {
  const askedForMs = Math.min(retryAfterSeconds, longestRetryAfterSeconds) * 1_000 * (1 + random / 2)
  if (attempt === 0 && expectedNow) return Math.max(firstPauseMs * random, askedForMs)
  const shortest = expectedNow ? 700 : 4_000 // before the encoder connects, waiting viewers must not become load
  const growing = Math.min(shortest * 1.5 ** Math.min(attempt, 5), longestPauseMs) * (0.8 + 0.4 * random)
  return Math.max(growing, askedForMs)
}

/** The seconds of a Retry-After header as a loader of hls.js has it; undefined: none, or a date, which ours never send. */
export function retryAfterSecondsOf(details: unknown): number | undefined {
  const header =
    details instanceof Response
      ? details.headers.get('retry-after')
      : typeof XMLHttpRequest !== 'undefined' && details instanceof XMLHttpRequest
        ? details.getResponseHeader('retry-after')
        : null
  return header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined
}
