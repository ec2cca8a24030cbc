import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { toSqlTime } from './batch-inserts.ts'
import { findHeld } from './held-units.ts'
import { holdRefusal, noHolding, type HoldLimits, type HoldRefusal } from './hold-limits.ts'
import { lockStock, lockStocks } from './stock-row.ts'
import { toPlace } from './waiting-list.ts'

/** The bounds of lists: how many wait for a product, how many products a buyer waits for, and for how long at most. */
export interface ListLimits {
  places: number
  placesPerBuyer: number
  waitMs: number
}

export const listLimits: Readonly<ListLimits> = Object.freeze({
  places: 1_000,
  placesPerBuyer: 20,
  waitMs: 14 * 86_400_000,
})

/** Who wants to wait for what. `productId`: what is ordered; of a variant with its product. */
export interface NewPlace {
  buyerId: string
  productId: string
  variantOf?: string | undefined
}

/** Whether somebody has a place now, and why not. */
export type JoinOutcome =
  | { kind: 'waits' }
  | { kind: 'in_stock'; available: number }
  | { kind: 'list_full' }
  | { kind: 'too_many_places' }
  | { kind: 'not_for_sale' }
  | { kind: 'variant_required' }
  | HoldRefusal

/**
 * Gives a buyer the last place of a list, once: who has one keeps it. Nobody waits for what is in stock, or for what
 * their order would be refused for anyway.
 *
 * @param options.holdMs how long a reservation is held
 */
export async function joinList(
  query: Query,
  { buyerId, productId, variantOf }: NewPlace,
  options: { holdMs: number; holdLimits: HoldLimits; limits: ListLimits },
): Promise<JoinOutcome> {
  const { holdMs, holdLimits, limits } = options
  const whole = variantOf === undefined ? undefined : await lockStock(query, variantOf) // limits are counted under its lock
  const [row] = await lockStocks(query, [productId])
  const limiting = variantOf === undefined ? row : whole
  if (!row?.forSale || !limiting?.forSale || row.variantOf !== variantOf) return { kind: 'not_for_sale' }
  if (row.hasOptions) return { kind: 'variant_required' }
  const { rows } = await query(
    `SELECT COUNT(*) AS places, COALESCE(SUM(product_id = '${productId}'), 0) AS of_this FROM waiting_places
      WHERE buyer_id = '${buyerId}'`,
  )
  if (Number(rows[0]?.of_this) > 0) return { kind: 'waits' }
  if (row.stock > 0) return { kind: 'in_stock', available: row.stock }
  if (Number(rows[0]?.places) >= limits.placesPerBuyer) return { kind: 'too_many_places' }
  if (row.waiting >= limits.places) return { kind: 'list_full' }
  const { limitPerBuyer, hasOptions: hasVariants } = limiting
  const counted = { hasVariants, requests: [{ buyerId }], holdMs, all: limitPerBuyer !== null }
  const held = await findHeld(query, { productId: limiting.productId, ...counted })
  const refusal = holdRefusal({
    holding: held.get(buyerId) ?? noHolding,
    quantity: 1,
    limitPerBuyer,
    holdLimits: { ...holdLimits, ...limiting.holdLimits },
    stock: 0,
    addressUnits: 0,
  })
  if (refusal) return refusal
  await query(
    `BEGIN NOT ATOMIC
      INSERT INTO waiting_places (product_id, ticket, buyer_id, ends_at)
        SELECT '${productId}', COALESCE(MAX(ticket), 0) + 1, '${buyerId}', TIMESTAMP'${toSqlTime(row.now + limits.waitMs)}'
          FROM waiting_places WHERE product_id = '${productId}';
      UPDATE product_stock SET waiting = waiting + 1 WHERE product_id = '${productId}';
    END`,
  )
  return { kind: 'waits' }
}

/** The place that a buyer has, of a product whose row is locked. */
export async function findPlace(query: Query, { buyerId, productId }: Pick<NewPlace, 'buyerId' | 'productId'>) {
  const { rows } = await query(
    `SELECT ticket, buyer_id, offered FROM waiting_places WHERE buyer_id = '${buyerId}' AND product_id = '${productId}'`,
  )
  return rows.map(toPlace)
}
