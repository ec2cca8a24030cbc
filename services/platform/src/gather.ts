import { UnavailableError } from './errors.ts'

/** How the items of one call to `work` are bounded, and when a failure of many is tried one by one. */
export interface GatherOptions<T, R> {
  /** Does the thing for all items, in their order; throws when it did it for none. */
  work: (items: readonly T[]) => Promise<readonly R[]>
  /** Most items of one call. */
  most: number
  /** Calls at once: while all are under way, what comes waits and is gathered. */
  lanes?: number
  /**
   * Whether after this failure each item is tried alone, so that only the bad one fails; false: all fail with it, and so do
   * those that are still to be tried alone.
   */
  isOfOne: (error: unknown) => boolean
  /** Most items that wait; while `work` hangs, no more may gather than memory has room for. */
  mostWaiting?: number
}

const mostWaiting = 5_000

interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Does together what arrives while the last was being done: one transaction or one request for many. There is no timer: a
 * lone item is done at once, and the busier it gets, the more share a commit.
 */
export class Gather<T, R> {
  readonly #options: GatherOptions<T, R>
  readonly #lanes: number
  readonly #running = new Set<Promise<void>>()
  #waiting: Waiting<T, R>[] = []

  constructor(options: GatherOptions<T, R>) {
    this.#options = options
    this.#lanes = options.lanes ?? 1
  }

  /** @throws what `work` threw for this item. @throws {UnavailableError} too many wait: nothing was done for it. */
  add(item: T): Promise<R> {
    if (this.#waiting.length >= (this.#options.mostWaiting ?? mostWaiting)) {
      return Promise.reject(new UnavailableError('Too much waits here; send the same request again', { code: 'busy' }))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#fill()
    })
  }

  /** Waits for everything that was added. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #fill(): void {
    while (this.#running.size < this.#lanes && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.most)
      const run = this.#do(batch).finally(() => {
        this.#running.delete(run)
        this.#fill()
      })
      this.#running.add(run)
    }
  }

  async #do(batch: readonly Waiting<T, R>[]): Promise<void> {
    const failed = await this.#try(batch)
    if (failed === undefined) return
    const rejectAll = (some: typeof batch, error: unknown) => some.forEach(({ reject }) => reject(error))
    if (batch.length === 1 || !this.#options.isOfOne(failed.error)) return rejectAll(batch, failed.error)
    for (const [n, each] of batch.entries()) {
      const alone = await this.#try([each])
      if (alone === undefined) continue
      if (!this.#options.isOfOne(alone.error)) return rejectAll(batch.slice(n), alone.error)
      each.reject(alone.error)
    }
  }

  async #try(batch: readonly Waiting<T, R>[]): Promise<{ error: unknown } | undefined> {
    try {
      const results = await this.#options.work(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, n) => resolve(results[n] as R))
      return undefined
    } catch (error) {
      return { error }
    }
  }
}
