/** Paces the making of Pods, so that refilling a drained pool never crowds out adoptions. */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(nowMs: number) {
    this.#tokens = 1
    this.#at = nowMs
  }

  /** Tokens at `nowMs`, gathered at `perSecond`, at most one second's worth and at least one. */
  available(perSecond: number, nowMs: number): number {
    const gathered = this.#tokens + ((nowMs - this.#at) / 1_000) * perSecond
    this.#tokens = Math.min(Math.max(1, perSecond), gathered)
    this.#at = nowMs
    return this.#tokens
  }

  take(count: number): void {
    this.#tokens -= count
  }

  /** Milliseconds until there is a whole token. */
  waitMs(perSecond: number): number {
    return Math.max(0, ((1 - this.#tokens) / perSecond) * 1_000)
  }
}
