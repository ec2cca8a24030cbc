import type { Knex } from 'knex'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { isId } from './order-request.ts'
import { lockStock, recordChange, type StockChange } from './stock-row.ts'

/** Puts a new product's first units on sale, in the transaction that creates it. `limitPerBuyer` null: no limit. */
export async function openStock(
  trx: Knex.Transaction,
  { productId, units, limitPerBuyer = null }: { productId: string; units: number; limitPerBuyer?: number | null },
): Promise<void> {
  await trx('product_stock').insert({
    product_id: productId,
    stock: units,
    supplied: units,
    version: 1,
    limit_per_buyer: limitPerBuyer,
  })
  await trx('stock_events').insert({
    product_id: productId,
    version: 1,
    stock: units,
    delta: units,
    at: trx.raw('UTC_TIMESTAMP(3)'),
  })
}

/**
 * Adds units to a product, or takes back at most what is left when `units` is negative. Publish the answer after commit.
 *
 * @returns undefined when there is no such product.
 */
export async function restock(
  trx: Knex.Transaction,
  { productId, units }: { productId: string; units: number },
): Promise<StockChange | undefined> {
  if (!isId(productId) || !Number.isInteger(units)) return undefined
  const query = queryOf(trx)
  const row = await lockStock(query, productId)
  if (!row) return undefined
  const delta = Math.max(units, -row.stock)
  if (delta === 0) return { productId, stock: row.stock, version: row.version }
  await query(`UPDATE product_stock SET supplied = supplied + ${delta} WHERE product_id = '${productId}'`)
  return await recordChange(query, row, delta)
}

/**
 * Sets how many units are left, whatever was sold meanwhile. Publish the answer after commit.
 *
 * @returns undefined when there is no such product.
 */
export async function setStock(
  trx: Knex.Transaction,
  { productId, stock }: { productId: string; stock: number },
): Promise<StockChange | undefined> {
  if (!isId(productId)) return undefined
  const row = await lockStock(queryOf(trx), productId)
  return row && (await restock(trx, { productId, units: stock - row.stock })) // the row's lock is ours already
}

/** Sets how many units one buyer may hold and buy from now on; null: as many as there are. Orders made before stay. */
export async function setLimitPerBuyer(
  trx: Knex.Transaction,
  { productId, limitPerBuyer }: { productId: string; limitPerBuyer: number | null },
): Promise<void> {
  await trx('product_stock').where('product_id', productId).update({ limit_per_buyer: limitPerBuyer })
}

/** A product's stock, and how many units one buyer may hold and buy. */
export interface StockOnSale extends StockChange {
  limitPerBuyer: number | null
}

/** The stock of products now; products without a stock row are left out. Bounded by what is asked, at most 1,000. */
export async function stockOf(
  db: Knex | Knex.Transaction,
  productIds: readonly string[],
): Promise<Map<string, StockOnSale>> {
  const rows: Columns[] = await db('product_stock')
    .select('product_id', 'stock', 'version', 'limit_per_buyer')
    .whereIn('product_id', productIds.filter(isId).slice(0, 1_000))
  return new Map(
    rows.map(({ product_id: productId, stock, version, limit_per_buyer: limitPerBuyer }) => [
      productId,
      { productId, stock, version, limitPerBuyer },
    ]),
  )
}

interface Columns {
  product_id: string
  stock: number
  version: number
  limit_per_buyer: number | null
}
