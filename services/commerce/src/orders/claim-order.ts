import type { Knex } from 'knex'
import type { ClaimAnswer, ClaimRequest } from '@mytaek1/contracts/service-events.ts'
import { findOrder, sellerOf } from './queries.ts'
import type { OrderRow } from './schema.ts'
import { presentInternalOrder } from './schema.ts'

/**
 * Claims an order's reservation for a payment that is about to charge: it no longer expires and cannot be cancelled. One
 * payment holds it; the same one is answered the same again, also after it was settled.
 */
export async function claimOrder(db: Knex, orderId: string, request: ClaimRequest): Promise<ClaimAnswer> {
  const { paymentId, buyerId, replaces } = request
  await db('orders')
    .where({ id: orderId, buyer_id: buyerId, state: 'RESERVED' })
    .whereRaw('(payment_id IN (?, ?) OR (claimed_at IS NULL AND expires_at > UTC_TIMESTAMP(3)))', [
      paymentId,
      replaces ?? paymentId,
    ])
    .update({ payment_id: paymentId, claimed_at: db.raw('COALESCE(claimed_at, UTC_TIMESTAMP(3))') })
  const order = await findOrder(db, orderId)
  if (!order || order.buyerId !== buyerId) return { claim: 'REFUSED', reason: 'no_such_order' }
  if (order.claimed && order.paymentId === paymentId) {
    return { claim: 'CLAIMED', order: presentInternalOrder(order, await sellerOf(db, order)) }
  }
  return { claim: 'REFUSED', reason: refusalOf(order) }
}

function refusalOf(order: OrderRow): string {
  if (order.state !== 'RESERVED') return `order_${order.state.toLowerCase()}`
  return order.claimed ? 'claimed_by_another_payment' : 'reservation_expired'
}
