import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { endOf, returnUnits, type ReturnAnswer } from './return-units.ts'
import type { StockChange } from './stock-row.ts'

/**
 * Releases orders of several products, as `releaseOrders` does those of one: RESERVED and unclaimed ones become RELEASED
 * and all their units come back, once. Orders are locked before stock rows, and stock rows in order of product id.
 */
export async function releaseBaskets(
  query: Query,
  orderIds: readonly string[],
): Promise<{ answers: Map<string, ReturnAnswer>; stocks: StockChange[] }> {
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  await query(
    `UPDATE orders SET state = 'RELEASED', settled_at = COALESCE(settled_at, UTC_TIMESTAMP(3))
      WHERE id IN (${ids}) AND product_id IS NULL AND state IN ('RESERVED', 'RELEASED') AND claimed_at IS NULL`,
  )
  const stocks = await returnBaskets(query, { orderIds, state: 'RELEASED' })
  return { answers: await endOf(query, orderIds), stocks }
}

/**
 * Gives back the units of those orders of several products that are in `state` and have not given them back yet. The
 * caller's transaction put them into that state, so it holds their rows.
 *
 * @param input.onSaleAgain by product; see `returnUnits`
 * @returns the stock of each product whose units came back.
 */
export async function returnBaskets(
  query: Query,
  input: {
    orderIds: readonly string[]
    state: 'RELEASED' | 'REFUNDED'
    onSaleAgain?: ReadonlyMap<string, number>
  },
): Promise<StockChange[]> {
  const { orderIds, state } = input
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  const { rows } = await query(
    `SELECT DISTINCT product_id FROM order_items WHERE order_id IN (${ids}) ORDER BY product_id`,
  )
  const stocks: StockChange[] = []
  for (const row of rows) {
    const productId = String(row.product_id)
    const onSaleAgain = input.onSaleAgain?.get(productId)
    const stock = await returnUnits(query, { productId, orderIds, state, ofBaskets: true, onSaleAgain })
    if (stock) stocks.push(stock)
  }
  return stocks
}
