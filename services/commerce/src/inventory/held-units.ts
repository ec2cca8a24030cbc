import { idFloor } from '@mytaek1/platform/ids.ts'
import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { noHolding, type Holding } from './hold-limits.ts'

const clocksDifferByMs = 60_000

/**
 * What the buyers of these requests have of a product, in whatever orders, and whom its seller does not serve; who has
 * nothing is left out. Read inside the product's row lock, so it is the whole truth until the transaction ends.
 * With `hasVariants`, what they have of any of its variants is of the product.
 *
 * @param input.all what was bought counts, too; otherwise only what a reservation may hold still, so that a long history
 *   of a buyer's is not read
 */
export async function findHeld(
  query: Query,
  input: {
    productId: string
    hasVariants?: boolean
    requests: readonly { buyerId: string }[]
    holdMs: number
    all: boolean
  },
): Promise<Map<string, Holding>> {
  const { productId, hasVariants = false, requests, holdMs, all } = input
  const buyers = [...new Set(requests.map(({ buyerId }) => buyerId))]
  const counted = all
    ? "state IN ('RESERVED', 'PAID')"
    : `id > '${idFloor('o', Date.now() - holdMs - clocksDifferByMs)}' AND state = 'RESERVED'`
  const isOf = (table: 'orders' | 'order_items') =>
    hasVariants
      ? `(${table}.product_id = '${productId}' OR EXISTS (SELECT 1 FROM product_stock AS variant
           WHERE variant.product_id = ${table}.product_id AND variant.variant_of = '${productId}'))`
      : `${table}.product_id = '${productId}'`
  // one probe of the index a buyer, whatever the statistics of a table that has just been filled say
  const { rows } = await query(
    `SELECT orders.buyer_id, id, product_id, quantity, state
       FROM JSON_TABLE(_ascii'${JSON.stringify(buyers)}', '$[*]'
           COLUMNS (buyer VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) AS asked
         STRAIGHT_JOIN orders FORCE INDEX (one_order_per_request) ON orders.buyer_id = asked.buyer
           AND ${counted} AND (${isOf('orders')} OR orders.product_id IS NULL)
     UNION ALL SELECT buyer_id, NULL, NULL, 0, 'BARRED' FROM barred_buyers
       WHERE seller_id = (SELECT seller_id FROM products WHERE id = '${productId}')`,
  )
  const ofSeveral = rows
    .filter(({ id, product_id: product }) => id !== null && product === null)
    .map(({ id }) => String(id))
  const items = ofSeveral.length === 0 ? new Map() : await findItems(query, isOf('order_items'), ofSeveral)
  const held = new Map<string, Holding>()
  for (const { buyer_id: buyer, id, product_id: product, quantity, state } of rows) {
    const buyerId = String(buyer)
    const before = held.get(buyerId) ?? noHolding
    const units = product === null && typeof id === 'string' ? (items.get(id) ?? 0) : Number(quantity)
    const unpaid = state === 'RESERVED' && units > 0
    held.set(buyerId, {
      units: before.units + units,
      unpaidUnits: before.unpaidUnits + (unpaid ? units : 0),
      unpaidOrders: before.unpaidOrders + (unpaid ? 1 : 0),
      barred: before.barred || state === 'BARRED',
    })
  }
  return held
}

/** Units of a product in orders of several, by order id. */
async function findItems(query: Query, isOf: string, orderIds: readonly string[]): Promise<Map<string, number>> {
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  const { rows } = await query(
    `SELECT order_id, SUM(quantity) AS quantity FROM order_items WHERE order_id IN (${ids}) AND ${isOf} GROUP BY order_id`,
  )
  return new Map(rows.map((row) => [String(row.order_id), Number(row.quantity)]))
}
