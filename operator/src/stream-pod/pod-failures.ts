const firstDelayMs = 1_000
const maxDelayMs = 60_000
/** A Pod that failed after this long is not a series of failures. */
const forgetAfterMs = 120_000

/** Remembers whose Pods failed lately, so that a stream that kills its Pods does not do it many times a second. */
export class PodFailures {
  #byBroadcast = new Map<string, { count: number; lastMs: number }>()

  failed(broadcast: string, now: Date): void {
    const before = this.#recent(broadcast, now)
    this.#byBroadcast.set(broadcast, { count: (before?.count ?? 0) + 1, lastMs: now.getTime() })
  }

  /** The time (Unix ms) before which no further Pod is made: at once after the first failure, then 1 s, 2 s, 4 s … 60 s. */
  notBeforeMs(broadcast: string, now: Date): number {
    const recent = this.#recent(broadcast, now)
    if (!recent || recent.count < 2) return 0
    return recent.lastMs + Math.min(firstDelayMs * 2 ** (recent.count - 2), maxDelayMs)
  }

  forget(broadcast: string): void {
    this.#byBroadcast.delete(broadcast)
  }

  #recent(broadcast: string, now: Date) {
    const known = this.#byBroadcast.get(broadcast)
    return known && now.getTime() - known.lastMs < forgetAfterMs ? known : undefined
  }
}
