import type { Money } from '@mytaek1/contracts/money.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { Outcome, PaymentGateway } from '../gateways/payment-gateway.ts'
import { knownOf, lacksRefundAccount, refundAccountOf, type Payment } from './payment.ts'
import type { Claimed } from './write-outcome.ts'

/** Why money does not go back yet that was paid into a virtual account: only its buyer can say where to. */
const noAccount = 'its buyer’s account is not known'

/** What was taken, and all of it is with the buyer again; or that this is not so yet. */
type GivenBack = { returned: Money } | { why: string }

type Paid = Extract<Outcome, { status: 'PAID' }>

/**
 * Gives back, once a payment, what a gateway took and no order is paid with: it could not be claimed, or it costs another
 * amount or is priced in another currency. Repeated, it goes on where it was; a refusal is asked again, and is an operator's to see.
 */
export async function giveBack(
  { gateway, log }: { gateway: PaymentGateway; log: Logger },
  payment: Pick<Payment, 'id' | 'method' | 'refund_account'>,
  { reference, amount, currency, refunded }: Paid,
  reason: string,
): Promise<GivenBack> {
  const returned = { amount, currency }
  if (refunded >= amount) return { returned }
  const { id: paymentId } = payment
  log.warn('payment.unclaimed_money', { paymentId, reason, amount, currency })
  if (lacksRefundAccount(payment)) return { why: noAccount }
  const back = await gateway.refund({
    paymentId,
    reference,
    amount: { amount: amount - refunded, currency },
    key: `${paymentId}:unclaimed`,
    reason: 'not available',
    account: refundAccountOf(payment),
  })
  return back.status === 'REFUNDED' ? { returned } : { why: `to be given back: ${back.code}` }
}

type Ended = { ending: { to: 'DECLINED' | 'CANCELED'; claimed: Claimed | undefined; reason: string; returned?: Money } }
type Later = { later: { claimed: undefined; why: string } }

/**
 * Ends a payment whose order cannot be claimed: what a window holds is let go; should its gateway have taken the money
 * before it was allowed to, that goes back.
 */
export async function letGo(
  deps: { gateways: Gateways; log: Logger },
  payment: Pick<
    Payment,
    'id' | 'state' | 'gateway' | 'gateway_reference' | 'window_until' | 'instrument' | 'method' | 'refund_account'
  >,
  reason: string,
): Promise<Ended | Later> {
  const to = payment.state === 'DECLINED' ? 'DECLINED' : 'CANCELED' // one that had ended stays as it was
  const ended = { ending: { to, claimed: undefined, reason } } as const
  // never in a window and never found paid: no claim, and so no charge
  if (payment.window_until === null && payment.instrument === null) return ended
  const gateway = deps.gateways.get(payment.gateway)
  const outcome = await gateway.leave(knownOf(payment))
  if (['DECLINED', 'EXPIRED', 'NOT_FOUND'].includes(outcome.status)) return ended
  if (outcome.status !== 'PAID') return { later: { claimed: undefined, why: `to be let go: ${outcome.status}` } }
  const back = await giveBack({ gateway, log: deps.log }, payment, outcome, reason)
  return 'returned' in back
    ? { ending: { ...ended.ending, returned: back.returned } }
    : { later: { claimed: undefined, why: back.why } }
}
