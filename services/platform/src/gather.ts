/** How the items of one call to `work` are bounded, and when a failure of many is tried one by one. */
export interface GatherOptions<T, R> {
  /** Does the thing for all items, in their order; throws when it did it for none. */
  work: (items: readonly T[]) => Promise<readonly R[]>
  /** Most items of one call. */
  most: number
  /** Calls at once: while all are under way, what comes waits and is gathered. */
  lanes?: number
  /** Whether after this failure each item is tried alone, so that only the bad one fails; false: all fail with it. */
  isOfOne?: (error: unknown) => boolean
}

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

  /** @throws what `work` threw for this item. */
  add(item: T): Promise<R> {
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
    try {
      const results = await this.#options.work(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, n) => resolve(results[n] as R))
    } catch (error) {
      const { isOfOne = () => true } = this.#options
      if (batch.length === 1 || !isOfOne(error)) return batch.forEach(({ reject }) => reject(error))
      for (const each of batch) await this.#do([each])
    }
  }
}
