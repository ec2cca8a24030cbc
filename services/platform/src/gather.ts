import { UnavailableError } from './errors.ts'

/** How the items of one call to `work` are bounded, and when a failure of many is tried one by one. */
export interface GatherOptions<T, R> {
  /** Does the thing for all items, in their order; throws when it did it for none. */
  work: (items: readonly T[]) => Promise<readonly R[]>
  /** Most items of one call. */
  most: number
  /**
   * Calls at once, most: while one is under way, what comes waits and is gathered. Another begins only beside one that takes long
   * or when half a batch waits: two that share the work by halves cost two commits.
   */
  lanes?: number
  /**
   * Whether after this failure the halves are tried apart, down to the bad item, which alone fails; false: all fail with it, and
   * so do those that are still to be tried.
   */
  isOfOne: (error: unknown) => boolean
  /** Most items that wait; while `work` hangs, no more may gather than memory has room for. */
  mostWaiting?: number
}

const mostWaiting = 5_000
const longMs = 50

interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Does together what arrives at once, and while the last was being done: one transaction or one request for many. A lone item
 * waits for nobody, and the busier it gets, the more share a commit.
 */
export class Gather<T, R> {
  readonly #options: GatherOptions<T, R>
  readonly #lanes: number
  readonly #running = new Set<Promise<void>>()
  #begunAt = 0
  #beginning: NodeJS.Immediate | undefined
  #beside: NodeJS.Timeout | undefined
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
      // what arrived at the same moment is read in the same turn of the event loop
      if (this.#waiting.length >= this.#options.most) this.#begin()
      else this.#beginning ??= setImmediate(() => this.#begin())
    })
  }

  /** Waits for everything that was added. */
  async idle(): Promise<void> {
    this.#begin()
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #begin(): void {
    clearImmediate(this.#beginning)
    this.#beginning = undefined
    this.#fill()
  }

  #fill(): void {
    while (this.#mayBegin()) {
      this.#begunAt = performance.now()
      const batch = this.#waiting.splice(0, this.#options.most)
      const run = this.#do(batch).finally(() => {
        this.#running.delete(run)
        this.#fill()
      })
      this.#running.add(run)
    }
    // what is under way may hang, and nobody else come who would look
    if (this.#beside !== undefined || this.#waiting.length === 0 || this.#running.size >= this.#lanes) return
    this.#beside = setTimeout(() => {
      this.#beside = undefined
      this.#fill()
    }, longMs + 1)
  }

  #mayBegin(): boolean {
    const { size } = this.#running
    if (this.#waiting.length === 0 || size >= this.#lanes) return false
    return size === 0 || this.#waiting.length * 2 >= this.#options.most || performance.now() - this.#begunAt > longMs
  }

  async #do(batch: readonly Waiting<T, R>[]): Promise<void> {
    const untried = [batch]
    for (let some = untried.pop(); some !== undefined; some = untried.pop()) {
      const failed = await this.#try(some)
      if (failed === undefined) continue
      if (!this.#options.isOfOne(failed.error)) {
        for (const { reject } of [some, ...untried].flat()) reject(failed.error)
        return
      }
      if (some.length === 1) some[0]?.reject(failed.error)
      else untried.push(some.slice(some.length / 2), some.slice(0, some.length / 2)) // the first half is next
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
