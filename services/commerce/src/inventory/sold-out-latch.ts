import type { StockChange } from './stock-row.ts'

const trustMs = 1_000 // a message may be lost: after so long somebody looks again
const lookMs = 250 // how long the others are refused while one looks
const neverTrustedMs = 2_000 // not even while one looks: that one may never be answered
const productsMax = 10_000
const tooManyForMs = 60_000

interface Seen {
  stock: number
  version: number
  soldOutAt: number // when a batch of ours found nothing left; 0: not since the last change
  lookingSince: number // when the last request was let through to look again
  buyers: ReadonlySet<string> | undefined
}

/**
 * Remembers which products have nothing left, so that most late buyers are answered without the database.
 *
 * It carries the stock's version: a newer one with units opens it. It never answers somebody who has an order of that
 * product: a repeated request must get its order. And it trusts itself only while `isFed` says that news of other
 * processes' changes come in, and for a second; in the next one a request at a time looks again, not all who press.
 */
export class SoldOutLatch {
  #seen = new Map<string, Seen>()
  #tooManyUntil = new Map<string, number>()
  #isFed: () => boolean

  constructor(isFed: () => boolean) {
    this.#isFed = isFed
  }

  /** Whether it could use the list of a product's buyers if the product were sold out now. */
  wantsBuyers(productId: string): boolean {
    return this.#isFed() && (this.#tooManyUntil.get(productId) ?? 0) <= Date.now()
  }

  /** There are too many buyers to remember: it does not ask again for a minute. */
  tooManyBuyers(productId: string): void {
    if (this.#tooManyUntil.size >= productsMax) this.#tooManyUntil.clear()
    this.#tooManyUntil.set(productId, Date.now() + tooManyForMs)
  }

  /** Takes news of a product's stock, in any order; `buyers`, when a batch found nothing left inside the row lock. */
  saw({ productId, stock, version }: StockChange, buyers?: ReadonlySet<string>): void {
    const last = this.#seen.get(productId)
    if (last && last.version > version) return
    const confirmed = stock === 0 && buyers !== undefined
    const same = last?.version === version ? last : undefined
    this.#seen.delete(productId) // to the end: the map's order is the order of last change
    this.#seen.set(productId, {
      stock,
      version,
      soldOutAt: confirmed ? Date.now() : (same?.soldOutAt ?? 0),
      lookingSince: same?.lookingSince ?? 0,
      buyers: confirmed ? buyers : same?.buyers,
    })
    const oldest = this.#seen.keys().next()
    if (this.#seen.size > productsMax && !oldest.done) this.#seen.delete(oldest.value)
  }

  /** Whether this buyer's request can be refused as sold out right now. */
  refuses(productId: string, buyerId: string): boolean {
    const seen = this.#seen.get(productId)
    if (!seen || seen.stock > 0 || !seen.buyers || !this.#isFed()) return false
    if (seen.buyers.has(buyerId)) return false
    const now = Date.now()
    if (now - seen.soldOutAt < trustMs) return true
    if (now - seen.lookingSince < lookMs) return now - seen.soldOutAt < neverTrustedMs
    seen.lookingSince = now
    return false
  }
}
