/** What follows, for the way of an order, from what payment says of its money; each in the transaction that takes the event. */
import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { literals } from '@mytaek1/platform/mysql-trip.ts'
import type { OrderFollower } from '../orders/settle-order.ts'
import { claimsOf } from './claim.ts'
import { findFulfilments, note, type Actor } from './fulfilment.ts'
import { applyDeed } from './move-order.ts'
import { newsOf, type TellAccounts } from './news.ts'
import { nextState } from './order-life.ts'

const payment: Actor = Object.freeze({ sub: 'payment', role: 'system' })

/** Follows what payment says; `tell` reaches buyers and sellers. */
export function followPayments(deps: { db: Knex; clock: () => Date; log: Logger; tell: TellAccounts }): OrderFollower {
  const { db, clock, log, tell } = deps
  return {
    paid: (orderIds) => [openingOf(orderIds)],
    refunded: async (trx, { orderId, claimId, whole }) => {
      const now = clock()
      await trx('fulfilments').where('order_id', orderId).forUpdate().first('order_id') // before its claims, as everywhere
      if (claimId !== null) await endRefund(trx, { orderId, claimId, failure: null, now })
      if (whole) await endOrder(trx, orderId, now)
      return await unitsPutBack(trx, orderId)
    },
    refundFailed: (trx, { orderId, claimId, reason }) =>
      endRefund(trx, { orderId, claimId, failure: reason, now: clock() }),
    tell: async (orderIds) => {
      try {
        tell(newsOf([...(await findFulfilments(db, orderIds)).values()]))
      } catch (error) {
        log.warn('fulfilment.news_not_told', { orders: orderIds.length, error }) // what happened is committed
      }
    },
  }
}

/**
 * Begins the way of orders that are paid for; those that have begun it already stay as they are.
 *
 * One statement for a batch: what it inserts is all that a sale costs here, and the transaction that sold the units is over.
 */
export async function openFulfilments(trx: Knex | Knex.Transaction, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length > 0) await trx.raw(openingOf(orderIds))
}

const openingOf = (orderIds: readonly string[]) =>
  `INSERT INTO fulfilments (order_id, seller_id, buyer_id, requires_shipping, paid_at)
     SELECT orders.id, MIN(products.seller_id), orders.buyer_id, MAX(products.requires_shipping),
            COALESCE(orders.settled_at, UTC_TIMESTAMP(3))
       FROM orders
       LEFT JOIN order_items ON order_items.order_id = orders.id
       JOIN products ON products.id = COALESCE(orders.product_id, order_items.product_id)
      WHERE orders.id IN ${literals(orderIds)} AND orders.state = 'PAID' GROUP BY orders.id, orders.buyer_id, orders.settled_at
     ON DUPLICATE KEY UPDATE fulfilments.order_id = fulfilments.order_id`

async function endRefund(
  trx: Knex.Transaction,
  refund: { orderId: string; claimId: string; failure: string | null; now: Date },
): Promise<void> {
  const { orderId, claimId, failure, now } = refund
  const ended = await trx('claims')
    .where({ id: claimId, order_id: orderId, refund_state: 'REQUESTED' })
    .update({ refund_state: failure === null ? 'DONE' : 'FAILED', refund_reason: failure?.slice(0, 64) ?? null })
  if (ended === 0) return
  const action = failure === null ? 'refund.done' : 'refund.failed'
  await note(trx, { orderId, actor: payment, action, details: `${claimId} ${failure ?? ''}`.trim(), at: now })
}

// All of the money is back, by whatever way: nothing is packed or sent any more, and nothing is left to ask for.
async function endOrder(trx: Knex.Transaction, orderId: string, now: Date): Promise<void> {
  const before = (await findFulfilments(trx, [orderId])).get(orderId)
  if (before === undefined) return
  for (const deed of ['cancel', 'return'] as const) {
    if (nextState(before, deed, 'payment') === undefined) continue
    await applyDeed(trx, before, { deed, doer: 'payment', actor: payment, now })
    break
  }
  await trx('claims')
    .where('order_id', orderId)
    .whereIn('state', ['REQUESTED', 'COLLECTING'])
    .update({ state: 'DONE', ended_at: now })
}

async function unitsPutBack(trx: Knex.Transaction, orderId: string) {
  const claims = (await claimsOf(trx, [orderId])).get(orderId) ?? []
  const back = new Map<string, number>()
  for (const { kind, restock, refund, items } of claims) {
    const isOfPart = kind === 'RETURN' || typeof refund?.amount === 'number' // a whole one's units come back with its money
    if (!isOfPart || restock !== true) continue
    for (const { productId, quantity } of items) back.set(productId, (back.get(productId) ?? 0) + quantity)
  }
  return [...back].map(([productId, units]) => ({ productId, units }))
}
