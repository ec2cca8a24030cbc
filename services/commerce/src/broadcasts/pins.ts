import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { lockOwnOpen, ProductNotShownError } from './change-broadcast.ts'

/** Products that stand over the picture at once. */
export const maxPins = 3

/** Columns that say what is pinned. */
export interface PinsRow {
  pinnedProductId: string | null
  pinnedAt: Date | null
  pins: string | null
  pinsAt: Date | null
}

/** What is pinned, in order; undefined where nothing ever was. What a process of the version before pinned is one product. */
export function pinsOf({
  pinnedProductId,
  pinnedAt,
  pins,
  pinsAt,
}: PinsRow): { productIds: string[]; at: Date } | undefined {
  if (pinnedAt === null) return undefined
  if (pins !== null && pinsAt?.getTime() === pinnedAt.getTime()) {
    return { productIds: JSON.parse(pins) as string[], at: pinnedAt }
  }
  return { productIds: pinnedProductId === null ? [] : [pinnedProductId], at: pinnedAt }
}

/**
 * Pins products that the broadcast shows, at most `maxPins`, in this order; none takes away what is there.
 *
 * @throws {WrongStateError | ProductNotShownError}
 */
export async function pinProducts(
  { db, now }: { db: Knex; now: Date },
  caller: AccessTokenClaims,
  id: string,
  productIds: readonly string[],
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await lockOwnOpen(trx, caller, id, 'pinned to')
    const shown: { product_id: string }[] = await trx('broadcast_products')
      .where({ broadcast_id: id, hidden: false })
      .whereIn('product_id', [...productIds])
      .select('product_id')
    const missing = productIds.find((each) => !shown.some(({ product_id: known }) => known === each))
    if (missing !== undefined) throw new ProductNotShownError(missing)
    await writePins(trx, id, productIds, now)
  })
}

/** Writes what is pinned from now on, in the transaction of its cause; the caller holds the broadcast's row. */
export async function writePins(
  trx: Knex.Transaction,
  id: string,
  productIds: readonly string[],
  now: Date,
): Promise<void> {
  const first = productIds[0] ?? null
  const pins = { pinned_product_id: first, pinned_at: now, pins: JSON.stringify(productIds), pins_at: now }
  await trx('broadcasts').where({ id }).update(pins)
  await trx('broadcast_pins').insert({ broadcast_id: id, product_id: first, pinned_at: now })
}
