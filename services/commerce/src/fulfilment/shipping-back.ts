/** What goes back of what a buyer paid for sending an order. */
import type { Knex } from 'knex'
import { amountBy, shippingOfRow, type ShippingColumns } from '../inventory/shipping.ts'
import type { OrderRow } from '../orders/schema.ts'
import type { Claim } from './claim.ts'

const ordersMax = 200 // of a buyer in a show

/**
 * What of it stays with the seller when the order is off: other orders of the same show cost less to send because of this
 * one, and are still sent. Otherwise a cheap order that is called off would take all others along for nothing.
 */
export async function shippingKept(trx: Knex.Transaction, order: OrderRow): Promise<number> {
  const { id, buyerId, broadcastId, shipping } = order
  if (shipping === undefined || shipping.amount === 0 || shipping.showCapAmount === null) return 0
  const others: ShippingColumns[] = await trx('orders')
    .join('fulfilments', 'fulfilments.order_id', 'orders.id')
    .where({ 'orders.buyer_id': buyerId, 'orders.broadcast_id': broadcastId, 'orders.state': 'PAID' })
    .whereNot('orders.id', id)
    .whereNotNull('orders.shipping_cap')
    .whereNotIn('fulfilments.state', ['CANCELED', 'RETURNED'])
    .limit(ordersMax)
    .select('orders.*')
  const saved = others.reduce((sum, row) => {
    const agreed = shippingOfRow(row)
    return agreed === undefined ? sum : sum + amountBy({ ...agreed, showCapAmount: null }, agreed) - agreed.amount
  }, 0)
  return Math.min(shipping.amount, saved)
}

/**
 * What goes back with units that are sent back: all of it that is left with the last of them, and otherwise nothing, unless
 * the seller says so.
 *
 * @param input.claims all of the order's, this one among them
 * @param input.isLast nothing of the order is left with its buyer
 */
export async function shippingBack(
  trx: Knex.Transaction,
  input: { order: OrderRow; claims: readonly Claim[]; isLast: boolean; asked: boolean | undefined },
): Promise<number> {
  const { order, claims, isLast, asked = isLast } = input
  if (!asked) return 0
  const back = claims.reduce((sum, { refund }) => sum + (refund?.state === 'FAILED' ? 0 : (refund?.shipping ?? 0)), 0)
  const kept = input.asked === undefined ? await shippingKept(trx, order) : 0
  return Math.max(0, (order.shipping?.amount ?? 0) - back - kept)
}
