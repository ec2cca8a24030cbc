/**
 * Keeps a viewer at the distance from live that the server vouches for. hls.js's own controller cannot: it speeds up only
 * with more than a second buffered, which the Ultra profile never has, takes anything further back than a target
 * duration for a choice of the viewer, and never forgets a stall.
 */

/** Where playback stands, in seconds. */
export interface Standing {
  behindSeconds: number // to the live edge
  targetSeconds: number // PART-HOLD-BACK, else HOLD-BACK (RFC 8216bis section 4.4.3.8)
  aheadSeconds: number // buffered and not yet played
  partSeconds: number // PART-TARGET, else the target duration
}

/** When the last jump to live was, and how many followed one another. */
export interface Jumps {
  lastAtMs: number
  inRow: number
}

const highestRate = 1.2
const ratePerSecond = 0.3 // a second too far back plays 30 % faster, half a second 15 %
const tolerableSeconds = 0.05
const marginPerStallSeconds = 0.25
const mostMarginSeconds = 1
const stallMemoryMs = 120_000
const jumpBeyondSeconds = 2 // at the highest rate ten seconds to catch up: too long to watch
const firstJumpPauseMs = 8_000
const longestJumpPauseMs = 120_000

/** Extra distance after recent stalls: a connection that stutters gets a quarter second for each, for two minutes. */
export function stallMarginSeconds(stalledAtMs: readonly number[], nowMs: number): number {
  const recent = stalledAtMs.filter((at) => nowMs - at < stallMemoryMs).length
  return Math.min(recent * marginPerStallSeconds, mostMarginSeconds)
}

/** How fast to play: 1, or up to 1.2 in steps of 0.05 while too far back and enough is buffered to play from. */
export function playbackRate({ behindSeconds, targetSeconds, aheadSeconds, partSeconds }: Standing): number {
  const excess = behindSeconds - targetSeconds
  if (excess <= tolerableSeconds || aheadSeconds < Math.min(1, partSeconds * 1.5)) return 1
  const rate = Math.min(highestRate, 1 + excess * ratePerSecond)
  return Math.round(rate * 20) / 20
}

/**
 * Whether to jump to live instead of catching up. Each jump in a row waits twice as long as the one before: a device that
 * is too slow must not spend its time jumping.
 */
export function mayJump({ behindSeconds, targetSeconds }: Standing, jumps: Jumps, nowMs: number): boolean {
  const pauseMs = Math.min(firstJumpPauseMs * 2 ** jumps.inRow, longestJumpPauseMs)
  return behindSeconds - targetSeconds > jumpBeyondSeconds && nowMs - jumps.lastAtMs >= pauseMs
}

/** Counts a jump; one that comes long after the last begins a new row. */
export function countJump(jumps: Jumps, nowMs: number): Jumps {
  const anew = nowMs - jumps.lastAtMs > longestJumpPauseMs * 2
  return { lastAtMs: nowMs, inRow: anew ? 1 : jumps.inRow + 1 }
}
