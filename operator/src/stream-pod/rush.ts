/** Longer than a busy apiserver leaves between two adoptions of one burst. */
const quietMs = 300
/** Under a steady stream of encoders, what waits is done after this long all the same: no pool may run dry. */
const longestMs = 2_000

/**
 * Whether encoders are being given Pods at this moment. What nobody waits for (labels of adopted Pods, refilling the pool)
 * would queue at the same apiserver, and wakes kubelet besides: it lets them go first. Times are of `performance.now`.
 */
export class Rush {
  #beganMs = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  /** An encoder is given a warm Pod now. */
  adopting(nowMs: number): void {
    if (nowMs - this.#lastMs >= quietMs) this.#beganMs = nowMs
    this.#lastMs = nowMs
  }

  /** Milliseconds until it is over, or has lasted long enough; 0: there is none. */
  leftMs(nowMs: number): number {
    return Math.max(0, Math.min(this.#lastMs + quietMs, this.#beganMs + longestMs) - nowMs)
  }
}
