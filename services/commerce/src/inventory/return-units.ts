import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { returnUses } from './coupon-rows.ts'
import { returnDealUnits } from './deal-rows.ts'
import { lockStock, type StockChange } from './stock-row.ts'
import { putOnSale } from './waiting-list.ts'

/** What became of an order that was to give its units back. */
export interface ReturnAnswer {
  state: 'RESERVED' | 'PAID' | 'RELEASED' | 'REFUNDED'
  claimed: boolean
}

/** Answers by order id, and the stock when units came back. */
export interface ReturnResult {
  answers: Map<string, ReturnAnswer>
  stock: StockChange | undefined
}

/**
 * Releases reservations of one product: RESERVED and unclaimed orders become RELEASED and give their units back.
 *
 * It may be repeated, and race with itself, payment and expiry: the condition keeps an order that is claimed or paid,
 * and the ledger's unique row lets an order's units come back once, whatever the reason. Orders are locked before the
 * stock row, as everywhere.
 */
export async function releaseOrders(
  query: Query,
  { productId, orderIds }: { productId: string; orderIds: readonly string[] },
): Promise<ReturnResult> {
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  await query(
    `UPDATE orders SET state = 'RELEASED', settled_at = COALESCE(settled_at, UTC_TIMESTAMP(3))
      WHERE id IN (${ids}) AND product_id = '${productId}' AND state IN ('RESERVED', 'RELEASED') AND claimed_at IS NULL`,
  )
  const stock = await returnUnits(query, { productId, orderIds, state: 'RELEASED' })
  return { answers: await endOf(query, orderIds), stock }
}

/** What orders are now, by id, after those that were released gave back the use of their coupons, and units of deals, too. */
export async function endOf(query: Query, orderIds: readonly string[]): Promise<Map<string, ReturnAnswer>> {
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  const { rows } = await query(
    `SELECT id, buyer_id, state, claimed_at, coupon_id, IF(product_id IS NULL,
         (SELECT GROUP_CONCAT(DISTINCT deal_id) FROM order_items WHERE order_id = orders.id), deal_id) AS deal_ids
       FROM orders WHERE id IN (${ids})`,
  )
  await returnUses(
    query,
    rows.flatMap(({ id, buyer_id: buyerId, state, coupon_id: couponId }) =>
      state === 'RELEASED' && typeof couponId === 'string'
        ? [{ orderId: String(id), buyerId: String(buyerId), couponId }]
        : [],
    ),
  )
  await returnDealUnits(
    query,
    rows.flatMap(({ id, buyer_id: buyerId, state, deal_ids: dealIds }) =>
      state === 'RELEASED' && typeof dealIds === 'string'
        ? [{ orderId: String(id), buyerId: String(buyerId), dealIds: dealIds.split(',') }]
        : [],
    ),
  )
  return new Map(
    rows.map((row) => [
      String(row.id),
      { state: row.state as ReturnAnswer['state'], claimed: row.claimed_at !== null }, // an ENUM of these values
    ]),
  )
}

/**
 * Gives back the units of those of the orders that are in `state` and have not given them back yet: to who waits for the
 * product, and otherwise to its stock. The caller's transaction put them into that state, so it holds their rows.
 *
 * @param input.ofBaskets the orders are of several products, this one among them
 * @param input.onSaleAgain units of them that were put on sale before, as new supply: they do not come back twice
 * @returns the stock after it; undefined when nothing came back.
 */
export async function returnUnits(
  query: Query,
  input: {
    productId: string
    orderIds: readonly string[]
    state: 'RELEASED' | 'REFUNDED'
    ofBaskets?: boolean
    onSaleAgain?: number | undefined
  },
): Promise<StockChange | undefined> {
  const { productId, orderIds, state, ofBaskets = false, onSaleAgain = 0 } = input
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  const row = await lockStock(query, productId)
  if (!row) return undefined
  const version = row.version + 1
  await query(
    `INSERT INTO stock_ledger (order_id, kind, product_id, delta, version)
      SELECT id, 'RETURN', sold.product_id, sold.quantity, ${version}
        FROM ${ofBaskets ? 'orders JOIN order_items AS sold ON sold.order_id = id' : 'orders AS sold'}
       WHERE id IN (${ids}) AND sold.product_id = '${productId}' AND state = '${state}'
      ON DUPLICATE KEY UPDATE stock_ledger.order_id = VALUES(stock_ledger.order_id)`,
  )
  // rows of this version are those that were new: the version is ours while we hold the stock row
  const { rows } = await query(
    `SELECT COALESCE(SUM(delta), 0) AS units FROM stock_ledger
      WHERE product_id = '${productId}' AND order_id IN (${ids}) AND kind = 'RETURN' AND version = ${version}`,
  )
  const units = Number(rows[0]?.units)
  if (units === 0) return undefined
  const before = Math.min(onSaleAgain, units)
  if (before > 0)
    await query(`UPDATE product_stock SET supplied = supplied - ${before} WHERE product_id = '${productId}'`)
  return await putOnSale(query, row, units - before)
}
