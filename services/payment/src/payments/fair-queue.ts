/**
 * A queue in which every seller has a turn, and within a seller every buyer: one account with its own product and a
 * thousand payments delays nobody but itself.
 */
export class FairQueue<T> {
  readonly #sellers = new Map<string, Map<string, T[]>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(sellerId: string, buyerId: string, item: T): void {
    let buyers = this.#sellers.get(sellerId)
    if (!buyers) this.#sellers.set(sellerId, (buyers = new Map()))
    const items = buyers.get(buyerId)
    if (items) items.push(item)
    else buyers.set(buyerId, [item])
    this.#size += 1
  }

  /** The next one; its seller and its buyer go to the end of their lines. */
  take(): T | undefined {
    const [seller] = this.#sellers
    if (!seller) return undefined
    const [sellerId, buyers] = seller
    const [buyer] = buyers
    this.#sellers.delete(sellerId)
    if (!buyer) return undefined // never kept empty
    const [buyerId, items] = buyer
    const item = items.shift()
    buyers.delete(buyerId)
    if (items.length > 0) buyers.set(buyerId, items)
    if (buyers.size > 0) this.#sellers.set(sellerId, buyers)
    this.#size -= 1
    return item
  }
}
