/**
 * The queue between watches and workers, as client-go's: a key is waiting at most once, is never worked on twice at the
 * same time, and a key added while it is worked on runs once more afterwards.
 *
 * A key is in one or more of: `high`/`low` (waiting for a worker), `processing`, `again` (added while processing),
 * `timers` (due later). get(): waiting → processing. done(): processing → waiting if it was in `again`.
 */

/** `high` is for what happened now; `low` for the initial list and sweeps, which must not delay the former. */
export type Priority = 'high' | 'low'

/** What the queue reports; names as in client-go's workqueue metrics. */
export interface QueueObserver {
  depth(keys: number): void
  added(): void
  retried(): void
  /** Seconds from add to get. */
  waited(seconds: number): void
}

const firstBackoffMs = 5
/** client-go goes to 1000 s; a broadcast whose cause of failure went away should not stay dark that long. */
const maxBackoffMs = 30_000
const bucketPerSecond = 10
const bucketBurst = 100

export class WorkQueue {
  #high = new Map<string, number>() // key → when it was added; a Map keeps the order
  #low = new Map<string, number>()
  #processing = new Set<string>()
  #again = new Map<string, Priority>()
  #timers = new Map<string, { timer: NodeJS.Timeout; dueAt: number }>()
  #failures = new Map<string, number>()
  #idle: ((key: string | undefined) => void)[] = []
  #tokens = bucketBurst
  #refilledAt = performance.now()
  #closed = false
  #observer: QueueObserver | undefined

  constructor(observer?: QueueObserver) {
    this.#observer = observer
  }

  /** Keys that wait for a worker now. */
  get depth(): number {
    return this.#high.size + this.#low.size
  }

  /** Adds a key; one that waits already keeps its place or moves up to `high`. */
  add(key: string, priority: Priority = 'high'): void {
    if (this.#closed) return
    if (this.#processing.has(key)) {
      if (this.#again.get(key) !== 'high') this.#again.set(key, priority)
      return
    }
    this.#push(key, priority)
  }

  /** Adds a key later; of several times the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return
    const dueAt = performance.now() + delayMs
    const waiting = this.#timers.get(key)
    if (waiting && waiting.dueAt <= dueAt) return
    if (waiting) clearTimeout(waiting.timer)
    // setTimeout fires at once above 2^31 ms; a day is as good as any longer time.
    const timer = setTimeout(
      () => {
        this.#timers.delete(key)
        this.add(key)
      },
      Math.min(delayMs, 86_400_000),
    )
    this.#timers.set(key, { timer, dueAt })
  }

  /** Adds a failed key after max(5 ms · 2^failures, the global bucket's next token). */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.#observer?.retried()
    const own = Math.min(firstBackoffMs * 2 ** Math.min(failures, 20), maxBackoffMs)
    this.addAfter(key, Math.max(own, this.#reserveToken()))
  }

  /** The key succeeded: its next failure starts from the shortest delay again. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** Waits for a key; undefined once the queue is closed. Every key got must be given to `done`. */
  get(): Promise<string | undefined> {
    const key = this.#closed ? undefined : this.#take()
    if (key !== undefined || this.#closed) return Promise.resolve(key)
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    this.#idle.push(resolve)
    return promise
  }

  done(key: string): void {
    this.#processing.delete(key)
    const priority = this.#again.get(key)
    this.#again.delete(key)
    if (priority !== undefined && !this.#closed) this.#push(key, priority)
  }

  /** Drops everything that waits; workers that wait get undefined. */
  close(): void {
    this.#closed = true
    for (const { timer } of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#high.clear()
    this.#low.clear()
    this.#again.clear()
    this.#observer?.depth(0)
    for (const resolve of this.#idle.splice(0)) resolve(undefined)
  }

  #push(key: string, priority: Priority): void {
    const waitingSince = this.#low.get(key)
    if (this.#high.has(key) || (waitingSince !== undefined && priority === 'low')) return
    this.#low.delete(key)
    const queue = priority === 'high' ? this.#high : this.#low
    queue.set(key, waitingSince ?? performance.now())
    this.#observer?.added()
    const idle = this.#idle.shift()
    if (idle) idle(this.#take())
    else this.#observer?.depth(this.depth)
  }

  #take(): string | undefined {
    for (const queue of [this.#high, this.#low]) {
      const first = queue.entries().next()
      if (first.done) continue
      const [key, addedAt] = first.value
      queue.delete(key)
      this.#processing.add(key)
      this.#observer?.waited((performance.now() - addedAt) / 1_000)
      this.#observer?.depth(this.depth)
      return key
    }
    return undefined
  }

  #reserveToken(): number {
    const now = performance.now()
    this.#tokens = Math.min(bucketBurst, this.#tokens + ((now - this.#refilledAt) / 1_000) * bucketPerSecond)
    this.#refilledAt = now
    this.#tokens -= 1 // may go below zero: those are tokens of the future, each with its delay
    return this.#tokens >= 0 ? 0 : (-this.#tokens / bucketPerSecond) * 1_000
  }
}
