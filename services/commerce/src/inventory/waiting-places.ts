import type { Knex } from 'knex'

/** A buyer's place as it is now. */
export interface WaitingPlace {
  productId: string // what is ordered
  variantOf: string | null
  /** 1: who is offered the next unit; 0: one is offered. */
  position: number
  /** Until when a unit is kept for the buyer; null: none is. */
  offeredUntil: Date | null
}

/**
 * The places of a buyer, in order of product id; they have no more than a few. What is over is left out, whether or not it
 * was taken off its list by now.
 */
export async function readPlaces(db: Knex | Knex.Transaction, buyerId: string): Promise<WaitingPlace[]> {
  const [rows] = await db.raw(
    `SELECT place.product_id, variant_of, place.offered, ends_at,
            (SELECT COUNT(*) FROM waiting_places AS before_it
              WHERE before_it.product_id = place.product_id AND before_it.ticket <= place.ticket
                AND NOT before_it.offered AND before_it.ends_at > UTC_TIMESTAMP(3)) AS position
       FROM waiting_places AS place JOIN product_stock ON product_stock.product_id = place.product_id
      WHERE buyer_id = ? AND ends_at > UTC_TIMESTAMP(3) ORDER BY place.product_id`,
    [buyerId],
  )
  return (rows as Columns[]).map((row) => ({
    productId: row.product_id,
    variantOf: row.variant_of,
    position: row.offered === 1 ? 0 : row.position,
    offeredUntil: row.offered === 1 ? row.ends_at : null,
  }))
}

interface Columns {
  product_id: string
  variant_of: string | null
  offered: number
  ends_at: Date
  position: number
}
