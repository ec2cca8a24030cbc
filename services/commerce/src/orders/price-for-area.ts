/** What sending costs after an order was made: it goes elsewhere, or its buyer pays for another one of the same show. */
import type { Knex } from 'knex'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { literals } from '@mytaek1/platform/mysql-trip.ts'
import { totalMax } from '../inventory/decide-batch.ts'
import { findPaidInShow, paidInShowOf } from '../inventory/paid-in-show.ts'
import { amountBy, shippingOfRow, type ShippingColumns } from '../inventory/shipping.ts'
import { ShippingDiffersError } from './order-errors.ts'
import type { OrderRow } from './schema.ts'

const waitingMax = 50 // orders of a buyer in a show that are not paid for

/**
 * Has an order, whose row the caller has locked, cost what sending it to such an area does, by the terms that were agreed.
 *
 * @throws {ShippingDiffersError} it is paid for, or being paid, and would cost something else.
 */
export async function priceForArea(trx: Knex.Transaction, order: OrderRow, isRemote: boolean): Promise<void> {
  const { id, shipping, broadcastId, buyerId, currency } = order
  if (shipping === undefined || shipping.isRemote === isRemote) return
  const inShow = { buyerId, broadcastId }
  const paid = shipping.showCapAmount === null ? new Map() : await findPaidInShow(queryOf(trx), [inShow], id)
  const amount = amountBy(shipping, { isRemote, paidInShow: paidInShowOf(paid, inShow) })
  const total = order.totalAmount - shipping.amount + amount
  const mayChange = order.state === 'RESERVED' && !order.claimed && total <= totalMax
  if (amount !== shipping.amount && !mayChange) throw new ShippingDiffersError(id, { amount: total, currency })
  await setShipping(trx, { id, amount, isRemote, totalAmount: order.totalAmount, total })
}

/**
 * Has orders that wait for their payment cost less to send, whose buyers have just paid for others of the same show: a
 * seller's cap is of all of them. One that is being paid meanwhile is left as it is.
 */
export async function lowerInShows(trx: Knex.Transaction, paidOrderIds: readonly string[]): Promise<void> {
  const paidInShows: { buyer_id: string; broadcast_id: string }[] = await trx('orders')
    .whereIn('id', [...paidOrderIds])
    .whereNotNull('shipping_cap')
    .where('shipping_amount', '>', 0)
    .distinct('buyer_id', 'broadcast_id')
  for (const { buyer_id: buyerId, broadcast_id: broadcastId } of paidInShows) {
    const [waiting] = (await trx.raw(
      `SELECT * FROM orders FORCE INDEX (one_order_per_request)
        WHERE buyer_id = ? AND broadcast_id = ? AND state = 'RESERVED' AND claimed_at IS NULL
          AND shipping_cap IS NOT NULL AND shipping_amount > 0
        ORDER BY id LIMIT ${waitingMax} FOR UPDATE SKIP LOCKED`,
      [buyerId, broadcastId],
    )) as [(ShippingColumns & { id: string; total_amount: number })[]]
    if (waiting.length === 0) continue
    const inShow = { buyerId, broadcastId }
    const paidInShow = paidInShowOf(await findPaidInShow(queryOf(trx), [inShow]), inShow)
    for (const row of waiting) {
      const shipping = shippingOfRow(row)
      if (shipping === undefined) continue
      const { isRemote } = shipping
      const amount = amountBy(shipping, { isRemote, paidInShow })
      if (amount >= shipping.amount) continue
      const total = row.total_amount - shipping.amount + amount
      await setShipping(trx, { id: row.id, amount, isRemote, totalAmount: row.total_amount, total })
    }
  }
}

/** The condition, for a transaction in one trip, that paying for these orders makes no other cost less. */
export const lowersNothing = (orderIds: readonly string[]): string =>
  `NOT EXISTS (SELECT 1 FROM orders WHERE id IN ${literals(orderIds)} AND shipping_cap IS NOT NULL AND shipping_amount > 0)`

async function setShipping(
  trx: Knex.Transaction,
  order: { id: string; amount: number; isRemote: boolean; totalAmount: number; total: number },
): Promise<void> {
  const { id, amount, isRemote, totalAmount, total } = order
  const isOther = total !== totalAmount
  await trx('orders')
    .where('id', id)
    .update({
      shipping_amount: amount,
      is_remote: isRemote,
      total_amount: total,
      ...(isOther && { placed_amount: trx.raw('COALESCE(placed_amount, ?)', [totalAmount]) }), // a repeated request agreed to that
    })
}
