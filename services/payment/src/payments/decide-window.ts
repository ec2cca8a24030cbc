import { declineReasons } from '@mytaek1/contracts/decline-reasons.ts'
import type { Outcome } from '../gateways/payment-gateway.ts'
import type { Ending } from './write-outcome.ts'

/** What is to be done about a payment whose buyer is, or was, in a gateway's window. */
export type WindowDecision =
  | { kind: 'approve'; instrument: string }
  | { kind: 'end'; ending: Extract<Ending, { reason: string }> }
  | { kind: 'wait' } // until the window's time is over
  | { kind: 'ask_again'; why: string } // soon

// of what the buyer did, of time and of the order: no card was refused
const nobodysRefusal = new Set(['buyer_left', 'expired', 'amount_differs', 'reservation_expired', 'interrupted'])

/**
 * Decides by the gateway's word what a window came to. Its order is not claimed yet, so an ending tells commerce nothing: the
 * reservation runs on.
 *
 * @param over why the window is given up; undefined while the buyer may still come back
 */
export function decideWindow(outcome: Outcome, over: string | undefined): WindowDecision {
  switch (outcome.status) {
    case 'PAID':
      return { kind: 'approve', instrument: outcome.reference } // `approve` finds it paid, once the order is claimed
    case 'HELD':
      return over === undefined
        ? { kind: 'approve', instrument: outcome.reference }
        : { kind: 'ask_again', why: 'still held' }
    case 'DECLINED':
      return end(over ?? outcome.reason)
    case 'EXPIRED':
      return end(over ?? 'expired')
    case 'NOT_FOUND':
      return over === undefined ? { kind: 'wait' } : end(over) // it may be about to be opened
    case 'UNCLEAR':
      return { kind: 'ask_again', why: outcome.code }
    default:
      return over === undefined ? { kind: 'wait' } : { kind: 'ask_again', why: outcome.status }
  }
}

function end(reason: string): WindowDecision {
  const to = reason in declineReasons && !nobodysRefusal.has(reason) ? 'DECLINED' : 'CANCELED'
  return { kind: 'end', ending: { to, claimed: undefined, reason } }
}
