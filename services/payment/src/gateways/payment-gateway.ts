import type { IncomingHttpHeaders } from 'node:http'
import type { DeclineReason } from '@mytaek1/contracts/decline-reasons.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Card } from '../cards/card.ts'

/** How a buyer may pay; a gateway's window asks for the rest. */
export const paymentMethods = ['card', 'transfer', 'mobile', 'easy_pay', 'virtual_account'] as const
export type PaymentMethod = (typeof paymentMethods)[number]

/**
 * What a gateway says of one payment, in the money that the buyer paid. Amounts are minor units. Whatever is not one of these words is UNCLEAR: the thing may
 * or may not have happened, and only `find` may tell later.
 *
 * PAID             the money is taken; `refunded` of it went back
 * HELD             the buyer authenticated, and nothing is taken: only `approve` takes it
 * WAITING_DEPOSIT  a virtual account was issued, and nobody paid into it yet
 * DECLINED         refused for good, no money taken; `reason` is ours (contracts/decline-reasons.ts), `code` the gateway's
 * EXPIRED          the buyer's window or the time to confirm is over, no money taken
 * PENDING          it is working on it, or the buyer is in its window
 * NOT_FOUND        it never heard of this payment
 */
export type Outcome =
  | { status: 'PAID'; reference: string; amount: number; currency: string; refunded: number }
  | { status: 'HELD'; reference: string; amount: number; currency: string }
  | {
      status: 'WAITING_DEPOSIT'
      reference: string
      amount: number
      currency: string
      account: DepositAccount | undefined
    }
  | { status: 'DECLINED'; reason: string; code: string }
  | { status: 'EXPIRED' | 'PENDING' | 'NOT_FOUND' }
  | { status: 'UNCLEAR'; code: string }

/** A virtual account that pays one order: the bank's code, and until when money that comes in pays. */
export interface DepositAccount {
  bank: string
  number: string
  until: Date
}

/** The buyer's own account, on which money that was paid into a virtual one goes back. */
export interface RefundAccount {
  bank: string
  number: string
  holder: string
}

/**
 * What a gateway says of one refund, of this one alone. LATER: not now, the same again after a second. WRONG_ACCOUNT: nothing
 * goes back on the account that its buyer told; on another it may.
 */
export type RefundOutcome =
  | { status: 'REFUNDED'; amount: number }
  | { status: 'REFUSED' | 'LATER' | 'UNCLEAR' | 'WRONG_ACCOUNT'; code: string }

/**
 * What pays: the word of a hosted window, or, only where `cardEntry` is true, a card that was entered on our page; or what is
 * to be paid in to a virtual account, which the gateway then issues and answers with WAITING_DEPOSIT.
 */
export type Instrument = { kind: 'hosted'; value: string } | { kind: 'card'; card: Card } | { kind: 'deposit' }

/** What the browser does next: nothing, go to a page, or have the gateway's own script open its window. None holds a secret. */
export type ClientAction =
  | { kind: 'nothing' }
  | { kind: 'redirect'; url: string }
  | { kind: 'sdk'; sdk: 'portone'; parameters: Record<string, string | number> }

/** What a window is opened for. `returnUrl` takes the buyer back, whatever came of it; after `until` nobody approves. */
export interface WindowRequest {
  paymentId: string
  amount: Money
  method: PaymentMethod
  returnUrl: string
  until: Date
}

/** How a window is got to, and the gateway's own name for it, by which it may be asked later. */
export interface Opened {
  kind: 'opened'
  next: ClientAction
  reference: string | null
}

/** A payment as it is asked about: our id, and what the gateway calls it, as far as that is known. */
export interface Known {
  paymentId: string
  reference: string | null
}

/** With what the buyer came back: what `approve` takes, or why there is nothing to approve. `amount` is what the window named. */
export type Returned =
  | { kind: 'authenticated'; instrument: string; amount: number | undefined }
  | { kind: 'failed'; reason: DeclineReason }

/**
 * What a webhook says, which is never believed: payments to be asked about, and one that the gateway is about to charge and
 * asks us to allow. `forged`: its signature is not the gateway's.
 */
export type Hints = { changed: string[]; confirm?: string } | 'forged'

/** What a gateway can do; the service asks this, never its name. */
export interface Capabilities {
  /** Cards are entered on our own page; otherwise the buyer pays in the gateway's window. */
  cardEntry: boolean
  partialRefund: boolean
  /**
   * It issues virtual accounts, which hold an order's units for so many hours without money. `live`: of orders that were placed
   * in a broadcast, too, where others wait for those units.
   */
  deposits?: { hours: number; live: boolean }
  /** `settlements` has lines. */
  settlements: boolean
  /** How long after `chargeBy` a charge that was sent before may still take effect: NOT_FOUND is final only after it. */
  lateChargeMs: number
  /**
   * How long after a window's end PENDING is believed, where the gateway itself ends nothing; after it the window is given up.
   * Money that comes all the same is found (late-money.ts). Absent: its own word ends it.
   */
  pendingMs?: number
}

/**
 * A line of a gateway's daily settlement; minor units, below zero for what went back. `paymentId`: ours, if it tells.
 * `amount` is what the buyer paid, in its currency. `gross`, that less `fee` is `payout`, is what it became in
 * `payoutCurrency`, in which the gateway pays out.
 */
export interface SettlementLine {
  reference: string
  paymentId?: string | undefined
  amount: number
  currency: string
  gross: number
  fee: number
  payout: number
  payoutCurrency: string
}

/**
 * A payment gateway as the service needs it; one folder each. No call throws for what the network or the gateway does:
 * an answer that is late, cut or senseless is UNCLEAR. Only `approve` moves money: a window authenticates, and holds at most.
 *
 * Every call names the payment by our id, unchanged on every try, so the gateway does each thing once.
 */
export interface PaymentGateway {
  readonly name: string
  readonly capabilities: Capabilities
  /** Opens the gateway's window for a payment; the same one when it is asked again. */
  begin(request: WindowRequest): Promise<Opened | { kind: 'unclear' }>
  /** Reads what the gateway appended to `returnUrl`. */
  readReturn(query: URLSearchParams): Returned
  /** The window or the account is given up: what is held in it is let go. DECLINED, EXPIRED or NOT_FOUND are final after it. */
  leave(known: Known): Promise<Outcome>
  /** Charges, or issues an account, once a payment id; not after `chargeBy`. */
  approve(input: { paymentId: string; instrument: Instrument; amount: Money; chargeBy: Date }): Promise<Outcome>
  find(known: Known): Promise<Outcome>
  /** Gives money back, once a `key`. */
  refund(input: {
    paymentId: string
    reference: string
    amount: Money
    key: string
    reason: string
    /** Needed for what was paid into a virtual account. */
    account?: RefundAccount | undefined
  }): Promise<RefundOutcome>
  /** Reads a webhook by its bytes, which its signature covers. */
  parseWebhook(headers: IncomingHttpHeaders, rawBody: string): Promise<Hints>
  /** The lines of one day, in any order. */
  settlements(day: string): AsyncIterable<SettlementLine>
}
