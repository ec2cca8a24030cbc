import type { Query } from '@mytaek1/platform/mysql-session.ts'
import type { OrderItem } from './order-request.ts'

/** The products of orders of several, by order id, each in order of product id. */
export async function readOrderItems(query: Query, orderIds: readonly string[]): Promise<Map<string, OrderItem[]>> {
  const items = new Map<string, OrderItem[]>()
  if (orderIds.length === 0) return items
  const ids = orderIds.map((id) => `'${id}'`).join(',')
  const { rows } = await query(
    `SELECT order_id, product_id, quantity, unit_amount, product_revision, deal_id FROM order_items
      WHERE order_id IN (${ids}) ORDER BY order_id, product_id`,
  )
  for (const row of rows) {
    const orderId = String(row.order_id)
    const ofOrder = items.get(orderId) ?? []
    ofOrder.push({
      productId: String(row.product_id),
      quantity: Number(row.quantity),
      unitAmount: Number(row.unit_amount),
      productRevision: row.product_revision === null ? null : Number(row.product_revision),
      ...(typeof row.deal_id === 'string' && { dealId: row.deal_id }),
    })
    items.set(orderId, ofOrder)
  }
  return items
}
