import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Gateways } from '../gateways/gateways.ts'
import type { Outcome, PaymentGateway } from '../gateways/payment-gateway.ts'
import { knownOf, lacksRefundAccount, Payment, refundAccountOf } from './payment.ts'
import type { Claimed } from './write-outcome.ts'

/** Why money does not go back yet that was paid into a virtual account: only its buyer can say where to. */
const noAccount = 'its buyer’s account is not known'
const wrongAccount = 'its buyer’s account is refused'

/** What was taken, and all of it is with the buyer again; or why this is not so yet, and what is owed. */
type GivenBack = { returned: Money } | { why: string; owed: Money }

type Paid = Extract<Outcome, { status: 'PAID' }>

/**
 * Gives back, once a payment, what a gateway took and no order is paid with: it could not be claimed, or it costs another
 * amount or is priced in another currency. Repeated, it goes on where it was; a refusal is asked again, and is an operator's to see.
 * An account that the gateway refuses is forgotten, so that its buyer is asked for another.
 */
export async function giveBack(
  { db, gateway, log }: { db: Knex; gateway: PaymentGateway; log: Logger },
  payment: Pick<Payment, 'id' | 'method' | 'refund_account'>,
  { reference, amount, currency, refunded }: Paid,
  reason: string,
): Promise<GivenBack> {
  const returned = { amount, currency }
  if (refunded >= amount) return { returned }
  const { id: paymentId } = payment
  log.warn('payment.unclaimed_money', { paymentId, reason, amount, currency })
  const owed = { amount: amount - refunded, currency }
  if (lacksRefundAccount(payment)) return { why: noAccount, owed }
  const back = await gateway.refund({
    paymentId,
    reference,
    amount: owed,
    key: refundKeyOf(`${paymentId}:unclaimed`, payment),
    reason: 'not available',
    account: refundAccountOf(payment),
  })
  if (back.status === 'REFUNDED') return { returned }
  if (back.status === 'WRONG_ACCOUNT') await forgetAccount(db, payment)
  return { why: back.status === 'WRONG_ACCOUNT' ? wrongAccount : `to be given back: ${back.code}`, owed }
}

/**
 * Under which key money goes back. Gateways repeat their first answer to a key, a refusal as well: an account after one that
 * was refused has another key. While something is under way no account takes another's place (deposits.ts).
 */
export function refundKeyOf(key: string, { refund_account: account }: Pick<Payment, 'refund_account'>): string {
  return account ? `${key}:${createHash('sha256').update(account).digest('hex').slice(0, 12)}` : key
}

/** An account of the buyer's that nothing can go back on; one that was told meanwhile stays. */
export async function forgetAccount(
  db: Knex,
  { id, refund_account }: Pick<Payment, 'id' | 'refund_account'>,
): Promise<void> {
  await Payment.query(db).where({ id, refund_account }).patch({ refund_account: null })
}

type Ended = { ending: { to: 'DECLINED' | 'CANCELED'; claimed: Claimed | undefined; reason: string; returned?: Money } }
type Later = { later: { claimed: undefined; why: string; owed?: Money } }

/**
 * Ends a payment whose order cannot be claimed: what a window holds is let go; should its gateway have taken the money
 * before it was allowed to, that goes back.
 */
export async function letGo(
  deps: { db: Knex; gateways: Gateways; log: Logger },
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
  const back = await giveBack({ ...deps, gateway }, payment, outcome, reason)
  return 'returned' in back
    ? { ending: { ...ended.ending, returned: back.returned } }
    : { later: { claimed: undefined, ...back } }
}
