/**
 * Bytes that may be on their way at once. A body takes its length before it is read, and waits where there is no room:
 * places count requests, and a hundred segments of 30 MB are as many places as a hundred parts of 30 kB.
 *
 * Large bodies may take three quarters: who goes back through an hour's segments must not keep live parts waiting.
 */

const largeShare = 1 / 64 // of the budget: a body of more is large
const forLarge = 3 / 4

/** What a body has taken, or waits for. */
export interface Claim {
  readonly bytes: number
  /** Gives back what was taken, or leaves the queue; once. */
  release(): void
}

interface Waiting extends Claim {
  readonly onRoom: () => void
}

export class ByteBudget {
  readonly #maxBytes: number
  readonly #waiting = new Set<Waiting>() // first come first served, but small before large
  #bytes = 0
  #largeBytes = 0

  constructor({ maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes
  }

  /** Bytes taken. */
  get bytes(): number {
    return this.#bytes
  }

  /** Asks for room. `onRoom` is called once, now or later, unless the claim is released before. */
  claim(bytes: number, onRoom: () => void): Claim {
    const claim: Waiting = { bytes, onRoom, release: () => this.#release(claim) }
    this.#waiting.add(claim)
    this.#admit()
    return claim
  }

  /** The same as a promise. @throws the signal's reason, and then nothing is taken. */
  async room(bytes: number, signal: AbortSignal): Promise<Claim> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const claim = this.claim(bytes, resolve)
    const giveUp = () => {
      claim.release()
      reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      await promise
      return claim
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #release(claim: Waiting): void {
    if (!this.#waiting.delete(claim)) this.#count(claim, -1)
    this.#admit()
    claim.release = () => {}
  }

  #admit(): void {
    let largeWaits = false // the large ones after it wait, too: a bit less large ones would pass it for ever
    for (const claim of this.#waiting) {
      const large = this.#isLarge(claim)
      if (large && largeWaits) continue
      if (!this.#fits(claim)) {
        largeWaits = true
        if (large) continue
        return
      }
      this.#waiting.delete(claim)
      this.#count(claim, 1)
      claim.onRoom()
    }
  }

  /** One that is larger than its share comes when no other large one is there. */
  #fits(claim: Claim): boolean {
    if (!this.#isLarge(claim)) return this.#bytes + claim.bytes <= this.#maxBytes
    return this.#largeBytes === 0 || this.#largeBytes + claim.bytes <= this.#maxBytes * forLarge
  }

  #count(claim: Claim, sign: 1 | -1): void {
    this.#bytes += sign * claim.bytes
    if (this.#isLarge(claim)) this.#largeBytes += sign * claim.bytes
  }

  #isLarge({ bytes }: Claim): boolean {
    return bytes > this.#maxBytes * largeShare
  }
}
