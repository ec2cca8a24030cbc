/** How an item left the queue without an answer from its batch. */
export class QueueFullError extends Error {}
export class QueueDeadlineError extends Error {}
export class QueueClosedError extends Error {}

/**
 * Works on one batch; answers item by item, in order. A throw that `mayRetry` allows runs the same items again. With a
 * call of `handOver` it says that what is left is waiting, and that the key's next batch may begin beside it.
 */
export type RunBatch<Item, Answer> = (
  key: string,
  items: readonly Item[],
  handOver: () => void,
) => Promise<readonly Answer[]>

/** The bounds of a batcher. */
export interface BatcherLimits {
  maxBatch: number
  maxBatchBeside: number // while, or shortly after, other keys' batches run too
  maxWaitingPerKey: number
  maxWaiting: number
  deadlineMs: number // an item that is not answered by then fails with QueueDeadlineError
}

// An answer sets off work of its caller's, such as writing it to a socket: the event loop turns after so many.
const answersPerTurn = 16

// Longer than the pauses between the orders of a product that sells now and then.
const besideForMs = 1_000

interface Waiting<Item, Answer> {
  item: Item
  deadline: number
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * Gathers items by key while that key's last batch runs: there is no timer, so an item that comes alone starts at once,
 * and the busier a key the larger its batches. Keys do not wait for each other; but they share the database's CPUs, so a
 * busy key's batches stay small beside other keys': what one of those waits for is the rest of a batch. While a whole
 * batch waits already, it need not wait for the end of one that has handed over.
 *
 * A batch that fails is tried again, with the same items first in the queue, until each item's deadline; only when the
 * failure is nothing that a later try can mend, and it is not one item's alone, do its items fail with it.
 */
export class Batcher<Item, Answer> {
  #queues = new Map<string, Waiting<Item, Answer>[]>()
  #running = new Map<string, Promise<void>>()
  #whole = new Map<string, () => void>() // called when a whole batch waits
  #waiting = 0
  #besideUntil = 0
  #closed = false
  #run: RunBatch<Item, Answer>
  #retryDelayMs: (error: unknown, attempt: number) => number | undefined
  #limits: BatcherLimits

  /** @param options.retryDelayMs after how long a failed batch may run again; undefined: never */
  constructor(options: {
    run: RunBatch<Item, Answer>
    retryDelayMs: (error: unknown, attempt: number) => number | undefined
    limits: BatcherLimits
  }) {
    this.#run = options.run
    this.#retryDelayMs = options.retryDelayMs
    this.#limits = options.limits
  }

  /** Items that wait or are being worked on. */
  get size(): number {
    return this.#waiting
  }

  /** Queues an item and waits for its answer; refuses at once when a bound is reached. */
  add(key: string, item: Item): Promise<Answer> {
    if (this.#closed) return Promise.reject(new QueueClosedError('The queue is closed'))
    let queue = this.#queues.get(key)
    if (this.#waiting >= this.#limits.maxWaiting || (queue && queue.length >= this.#limits.maxWaitingPerKey)) {
      return Promise.reject(new QueueFullError('The queue is full'))
    }
    if (!queue) {
      queue = []
      this.#queues.set(key, queue)
    }
    this.#waiting += 1
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    queue.push({ item, deadline: Date.now() + this.#limits.deadlineMs, resolve, reject })
    if (queue.length === this.#limits.maxBatch) this.#whole.get(key)?.()
    if (!this.#running.has(key)) this.#running.set(key, this.#work(key))
    return promise
  }

  /** Takes nothing more and waits until everything that was taken is answered; every item has a deadline, so this ends. */
  async drain(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#running.values())
    while (this.#waiting > 0) await nextTurn() // the last batches' answers are being given
  }

  async #work(key: string): Promise<void> {
    await nextTurn() // everything that this turn of the event loop reads off its sockets comes along
    let earlier: Promise<unknown> = Promise.resolve()
    for (let queue = this.#queues.get(key); queue && queue.length > 0; queue = this.#queues.get(key)) {
      const handedOver = Promise.withResolvers<void>()
      const settled = Promise.all([earlier, this.#settle(key, queue.splice(0, this.#bound()), handedOver.resolve)])
      const mayOverlap = Promise.all([earlier, handedOver.promise, this.#wholeBatch(key, queue)])
      await Promise.race([settled, mayOverlap]) // so two run at once at most, and the second is a whole one
      earlier = settled
    }
    this.#queues.delete(key)
    this.#running.delete(key)
    this.#whole.delete(key)
  }

  // Resolves when as many wait as a batch may have; sooner, it would gather more by waiting for the end of the last one.
  #wholeBatch(key: string, queue: readonly unknown[]): Promise<void> {
    if (queue.length >= this.#limits.maxBatch) return Promise.resolve()
    return new Promise((resolve) => this.#whole.set(key, resolve))
  }

  #bound(): number {
    const now = Date.now()
    if (this.#running.size > 1) this.#besideUntil = now + besideForMs
    const { maxBatch, maxBatchBeside } = this.#limits
    return now < this.#besideUntil ? Math.min(maxBatch, maxBatchBeside) : maxBatch
  }

  async #settle(key: string, batch: Waiting<Item, Answer>[], handOver: () => void): Promise<void> {
    let open = this.#dropLate(batch)
    for (let attempt = 1; open.length > 0; attempt += 1) {
      try {
        const answers = await this.#run(
          key,
          open.map(({ item }) => item),
          handOver,
        )
        void this.#answer(open, answers) // cannot fail; the next batch need not wait for it
        return
      } catch (error) {
        const delayMs = this.#retryDelayMs(error, attempt)
        if (delayMs === undefined) return await this.#isolate(key, open, error, handOver)
        await new Promise((resolve) => setTimeout(resolve, delayMs))
        open = this.#dropLate(open, error)
      }
    }
  }

  async #answer(batch: readonly Waiting<Item, Answer>[], answers: readonly Answer[]): Promise<void> {
    for (const [index, { resolve, reject }] of batch.entries()) {
      if (index > 0 && index % answersPerTurn === 0) await nextTurn()
      const answer = answers[index]
      if (answer === undefined) reject(new Error('The batch left an item without an answer'))
      else resolve(answer)
      this.#waiting -= 1
    }
  }

  // One item may be what the database chokes on: the others must not fail with it.
  async #isolate(key: string, batch: Waiting<Item, Answer>[], error: unknown, handOver: () => void): Promise<void> {
    const [first] = batch
    if (batch.length === 1 && first) {
      this.#waiting -= 1
      return first.reject(error)
    }
    const half = Math.ceil(batch.length / 2)
    await this.#settle(key, batch.slice(0, half), handOver)
    await this.#settle(key, batch.slice(half), handOver)
  }

  #dropLate(batch: Waiting<Item, Answer>[], cause?: unknown): Waiting<Item, Answer>[] {
    const now = Date.now()
    return batch.filter(({ deadline, reject }) => {
      if (deadline > now) return true
      this.#waiting -= 1
      reject(new QueueDeadlineError('Not answered in time', { cause }))
      return false
    })
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
