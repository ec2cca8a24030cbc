import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { restock } from '../inventory/stock.ts'

/** Told after the commit what is left of a product now. */
export type StockChanged = (change: StockChange) => void

/**
 * Adds units to a product's stock, or takes back at most what is left; throws NotFoundError. With an `idempotencyKey` the
 * same request may be sent again: the units come once.
 */
export async function restockProduct(
  { db, stockChanged }: { db: Knex; stockChanged: StockChanged },
  { productId, units, idempotencyKey }: { productId: string; units: number; idempotencyKey: string | undefined },
): Promise<void> {
  const requestId = idempotencyKey === undefined ? undefined : hash('sha256', idempotencyKey, 'base64url').slice(0, 22)
  const change = await inTransaction(db, (trx) => restock(trx, { productId, units, requestId }))
  if (change === undefined) throw new NotFoundError('product', productId)
  stockChanged(change)
}
