import type { Money } from '@mytaek1/contracts/money.ts'
import type { Outcome } from '../gateways/payment-gateway.ts'
import type { byTime } from './late-looks.ts'

/** What is to be written of a payment after its gateway spoke. */
export type Decision =
  | { kind: 'paid'; reference: string }
  | { kind: 'other_money'; paid: Extract<Outcome, { status: 'PAID' }> }
  | { kind: 'declined'; reason: string }
  | { kind: 'canceled'; reason: (typeof byTime)[number] }
  | { kind: 'ask_again'; why: string }

/**
 * Decides what a gateway's word means for a payment. Only a word ends it; whatever else was said, or not, is asked again.
 *
 * @param facts.amount what the order costs: money of another amount or currency pays nothing, and goes back
 * @param facts.chargeBy after it, and the gateway's own lateness, no charge of ours can take effect any more
 */
export function decideCharge(
  outcome: Outcome,
  facts: { amount: Money; chargeBy: Date; lateChargeMs: number; now: Date },
): Decision {
  switch (outcome.status) {
    case 'PAID':
      if (outcome.amount !== facts.amount.amount || outcome.currency !== facts.amount.currency) {
        return { kind: 'other_money', paid: outcome }
      }
      return { kind: 'paid', reference: outcome.reference }
    case 'DECLINED':
      return { kind: 'declined', reason: outcome.reason }
    case 'EXPIRED':
      return { kind: 'canceled', reason: 'expired' }
    case 'NOT_FOUND':
      // one that was sent before may still arrive, until then
      return facts.now.getTime() > facts.chargeBy.getTime() + facts.lateChargeMs
        ? { kind: 'canceled', reason: 'interrupted' }
        : { kind: 'ask_again', why: 'not found yet' }
    case 'UNCLEAR':
      return { kind: 'ask_again', why: outcome.code }
    default:
      return { kind: 'ask_again', why: outcome.status }
  }
}
