/** Longer than a busy apiserver leaves between two adoptions of one burst. */
const quietMs = 300
/** Under a steady stream of encoders, what waits is done after this long all the same: no pool may run dry. */
const longestMs = 2_000

/**
 * Whether encoders are being given Pods at this moment. What nobody waits for (labels of adopted Pods, refilling the pool)
 * would queue at the same apiserver, and wakes kubelet besides: it lets them go first. Times are of `performance.now`.
 */
export class Rush {
  #inFlight = 0
  #beganMs = Number.NEGATIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY
  #crowdedMs = Number.NEGATIVE_INFINITY

  /** An encoder is being given a warm Pod. */
  adopting(nowMs: number): void {
    if (nowMs - this.#lastMs >= quietMs) this.#beganMs = nowMs
    this.#lastMs = nowMs
    this.#inFlight += 1
    if (this.#inFlight > 1) this.#crowdedMs = nowMs
  }

  /** It has it, or not: the try is over. */
  settled(): void {
    this.#inFlight -= 1
  }

  /** Milliseconds until no encoder came for a while, or for too long; 0: now. */
  leftMs(nowMs: number): number {
    return this.#until(this.#lastMs, nowMs)
  }

  /** The same for several at a time: one that comes after the other has no use for others' work being put off. */
  crowdedLeftMs(nowMs: number): number {
    return this.#until(this.#crowdedMs, nowMs)
  }

  #until(lastMs: number, nowMs: number): number {
    return Math.max(0, Math.min(lastMs + quietMs, this.#beganMs + longestMs) - nowMs)
  }
}
