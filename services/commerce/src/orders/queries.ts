import type { Knex } from 'knex'
import { queryOf, type Row } from '@mytaek1/platform/mysql-session.ts'
import { inOneTrip, literals } from '@mytaek1/platform/mysql-trip.ts'
import { readOrderItems } from '../inventory/order-items.ts'
import { isId } from '../inventory/order-request.ts'
import { shippingOfRow, type ShippingColumns } from '../inventory/shipping.ts'
import { decodeCursor, toPage } from '../paging.ts'
import { shownState, type OrderRow, type OrderState, type OrderView } from './schema.ts'

interface Columns extends ShippingColumns {
  id: string
  buyer_id: string
  product_id: string | null
  broadcast_id: string | null
  quantity: number
  state: OrderState
  total_amount: number
  currency: string
  created_at: Date
  expires_at: Date
  claimed_at: Date | null
  payment_id: string | null
  refunded_amount: number
  product_revision: number | null
  coupon_id: string | null
  discount_amount: number
  deal_id: string | null
}

/** One order; undefined when there is none. */
export async function findOrder(db: Knex | Knex.Transaction, orderId: string): Promise<OrderRow | undefined> {
  if (!isId(orderId)) return undefined
  const row: Columns | undefined = await db('orders').where('id', orderId).first()
  if (row === undefined) return undefined
  const [order] = await withItems(db, [row])
  return order
}

/**
 * Several orders by their ids, each with its seller where it is of one product; ids that there are not are absent.
 *
 * @param first statements of the same transaction and round trip, after which they are read
 */
export async function findOrders(
  db: Knex,
  orderIds: readonly string[],
  first: readonly string[] = [],
): Promise<Map<string, { order: OrderRow; sellerId: string | undefined }>> {
  const { rows } = await inOneTrip(db, [
    ...first,
    `SELECT orders.*, products.seller_id FROM orders LEFT JOIN products ON products.id = orders.product_id
      WHERE orders.id IN ${literals(['', ...orderIds.filter(isId)])}`,
  ])
  const orders = await withItems(db, rows as unknown as Columns[])
  return new Map(orders.map((order, n) => [order.id, { order, sellerId: sellerIn(rows[n]) }]))
}

const sellerIn = (row: Row | undefined) => (typeof row?.seller_id === 'string' ? row.seller_id : undefined)

/** Who sells what an order is of; all of its products are one seller's. */
export async function sellerOf(db: Knex | Knex.Transaction, order: OrderRow): Promise<string> {
  const productId = order.productId ?? order.items?.[0]?.productId ?? ''
  const row = await db('products').where('id', productId).first<{ seller_id: string } | undefined>('seller_id')
  if (row === undefined) throw new Error(`Order ${order.id} is of product ${productId}, which there is not`)
  return row.seller_id
}

/** Whose orders are and how they stand, by order. */
export async function readBuyers(
  db: Knex,
  orderIds: readonly string[],
): Promise<Map<string, { buyerId: string; state: OrderView['state'] }>> {
  const rows: Pick<Columns, 'id' | 'buyer_id' | 'state' | 'refunded_amount'>[] = await db('orders')
    .whereIn('id', orderIds.filter(isId))
    .select('id', 'buyer_id', 'state', 'refunded_amount')
  return new Map(
    rows.map((row) => [row.id, { buyerId: row.buyer_id, state: shownState(row.state, row.refunded_amount) }]),
  )
}

/** One page of a buyer's orders, newest first. */
export async function listOrders(
  db: Knex,
  buyerId: string,
  page: { limit: number; cursor?: string },
): Promise<{ items: OrderRow[]; nextCursor: string | null }> {
  const query = db('orders').where('buyer_id', buyerId).orderBy('id', 'desc') // ids sort by time
  if (page.cursor !== undefined) void query.where('id', '<', decodeCursor(page.cursor).id)
  const rows: Columns[] = await query.limit(page.limit + 1)
  return toPage(await withItems(db, rows), page.limit, (order) => ({ at: new Date(order.createdAt), id: order.id }))
}

async function withItems(db: Knex | Knex.Transaction, rows: readonly Columns[]): Promise<OrderRow[]> {
  const several = rows.filter((row) => row.product_id === null).map(({ id }) => id)
  const items = await readOrderItems(queryOf(db), several)
  return rows.map((row) => ({ ...toOrder(row), items: items.get(row.id) }))
}

function toOrder(row: Columns): OrderRow {
  const shipping = shippingOfRow(row)
  return {
    id: row.id,
    buyerId: row.buyer_id,
    productId: row.product_id,
    broadcastId: row.broadcast_id,
    quantity: row.quantity,
    productRevision: row.product_revision,
    ...(row.deal_id !== null && { dealId: row.deal_id }),
    state: row.state,
    totalAmount: row.total_amount,
    ...(shipping && { shipping }),
    ...(row.coupon_id !== null && { coupon: { id: row.coupon_id, discountAmount: row.discount_amount } }),
    currency: row.currency,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    claimed: row.claimed_at !== null,
    paymentId: row.payment_id,
    // a process of the version before writes down none when all of it goes back
    refundedAmount: row.state === 'REFUNDED' ? row.total_amount : row.refunded_amount,
  }
}
