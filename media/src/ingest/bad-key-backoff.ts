/**
 * Slows down addresses that send bad stream keys: each wrong key is answered later than the one before. An IPv6 /64 is
 * one address here: whoever has one has all of it, and would come from another each time.
 *
 * Right keys are never delayed, since behind a load balancer every encoder may have the same address.
 */
import { addressBlock } from '../rtmp/address-block.ts'

const firstDelayMs = 250
const maxDelayMs = 5_000
const forgetAfterMs = 60_000
const maxAddresses = 10_000

export class BadKeyBackoff {
  readonly #failures = new Map<string, { count: number; at: number }>() // least recently failed first

  /** Notes a failure. @returns how long its answer has to wait, in milliseconds. */
  failed(address: string, now: number): number {
    const block = addressBlock(address)
    const known = this.#failures.get(block)
    const count = known === undefined || now - known.at > forgetAfterMs ? 1 : known.count + 1
    this.#failures.delete(block)
    this.#failures.set(block, { count, at: now })
    if (this.#failures.size > maxAddresses) {
      const [oldest] = this.#failures.keys()
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
    return Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(count - 1, 16))
  }
}
