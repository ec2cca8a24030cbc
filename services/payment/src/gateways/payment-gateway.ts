import type { IncomingHttpHeaders } from 'node:http'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Card } from '../cards/card.ts'

/**
 * What a gateway says of one payment. Amounts are minor units. Whatever is not one of these words is UNCLEAR: the thing may
 * or may not have happened, and only `find` may tell later.
 *
 * PAID             the money is taken; `refunded` of it went back
 * HELD             the amount is held and not taken (gateways that authorise and capture apart)
 * WAITING_DEPOSIT  a virtual account was issued, and nobody paid into it yet
 * DECLINED         refused for good, no money taken; `reason` is ours (decline-reasons.ts), `code` the gateway's
 * EXPIRED          the buyer's window or the time to confirm is over, no money taken
 * PENDING          it is working on it
 * NOT_FOUND        it never heard of this payment
 */
export type Outcome =
  | { status: 'PAID'; reference: string; amount: number; refunded: number }
  | { status: 'HELD' | 'WAITING_DEPOSIT'; reference: string; amount: number }
  | { status: 'DECLINED'; reason: string; code: string }
  | { status: 'EXPIRED' | 'PENDING' | 'NOT_FOUND' }
  | { status: 'UNCLEAR'; code: string }

/** What a gateway says of one refund, of this one alone. LATER: not now, the same again after a second. */
export type RefundOutcome =
  | { status: 'REFUNDED'; amount: number }
  | { status: 'REFUSED' | 'LATER' | 'UNCLEAR'; code: string }

/** What pays: the word of a hosted window, or, only where `cardEntry` is true, a card that was entered on our page. */
export type Instrument = { kind: 'hosted'; value: string } | { kind: 'card'; card: Card }

/** What the browser does next. */
export type ClientAction = { kind: 'none' } | { kind: 'redirect'; url: string }

/** What a gateway can do; the service asks this, never its name. */
export interface Capabilities {
  /** Cards are entered on our own page. */
  cardEntry: boolean
  /** The buyer pays in the gateway's own window. */
  hosted: boolean
  partialRefund: boolean
  /** How long after `chargeBy` a charge that was sent before may still take effect: NOT_FOUND is final only after it. */
  lateChargeMs: number
}

/** A line of a gateway's daily settlement; minor units, below zero for what went back. `paymentId`: ours, if it tells. */
export interface SettlementLine {
  reference: string
  paymentId?: string | undefined
  amount: number
  fee: number
  payout: number
}

/**
 * A payment gateway as the service needs it; one folder each. No call throws for what the network or the gateway does:
 * an answer that is late, cut or senseless is UNCLEAR.
 *
 * Every call names the payment by our id, unchanged on every try, so the gateway does each thing once.
 */
export interface PaymentGateway {
  readonly name: string
  readonly capabilities: Capabilities
  /** Opens the gateway's window for a payment; where there is none, the browser does nothing. */
  begin(input: { paymentId: string; amount: Money; returnUrl: string }): Promise<ClientAction | { kind: 'unclear' }>
  /** Charges, once a payment id; not after `chargeBy`. */
  approve(input: { paymentId: string; instrument: Instrument; amount: Money; chargeBy: Date }): Promise<Outcome>
  find(paymentId: string): Promise<Outcome>
  /** Gives money back, once a `key`. */
  refund(input: {
    paymentId: string
    reference: string
    amount: Money
    key: string
    reason: string
  }): Promise<RefundOutcome>
  /** Ids of payments that a webhook says have changed. Nothing else in it is believed: each is asked about. */
  parseWebhook(headers: IncomingHttpHeaders, rawBody: string): string[]
  /** The lines of one day, oldest first. */
  settlements(day: string): AsyncIterable<SettlementLine>
}
