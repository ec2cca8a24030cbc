import type { Knex } from 'knex'
import type { ClaimAnswer, ClaimRequest, OrderClaim } from '@mytaek1/contracts/service-events.ts'
import { idType, tableOf } from '@mytaek1/platform/mysql-trip.ts'
import { findOrders, sellerOf } from './queries.ts'
import type { OrderRow } from './schema.ts'
import { presentInternalOrder } from './schema.ts'

const claimColumns = { id: idType, payment_id: idType, buyer_id: idType, replaces: idType }

/**
 * Claims orders' reservations for payments that are about to charge: they no longer expire and cannot be cancelled. One
 * payment holds an order; the same one is answered the same again, also after it was settled. Many are claimed and
 * read in one round trip, which is one commit; their rows are locked in order of their ids, so that two batches cannot wait for each other.
 */
export async function claimOrders(db: Knex, claims: readonly OrderClaim[]): Promise<ClaimAnswer[]> {
  const sorted = claims.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))
  const rows = sorted.map(({ orderId, paymentId, buyerId, replaces }) => [
    orderId,
    paymentId,
    buyerId,
    replaces ?? paymentId,
  ])
  const orders = await findOrders(
    db,
    sorted.map(({ orderId }) => orderId),
    [
      `UPDATE ${tableOf('claim', claimColumns, rows)} STRAIGHT_JOIN orders ON orders.id = claim.id
        SET orders.payment_id = claim.payment_id, orders.claimed_at = COALESCE(orders.claimed_at, UTC_TIMESTAMP(3))
      WHERE orders.buyer_id = claim.buyer_id AND orders.state = 'RESERVED'
        AND (orders.payment_id IN (claim.payment_id, claim.replaces)
             OR (orders.claimed_at IS NULL AND orders.expires_at > UTC_TIMESTAMP(3)))`,
    ],
  )
  return await Promise.all(claims.map((claim) => answerOf(db, claim, orders.get(claim.orderId))))
}

/** The same for one order. */
export async function claimOrder(db: Knex, orderId: string, request: ClaimRequest): Promise<ClaimAnswer> {
  const [answer] = await claimOrders(db, [{ orderId, ...request }])
  return answer ?? { claim: 'REFUSED', reason: 'no_such_order' }
}

async function answerOf(
  db: Knex,
  { buyerId, paymentId }: OrderClaim,
  found: { order: OrderRow; sellerId: string | undefined } | undefined,
): Promise<ClaimAnswer> {
  if (found?.order.buyerId !== buyerId) return { claim: 'REFUSED', reason: 'no_such_order' }
  const { order } = found
  if (order.claimed && order.paymentId === paymentId) {
    const sellerId = found.sellerId ?? (await sellerOf(db, order))
    return { claim: 'CLAIMED', order: presentInternalOrder(order, sellerId) }
  }
  return { claim: 'REFUSED', reason: refusalOf(order) }
}

function refusalOf(order: OrderRow): string {
  if (order.state !== 'RESERVED') return `order_${order.state.toLowerCase()}`
  return order.claimed ? 'claimed_by_another_payment' : 'reservation_expired'
}
