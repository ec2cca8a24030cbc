/**
 * What a claim gives back. Payment is told by the transaction that ends the claim, under the claim's id: however often it is
 * told, it gives back once. It answers when the money went, or that it did not.
 */
import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import { findOrder } from '../orders/queries.ts'
import type { OrderRow } from '../orders/schema.ts'
import type { Claim, ClaimRow } from './claim.ts'
import type { Person } from './fulfilment.ts'

const tellAgainMs = 600_000 // a payment service of the version before skips what it does not know
const tellAgainMax = 100

/**
 * Asks payment to give back what a claim is worth, or what is left of the payment when that is less.
 *
 * @param refund.amount minor units; null: all that is left but `keep`
 * @param refund.shipping what of the amount is for sending the order
 * @returns how it stands; null when nothing is left to give back.
 */
export async function askRefund(
  trx: Knex.Transaction,
  refund: {
    claimId: string
    order: OrderRow
    amount: number | null
    keep?: number
    shipping?: number
    restock: boolean
    actor: Person
    now: Date
  },
): Promise<Claim['refund']> {
  const { claimId, order, keep = 0, shipping = 0, restock, actor, now } = refund
  const left = order.state === 'PAID' ? order.totalAmount - order.refundedAmount : 0
  const wanted = refund.amount ?? (keep > 0 ? Math.max(0, left - keep) : null)
  const amount = wanted === null ? null : Math.min(wanted, left)
  if (left === 0 || amount === 0) return null
  const asked = { refund_state: 'REQUESTED', refund_amount: amount, refund_shipping: shipping, refund_told_at: now }
  await trx('claims').where('id', claimId).update(asked)
  await tell(trx, { claimId, order, amount, restock, actor })
  return { state: 'REQUESTED', amount, shipping, reason: null }
}

/** Tells payment again of refunds that it did not answer for long; answers how many. */
export async function tellRefundsAgain(db: Knex, now: Date): Promise<number> {
  const before = new Date(now.getTime() - tellAgainMs)
  const unanswered = { refund_state: 'REQUESTED' }
  const rows: ClaimRow[] = await db('claims')
    .where(unanswered)
    .where('refund_told_at', '<', before)
    .orderBy('refund_told_at')
    .limit(tellAgainMax)
  for (const row of rows) {
    await inTransaction(db, async (trx) => {
      const order = await findOrder(trx, row.order_id)
      const mine = trx('claims').where({ id: row.id, ...unanswered })
      const taken = await mine.where('refund_told_at', '<', before).update({ refund_told_at: now })
      if (taken === 0 || order === undefined) return
      const actor: Person = { sub: row.seller_id, role: 'seller' }
      const restock = row.kind === 'CANCEL' && Boolean(row.restock)
      await tell(trx, { claimId: row.id, order, amount: row.refund_amount, restock, actor })
    })
  }
  return rows.length
}

async function tell(
  trx: Knex.Transaction,
  refund: { claimId: string; order: OrderRow; amount: number | null; restock: boolean; actor: Person },
): Promise<void> {
  const { claimId, order, amount, restock, actor } = refund
  const money: Money | null = amount === null ? null : { amount, currency: order.currency }
  if (order.paymentId === null) throw new Error(`Order ${order.id} is paid by no payment`)
  await appendEvent(trx, {
    target: 'payment',
    event: {
      type: 'order.refund_requested',
      data: {
        orderId: order.id,
        paymentId: order.paymentId,
        claimId,
        amount: money,
        restock,
        actor: { id: actor.sub, role: actor.role },
      },
    },
  })
}
