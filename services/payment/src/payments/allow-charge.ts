import { claimOnce } from './charge.ts'
import type { Orders } from './claim.ts'
import { OrderNotPayableError } from './errors.ts'
import { Payment } from './payment.ts'
import { isInWindow, type WindowDeps } from './window.ts'

const askedMs = 15_000 // to claim; whoever takes the payment up then gives it up
const settleMs = 2_000 // for the gateway to charge before it is asked

/**
 * A gateway is about to charge what a buyer authenticated in its window, and asks whether it may: the order is claimed for it
 * now. A hook that comes again is answered the same.
 *
 * The row says PROCESSING before anything is claimed, and has its amount before the gateway hears that it may charge. So
 * whoever ends the payment meanwhile either comes first, and nothing is claimed, or knows that a claim is to be given back.
 *
 * @throws {OrderNotPayableError} it may not. @throws {UnavailableError} it is not known: the gateway does not charge, either.
 */
export async function allowCharge(
  deps: WindowDeps & { orders: Orders },
  input: { paymentId: string; gateway: string },
): Promise<void> {
  const { db, now } = deps
  const read = () => Payment.query(db).findOne({ id: input.paymentId, gateway: input.gateway })
  const payment = await read()
  if (isAllowed(payment)) return
  if (!payment || !(isAsked(payment) || (isInWindow(payment) && (await markAsked(deps, payment.id)))))
    throw new OrderNotPayableError(payment?.order_id ?? 'unknown', 'no_window')
  const answer = await claimOnce(deps, payment)
  const asked = () => Payment.query(db).where({ id: payment.id, state: 'PROCESSING', amount: null, lease_owner: null })
  if ('refused' in answer || differs(payment, answer.claimed.amount)) {
    await asked().patch({ next_attempt_at: now() }) // whoever takes it up gives back what is claimed
    throw new OrderNotPayableError(payment.order_id, 'refused' in answer ? answer.refused : 'amount_differs')
  }
  const { amount, sellerId } = answer.claimed
  const noted = await asked().patch({
    amount: amount.amount,
    currency: amount.currency,
    seller_id: sellerId,
    next_attempt_at: new Date(now().getTime() + settleMs),
    updated_at: now(),
  })
  if (noted === 0 && !isAllowed(await read())) throw new OrderNotPayableError(payment.order_id, 'too_late')
}

type Asked = Pick<Payment, 'state' | 'amount'>

const isAllowed = (payment: Asked | undefined) => payment?.state === 'PROCESSING' && payment.amount !== null
const isAsked = ({ state, amount }: Asked) => state === 'PROCESSING' && amount === null

const differs = (payment: Payment, { amount, currency }: { amount: number; currency: string }) =>
  amount !== payment.window_amount || currency !== payment.currency

/** Takes the payment from whoever looks at its window: what they find is not written any more. */
async function markAsked({ db, now }: Pick<WindowDeps, 'db' | 'now'>, id: string): Promise<boolean> {
  const marked = await Payment.query(db)
    .where({ id, state: 'REQUESTED' })
    .whereNull('instrument')
    .whereNull('left_reason')
    .patch({
      state: 'PROCESSING',
      lease_owner: null,
      next_attempt_at: new Date(now().getTime() + askedMs),
      updated_at: now(),
    })
  return marked === 1
}
