import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { queryOf, type Query } from '@mytaek1/platform/mysql-session.ts'
import { limitColumns, type BuyerLimits } from './buyer-limits.ts'
import { isId } from './order-request.ts'
import { lockStock, recordChange, type LockedStock, type StockChange } from './stock-row.ts'
import { putOnSale } from './waiting-list.ts'

const suppliedMax = 2_147_483_647 // the column is an INT

/** Puts a new product's first units on sale, in the transaction that creates it; of a variant, too. */
export async function openStock(
  trx: Knex.Transaction,
  stock: { productId: string; variantOf?: string; units: number } & Partial<BuyerLimits>,
): Promise<void> {
  const { productId, variantOf = null, units, ...limits } = stock
  await trx('product_stock').insert({
    product_id: productId,
    variant_of: variantOf,
    stock: units,
    supplied: units,
    version: 1,
    ...limitColumns(limits),
  })
  await trx('stock_events').insert({
    product_id: productId,
    version: 1,
    stock: units,
    delta: units,
    at: trx.raw('UTC_TIMESTAMP(3)'),
  })
}

/** More units than the books of a product can count. */
export class StockTooLargeError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'stock_too_large'
  constructor() {
    super(`A product can be supplied with ${suppliedMax} units in all`)
  }
}

/** The key was used before, for another number of units. */
export class RestockKeyReusedError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'idempotency_key_reused'
  constructor() {
    super('This Idempotency-Key added another number of units; use a new key for a new change')
  }
}

/**
 * Adds units to a product, which who waits for it is offered first, or takes back at most what is left when `units` is
 * negative: what is offered stays so. Publish the answer after commit.
 *
 * @param input.requestId of a request that may be sent again: the second time changes nothing
 * @returns undefined when there is no such product.
 * @throws {StockTooLargeError | RestockKeyReusedError}
 */
export async function restock(
  trx: Knex.Transaction,
  { productId, units, requestId }: { productId: string; units: number; requestId?: string | undefined },
): Promise<StockChange | undefined> {
  if (!isId(productId) || !Number.isInteger(units)) return undefined
  const query = queryOf(trx)
  const row = await lockStock(query, productId)
  if (!row) return undefined
  const { stock, version, variantOf } = row
  const unchanged = { productId, stock, version, variantOf }
  if (requestId !== undefined && !(await isNew(trx, { productId, units, requestId }))) return unchanged
  const delta = Math.max(units, -row.stock)
  return delta === 0 ? unchanged : await supply(query, row, delta)
}

/**
 * Brings what one file of a seller's has added to a product to so many units in all, negative ones taken back from what is
 * left: the same file again adds nothing, and corrected it adds what it says more. What could not be taken back, for it was sold,
 * is taken when it is there again. Publish the answer after commit.
 *
 * @param input.requestId of the moment that the file's numbers are of
 * @returns undefined when there is no such product, or nothing changed.
 * @throws {StockTooLargeError}
 */
export async function supplyByFile(
  trx: Knex.Transaction,
  { productId, units, requestId }: { productId: string; units: number; requestId: string },
): Promise<StockChange | undefined> {
  const query = queryOf(trx)
  const row = isId(productId) ? await lockStock(query, productId) : undefined
  if (row === undefined) return undefined
  const key = { product_id: productId, request_id: requestId }
  const before = await trx('restocks').where(key).first<{ units: number } | undefined>('units')
  const supplied = before?.units ?? 0
  const delta = Math.max(units - supplied, -row.stock)
  if (before !== undefined && delta === 0) return undefined
  // what came of it, not what was asked for: units that could not be taken back, for they were sold, are not given back later
  await trx('restocks')
    .insert({ ...key, units: supplied + delta })
    .onConflict(['product_id', 'request_id'])
    .merge(['units'])
  return delta === 0 ? undefined : await supply(query, row, delta)
}

/** What such files have added so far, by product and moment, a space between them; those that were never taken are absent. */
export async function suppliedByFiles(
  db: Knex | Knex.Transaction,
  { productIds, requestIds }: { productIds: readonly string[]; requestIds: readonly string[] },
): Promise<Map<string, number>> {
  const rows: { product_id: string; request_id: string; units: number }[] = await db('restocks')
    .whereIn('product_id', productIds)
    .whereIn('request_id', requestIds)
  return new Map(rows.map((row) => [`${row.product_id} ${row.request_id}`, row.units]))
}

async function supply(query: Query, row: LockedStock, delta: number): Promise<StockChange> {
  const { affectedRows } = await query(
    `UPDATE product_stock SET supplied = supplied + ${delta}
      WHERE product_id = '${row.productId}' AND supplied <= ${suppliedMax - delta}`,
  )
  if (affectedRows === 0) throw new StockTooLargeError()
  return delta > 0 ? await putOnSale(query, row, delta) : await recordChange(query, row, delta)
}

// The caller holds the stock row, so two of one key come one after the other.
async function isNew(
  trx: Knex.Transaction,
  { productId, units, requestId }: { productId: string; units: number; requestId: string },
): Promise<boolean> {
  const key = { product_id: productId, request_id: requestId }
  const before = await trx('restocks').where(key).first<{ units: number } | undefined>('units')
  if (before !== undefined && before.units !== units) throw new RestockKeyReusedError()
  if (before === undefined) await trx('restocks').insert({ ...key, units })
  return before === undefined
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
