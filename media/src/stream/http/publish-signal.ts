/** Wakes held requests when something was published. */

/** Requests held at most; the edge asks once for each playlist state, so more is a flood. */
const mostWaiters = 4096

export class PublishSignal {
  /** Grows with every change of any rendition: what caches are keyed by. */
  version = 0
  readonly #waiters = new Set<() => void>()

  get waiting(): number {
    return this.#waiters.size
  }

  /** Something was published: everyone looks again. */
  changed(): void {
    this.version += 1
    for (const wake of this.#waiters) wake()
  }

  /**
   * Waits until `poll` answers something.
   *
   * @returns its answer; undefined after `timeoutMs`, on abort, or when too many wait already.
   */
  async until<T>(
    poll: () => T | undefined,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<T | undefined> {
    const now = poll()
    if (now !== undefined || options.signal.aborted || this.#waiters.size >= mostWaiters) return now
    const { promise, resolve } = Promise.withResolvers<T | undefined>()
    const wake = () => {
      const answer = poll()
      if (answer !== undefined) resolve(answer)
    }
    const giveUp = () => resolve(undefined)
    const timer = setTimeout(giveUp, options.timeoutMs)
    options.signal.addEventListener('abort', giveUp, { once: true })
    this.#waiters.add(wake)
    try {
      return await promise
    } finally {
      this.#waiters.delete(wake)
      clearTimeout(timer)
      options.signal.removeEventListener('abort', giveUp)
    }
  }
}
