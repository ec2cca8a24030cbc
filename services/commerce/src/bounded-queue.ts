import { UnavailableError } from '@mytaek1/platform/errors.ts'

interface Waiter {
  start(): void
  timer: NodeJS.Timeout
}

/**
 * Runs costly work a few at a time. At most `maxWaiting` wait, each at most `deadlineMs`; beyond either the caller is
 * told to come back (UnavailableError, code `busy`). Work that has begun is never cut.
 */
export class BoundedQueue {
  #running = 0
  #waiting: Waiter[] = []
  #limits: { name: string; concurrency: number; maxWaiting: number; deadlineMs: number }

  constructor(limits: { name: string; concurrency: number; maxWaiting: number; deadlineMs: number }) {
    this.#limits = limits
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waiting.length
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.concurrency) this.#running += 1
    else await this.#turn() // whoever finishes hands its place over, so #running stays
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next.start()
    }
  }

  #turn(): Promise<void> {
    const { name, maxWaiting, deadlineMs } = this.#limits
    if (this.#waiting.length >= maxWaiting) throw busy(name)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(busy(name))
      }, deadlineMs)
      const waiter: Waiter = {
        timer,
        start: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      this.#waiting.push(waiter)
    })
  }
}

const busy = (name: string) =>
  new UnavailableError(`Too many requests wait for ${name}; try again`, { code: 'busy', retryAfterSeconds: 2 })
