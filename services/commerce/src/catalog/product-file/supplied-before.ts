import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import { suppliedByFiles } from '../../inventory/stock.ts'
import type { SuppliedBefore } from './decide-stock.ts'
import type { KnownProduct } from './known-products.ts'
import type { FileRow } from './read-rows.ts'

/** A version of a stock as `restocks` has it; no Idempotency-Key, for no header has a line feed in it. */
export const momentOf = (version: number): string => hash('sha256', `file\n${version}`, 'base64url').slice(0, 22)

/** What files have added so far to the units of a product, since the versions that rows name. */
export async function readSupplied(
  db: Knex | Knex.Transaction,
  known: KnownProduct | undefined,
  rows: readonly FileRow[],
): Promise<SuppliedBefore> {
  if (known === undefined) return () => undefined
  const versions = new Set(rows.map(({ cells }) => Number(cells.stockBase?.split('@')[1] ?? 0)))
  const units = known.options.length === 0 ? [known.own] : known.variants
  const productIds = units.map(({ id }) => id)
  const supplied = await suppliedByFiles(db, { productIds, requestIds: [...versions].map(momentOf) })
  return (unitId, version) => supplied.get(`${unitId} ${momentOf(version)}`)
}
