import { claimOnce } from './charge.ts'
import type { Orders } from './claim.ts'
import { OrderNotPayableError } from './errors.ts'
import { Payment } from './payment.ts'
import { isInWindow, type WindowDeps } from './window.ts'

const settleMs = 2_000 // for the gateway to charge before it is asked

/**
 * A gateway is about to charge what a buyer authenticated in its window, and asks whether it may: the order is claimed for it
 * now. A hook that comes again is answered the same.
 *
 * @throws {OrderNotPayableError} it may not. @throws {UnavailableError} it is not known: the gateway does not charge, either.
 */
export async function allowCharge(
  deps: WindowDeps & { orders: Orders },
  input: { paymentId: string; gateway: string },
): Promise<void> {
  const { db, now } = deps
  const payment = await Payment.query(db).findOne({ id: input.paymentId, gateway: input.gateway })
  if (payment?.state === 'PROCESSING') return
  if (!payment || !isInWindow(payment)) throw new OrderNotPayableError(payment?.order_id ?? 'unknown', 'no_window')
  const answer = await claimOnce(deps, payment)
  const mine = () => Payment.query(db).where({ id: payment.id, state: 'REQUESTED' })
  if ('refused' in answer) {
    await mine().patch({ left_reason: answer.refused.slice(0, 64), next_attempt_at: now() })
    throw new OrderNotPayableError(payment.order_id, answer.refused)
  }
  const { amount, sellerId } = answer.claimed
  const facts = { amount: amount.amount, currency: amount.currency, seller_id: sellerId }
  const next_attempt_at = new Date(now().getTime() + settleMs)
  await mine().patch({ ...facts, state: 'PROCESSING', next_attempt_at, updated_at: now() })
}
