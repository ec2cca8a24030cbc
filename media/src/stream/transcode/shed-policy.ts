/**
 * Decides when a ladder gives up its dearest rung for want of CPU, and when it tries it again. Pure: every look carries its
 * own `nowMs`.
 *
 *     whole ──lagging for 6 s──▶ shed ──calm for 30 s──▶ whole     each trial that fails doubles the 30 s, up to 10 min
 */

/** Pictures this late for so long: the CPU does not suffice. */
const shedAfterMs = 6_000
/** Nothing lags and a processor stands idle for so long: a rung more may fit. */
const firstPauseMs = 30_000
const longestPauseMs = 600_000
/** A rung that came back and was shed within this time has not fitted. */
const trialMs = 120_000
/** What one rung takes at most; a container's own limit cannot be seen, so the trial decides. */
const idleCoresNeeded = 0.5

/** What is seen of the ladder and the machine at one moment. */
export interface LadderView {
  lagging: boolean
  /** Processors that stood idle over the last seconds, 0 to their number. */
  idleCores: number
  /** Rungs that run, and rungs that were shed. */
  running: number
  shed: number
}

export class ShedPolicy {
  #laggingSinceMs: number | undefined
  #calmSinceMs: number | undefined
  #pauseMs = firstPauseMs
  #returnedMs = -Infinity

  /** @returns what to do with one rung now. */
  look({ lagging, idleCores, running, shed }: LadderView, nowMs: number): 'shed' | 'return' | undefined {
    this.#laggingSinceMs = lagging ? (this.#laggingSinceMs ?? nowMs) : undefined
    this.#calmSinceMs = lagging || idleCores < idleCoresNeeded ? undefined : (this.#calmSinceMs ?? nowMs)
    if (running > 0 && this.#laggingSinceMs !== undefined && nowMs - this.#laggingSinceMs >= shedAfterMs) {
      this.#laggingSinceMs = undefined
      const failed = nowMs - this.#returnedMs < trialMs
      this.#pauseMs = failed ? Math.min(longestPauseMs, 2 * this.#pauseMs) : firstPauseMs
      return 'shed'
    }
    if (shed > 0 && this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= this.#pauseMs) {
      this.#calmSinceMs = undefined
      this.#returnedMs = nowMs
      return 'return'
    }
    return undefined
  }
}
