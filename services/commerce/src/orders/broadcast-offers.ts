import type { Knex } from 'knex'

const rememberedMs = 5_000
const rememberedMax = 10_000

/** Whether a broadcast shows a product: what an order that names a broadcast has to be of. */
export class BroadcastOffers {
  #db: Knex
  #seenAt = new Map<string, number>() // of what was offered: a rush asks once in five seconds, not once an order

  constructor(db: Knex) {
    this.#db = db
  }

  /** Whether there is such a broadcast and it shows all of these products. One that has ended still sells, as a recording. */
  async isOffered(broadcastId: string, productIds: readonly string[]): Promise<boolean> {
    const now = Date.now()
    const keyOf = (productId: string) => `${broadcastId} ${productId}`
    const unknown = productIds.filter((id) => now - (this.#seenAt.get(keyOf(id)) ?? 0) > rememberedMs)
    if (unknown.length === 0) return true
    const rows: { product_id: string }[] = await this.#db('broadcast_products')
      .where({ broadcast_id: broadcastId, hidden: false })
      .whereIn('product_id', unknown)
      .select('product_id')
    if (this.#seenAt.size > rememberedMax) this.#seenAt.clear()
    for (const row of rows) this.#seenAt.set(keyOf(row.product_id), now)
    return rows.length === unknown.length
  }
}
