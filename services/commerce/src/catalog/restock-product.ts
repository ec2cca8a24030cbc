import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'

type Change = { productId: string; stock: number; version: number }

/** How much of a product one buyer may have; null: as much as there is, or as the service is configured. */
export interface BuyerLimits {
  limitPerBuyer: number | null // units held and bought, in all orders together
  unpaidUnitsPerBuyer: number | null // units held without payment
  unpaidOrdersPerBuyer: number | null
}

/** Inventory's side: changes the stock row inside a transaction, and tells everybody once that is committed. */
export interface Restock {
  /** Adds units, or takes back what is left. Undefined: no such product. */
  change(
    trx: Knex.Transaction,
    input: { productId: string; units: number; requestId?: string | undefined },
  ): Promise<Change | undefined>
  /** Sets how many are left now. */
  set(trx: Knex.Transaction, input: { productId: string; stock: number }): Promise<Change | undefined>
  /** Sets how much one buyer may have from now on; what is left out stays. */
  limit(trx: Knex.Transaction, input: { productId: string } & Partial<BuyerLimits>): Promise<void>
  announce(change: Change): void
}

/**
 * Adds units to a product's stock, or takes back at most what is left; throws NotFoundError. With an `idempotencyKey` the
 * same request may be sent again: the units come once.
 */
export async function restockProduct(
  { db, restock }: { db: Knex; restock: Restock },
  { productId, units, idempotencyKey }: { productId: string; units: number; idempotencyKey: string | undefined },
): Promise<void> {
  const requestId = idempotencyKey === undefined ? undefined : hash('sha256', idempotencyKey, 'base64url').slice(0, 22)
  const change = await inTransaction(db, (trx) => restock.change(trx, { productId, units, requestId }))
  if (change === undefined) throw new NotFoundError('product', productId)
  restock.announce(change)
}
