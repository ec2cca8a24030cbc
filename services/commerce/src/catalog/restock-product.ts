import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'

type Change = { productId: string; stock: number; version: number }

/** Inventory's side: changes the stock row inside a transaction, and tells everybody once that is committed. */
export interface Restock {
  /** Adds units, or takes back what is left. Undefined: no such product. */
  change(trx: Knex.Transaction, input: { productId: string; units: number }): Promise<Change | undefined>
  /** Sets how many are left now. */
  set(trx: Knex.Transaction, input: { productId: string; stock: number }): Promise<Change | undefined>
  /** Sets how many units one buyer may hold and buy; null: no limit. */
  limit(trx: Knex.Transaction, input: { productId: string; limitPerBuyer: number | null }): Promise<void>
  announce(change: Change): void
}

/** Adds units to a product's stock, or takes back at most what is left; throws NotFoundError. */
export async function restockProduct(
  { db, restock }: { db: Knex; restock: Restock },
  productId: string,
  units: number,
): Promise<void> {
  const change = await inTransaction(db, (trx) => restock.change(trx, { productId, units }))
  if (change === undefined) throw new NotFoundError('product', productId)
  restock.announce(change)
}
