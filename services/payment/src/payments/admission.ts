import { UnavailableError } from '@mytaek1/platform/errors.ts'

const windowMs = 10_000
const maxWaitMs = 60_000 // a card waits no longer than that
const maxOfBuyer = 20
const maxWaiting = 20_000

/**
 * Lets in what can be charged within a minute at the rate that was measured in the last ten seconds, and of one buyer not
 * more than a few at once. What is refused was not written: the buyer may try again.
 */
export class Admission {
  readonly #ofBuyer = new Map<string, number>()
  readonly #ended: number[] = [] // when, oldest first
  readonly #slowestPerSecond: number
  readonly #now: () => number
  #waiting = 0

  /** @param options.slowestPerSecond what all slots do when every call takes as long as it may: the rate of a start */
  constructor(options: { slowestPerSecond: number; now?: () => number }) {
    this.#slowestPerSecond = options.slowestPerSecond
    this.#now = options.now ?? (() => performance.now())
  }

  get waiting(): number {
    return this.#waiting
  }

  /** @throws {UnavailableError} too many wait. */
  enter(buyerId: string): void {
    const own = this.#ofBuyer.get(buyerId) ?? 0
    const capacity = Math.min(maxWaiting, (this.#perSecond() * maxWaitMs) / 1_000)
    if (own >= maxOfBuyer || this.#waiting >= capacity) {
      const message = 'Too many payments wait; try again in a moment'
      throw new UnavailableError(message, { code: 'payments_busy', retryAfterSeconds: 2 })
    }
    this.#waiting += 1
    this.#ofBuyer.set(buyerId, own + 1)
  }

  /** @param served whether it was charged, and so tells the rate */
  leave(buyerId: string, served: boolean): void {
    this.#waiting -= 1
    const own = (this.#ofBuyer.get(buyerId) ?? 1) - 1
    if (own > 0) this.#ofBuyer.set(buyerId, own)
    else this.#ofBuyer.delete(buyerId)
    if (served) this.#ended.push(this.#now())
  }

  #perSecond(): number {
    const since = this.#now() - windowMs
    while ((this.#ended[0] ?? Infinity) < since) this.#ended.shift()
    return Math.max(this.#slowestPerSecond, (this.#ended.length * 1_000) / windowMs)
  }
}
