const firstDelayMs = 1_000
const maxDelayMs = 60_000
/** A Pod that failed after this long is not a series of failures. */
const forgetAfterMs = 150_000

/** Why no Pod came to be, or none that lasted: a condition's reason and message. */
export interface PodFailure {
  reason: string
  message: string
  /** The apiserver took none: there was not even a Pod that failed. */
  refused?: boolean
}

/** A failure of late, and the time (Unix ms) before which no further Pod is made. */
export type RecentFailure = PodFailure & { notBeforeMs: number }

/**
 * Remembers whose Pods failed lately, so that a cause that kills or refuses Pods does not do it many times a second. Pods of
 * another template are another matter: a right tag is tried at once, however long the wrong one was.
 */
export class PodFailures {
  #byOwner = new Map<string, { failure: PodFailure; template: string; count: number; lastMs: number }>()

  /** @param template fingerprint of what the Pod was made from */
  failed(owner: string, template: string, failure: PodFailure, now: Date): void {
    const before = this.#recent(owner, template, now)
    this.#byOwner.set(owner, { failure, template, count: (before?.count ?? 0) + 1, lastMs: now.getTime() })
  }

  /** The next Pod is made at once after the first that failed, 1 s after a first refusal, then after 2 s, 4 s … 60 s. */
  lately(owner: string, template: string, now: Date): RecentFailure | undefined {
    const recent = this.#recent(owner, template, now)
    if (!recent) return undefined
    const { failure, lastMs } = recent
    const series = failure.refused ? recent.count : recent.count - 1
    const notBeforeMs = series === 0 ? 0 : lastMs + Math.min(firstDelayMs * 2 ** (series - 1), maxDelayMs)
    return { ...failure, notBeforeMs }
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner)
  }

  #recent(owner: string, template: string, now: Date) {
    const known = this.#byOwner.get(owner)
    return known && known.template === template && now.getTime() - known.lastMs < forgetAfterMs ? known : undefined
  }
}
