import type { Knex } from 'knex'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import type { BuyerLimits } from './buyer-limits.ts'
import { dealColumn, toDeal } from './deal-levels.ts'
import { isId } from './order-request.ts'
import type { StockChange } from './stock-row.ts'

const productsOfAQuery = 1_000

/**
 * A product's stock at a version, of which a screen keeps the highest it has seen, and how much of it one buyer may have.
 * The stock of a product with variants is that of all that are on sale together. Its version counts the changes of all:
 * units may come back to one that is sold no more.
 */
export interface StockLevel extends Omit<StockChange, 'variantOf'>, BuyerLimits {
  deal?: Deal | undefined // that runs
}

/** What is read of a stock row as a level, for those who read it with the rows of its products. */
export const levelColumns = (db: Knex | Knex.Transaction) => [
  db.raw(`CAST(COALESCE(${stockOfVariants}, product_stock.stock) AS SIGNED) AS stock`),
  // grows also when a product gets its first variants
  db.raw(`CAST(product_stock.version + COALESCE(${versionOfVariants}, 0) AS SIGNED) AS version`),
  'limit_per_buyer',
  'unpaid_units_per_buyer',
  'unpaid_orders_per_buyer',
  db.raw(`${dealColumn} AS deal`),
]

const ofVariants = 'variant.variant_of = product_stock.product_id'

const versionOfVariants = `(SELECT SUM(variant.version) FROM product_stock AS variant WHERE ${ofVariants})`

// From the few stock rows to their products, never the other way: the ids may be of different character sets.
const stockOfVariants = `(SELECT SUM(IF(sold.variant_position IS NULL, 0, variant.stock))
  FROM product_stock AS variant STRAIGHT_JOIN products AS sold ON sold.id = variant.product_id WHERE ${ofVariants})`

/** The stock of products now, a thousand a query; products without a stock row are left out. */
export async function stockOf(
  db: Knex | Knex.Transaction,
  productIds: readonly string[],
): Promise<Map<string, StockLevel>> {
  const ids = productIds.filter(isId)
  const levels = new Map<string, StockLevel>()
  for (let from = 0; from < ids.length; from += productsOfAQuery) {
    const rows: Row[] = await db('product_stock')
      .select('product_id', ...levelColumns(db))
      .whereIn('product_id', ids.slice(from, from + productsOfAQuery))
    for (const row of rows) levels.set(row.product_id, levelOf(row))
  }
  return levels
}

interface Row {
  product_id: string
  stock: number
  version: number
  limit_per_buyer: number | null
  unpaid_units_per_buyer: number | null
  unpaid_orders_per_buyer: number | null
  deal: string | null
}

const levelOf = (row: Row): StockLevel => ({
  productId: row.product_id,
  stock: row.stock,
  version: row.version,
  limitPerBuyer: row.limit_per_buyer,
  unpaidUnitsPerBuyer: row.unpaid_units_per_buyer,
  unpaidOrdersPerBuyer: row.unpaid_orders_per_buyer,
  deal: toDeal(row.deal),
})
