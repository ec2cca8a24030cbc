/** When an encoder that is connected counts as silent: nothing comes at all, and parts have to go on without it. */

/** Part durations without a part after which it may; and without any media at all. */
const partlessParts = 2
const silentParts = 1
/** A timer this late was not called for want of CPU: whoever feeds this process gets as long to catch up, a part at most, */
const starvedMs = 50
/** but for the time in which nothing ran at all, no longer than this. */
const longestStarvedParts = 4
/** An encoder that sends in bursts is known by its second pause within so long. */
const burstMemoryMs = 10_000
const longestPauseMs = 2500

export interface Seen {
  lastPartMs: number
  lastMediaMs: number
  partMs: number
}

/** Watches one broadcast's encoder; pure: every call carries its own `nowMs`. */
export class Silence {
  #pauses: { atMs: number; pauseMs: number }[] = []

  /** The moment at which silence has lasted too long. */
  dueMs({ lastPartMs, lastMediaMs, partMs }: Seen, nowMs: number): number {
    const usualMs = this.#usualPauseMs(nowMs)
    return Math.max(lastPartMs + partlessParts * partMs, lastMediaMs + Math.max(silentParts * partMs, usualMs))
  }

  /**
   * Decides at that moment, `lateMs` after it.
   * @returns when to look again; undefined: the encoder is silent.
   */
  waitsUntilMs(seen: Seen, { nowMs, lateMs }: { nowMs: number; lateMs: number }): number | undefined {
    const dueMs = this.dueMs(seen, nowMs)
    if (dueMs > nowMs) return dueMs
    const mayCatchUp = lateMs > starvedMs && nowMs - seen.lastPartMs < longestStarvedParts * seen.partMs + lateMs
    return mayCatchUp ? nowMs + Math.min(lateMs, seen.partMs) : undefined
  }

  /** Media came after all, and in order: so long a pause is a burst's, should there be another one soon. */
  wasPause(pauseMs: number, nowMs: number): void {
    this.#pauses.push({ atMs: nowMs, pauseMs })
  }

  /** Media came after so long: one who sends in bursts still does. */
  paused(pauseMs: number, nowMs: number): void {
    const usualMs = this.#usualPauseMs(nowMs)
    if (usualMs > 0 && pauseMs > usualMs / 2) this.wasPause(pauseMs, nowMs)
  }

  #usualPauseMs(nowMs: number): number {
    this.#pauses = this.#pauses.filter(({ atMs }) => nowMs - atMs < burstMemoryMs)
    const [, second = 0] = this.#pauses.map(({ pauseMs }) => pauseMs).sort((a, b) => b - a)
    return Math.min(longestPauseMs, 1.2 * second)
  }
}
