import type { Knex } from 'knex'
import type { BuyerLimits } from './buyer-limits.ts'
import { isId } from './order-request.ts'
import type { StockChange } from './stock-row.ts'

const productsOfAQuery = 1_000

/**
 * A product's stock at a version, of which a screen keeps the highest it has seen, and how much of it one buyer may have.
 * The stock of a product with variants is all of theirs together, and so is its version: each change of one is a change.
 */
export interface StockLevel extends Omit<StockChange, 'variantOf'>, BuyerLimits {}

/** What is read of a stock row as a level, for those who read it with the rows of its products. */
export const levelColumns = (db: Knex | Knex.Transaction) => [
  db.raw(`CAST(COALESCE(${ofVariants('stock')}, product_stock.stock) AS SIGNED) AS stock`),
  // grows also when a product gets its first variants
  db.raw(`CAST(product_stock.version + COALESCE(${ofVariants('version')}, 0) AS SIGNED) AS version`),
  'limit_per_buyer',
  'unpaid_units_per_buyer',
  'unpaid_orders_per_buyer',
]

const ofVariants = (column: 'stock' | 'version') =>
  `(SELECT SUM(variant.${column}) FROM product_stock AS variant WHERE variant.variant_of = product_stock.product_id)`

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
}

const levelOf = (row: Row): StockLevel => ({
  productId: row.product_id,
  stock: row.stock,
  version: row.version,
  limitPerBuyer: row.limit_per_buyer,
  unpaidUnitsPerBuyer: row.unpaid_units_per_buyer,
  unpaidOrdersPerBuyer: row.unpaid_orders_per_buyer,
})
