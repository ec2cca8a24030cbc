/**
 * The ledger's accounts and what each deed enters, as values. Debits are above zero and credits below; the entries of one
 * deed sum to zero, so all of them do.
 *
 * gateway_receivable  what gateways took from buyers and have not paid out yet
 * seller_payable      what sellers are owed for sales, before refunds and fees
 * refunds             what went back to buyers, by seller
 * fees                what gateways kept, by seller
 * bank                what gateways paid out
 * exchange            what became of another currency: paid in one, settled in another; zero at no time, for rates move
 * suspense            money that a gateway settled and nobody here knows: a person must look; or took unasked, until it went back
 *
 * A sale owes its seller what the gateway owes us; a refund takes both back; a settlement turns the receivable into money at
 * the bank and fees. A seller's balance is seller_payable + refunds + fees: below zero is owed to the seller.
 */
export type Account = 'gateway_receivable' | 'seller_payable' | 'refunds' | 'fees' | 'bank' | 'suspense' | 'exchange'

/** One row of `ledger_entries`; minor units. */
export interface Entry {
  deed: string
  kind: 'sale' | 'refund' | 'settlement' | 'unclaimed'
  account: Account
  amount: number
  currency: string
  payment_id: string | null
  seller_id: string | null
  gateway: string
  at: Date
}

/** A payment, as far as the ledger needs it. */
export interface LedgerSubject {
  paymentId: string
  sellerId: string | null
  gateway: string
  currency: string
}

/** Money was taken from a buyer; nothing is entered of what costs nothing. */
export function saleEntries(subject: LedgerSubject, amount: number, at: Date): Entry[] {
  const enter = entererOf(subject, { deed: subject.paymentId, kind: 'sale', at })
  return [...enter('gateway_receivable', amount), ...enter('seller_payable', -amount)]
}

/** Money went back to a buyer. */
export function refundEntries(subject: LedgerSubject, refund: { id: string; amount: number }, at: Date): Entry[] {
  const enter = entererOf(subject, { deed: refund.id, kind: 'refund', at })
  return [...enter('refunds', refund.amount), ...enter('gateway_receivable', -refund.amount)]
}

/** The deed of money that was taken and that no order is paid with. */
export const unclaimedDeed = (paymentId: string) => `${paymentId}:unclaimed`

/** Money was taken that no order was claimed for, and went back: two deeds, for it moved twice. */
export function unclaimedEntries(subject: LedgerSubject, amount: number, at: Date): Entry[] {
  const { paymentId } = subject
  const take = entererOf(subject, { deed: unclaimedDeed(paymentId), kind: 'unclaimed', at })
  const giveBack = entererOf(subject, { deed: `${paymentId}:returned`, kind: 'unclaimed', at })
  return [
    ...take('gateway_receivable', amount),
    ...take('suspense', -amount),
    ...giveBack('suspense', amount),
    ...giveBack('gateway_receivable', -amount),
  ]
}

/** What a gateway settled of one payment on one day: what it took and gave back, and what that became where it pays out. */
export interface SettledLine {
  reference: string
  day: string
  charged: number
  returned: number
  currency: string
  gross: number
  fee: number
  payout: number
  payoutCurrency: string
}

/**
 * A gateway paid out. What it settles of payments that are not ours, and what its own sums lack, is in suspense. In another
 * currency than the buyer paid, these are two deeds, each in one currency, with the exchange between them.
 *
 * @param subject `paymentId` null: no payment here has this reference
 */
export function settlementEntries(
  subject: Omit<LedgerSubject, 'paymentId' | 'currency'> & { paymentId: string | null },
  line: SettledLine,
  at: Date,
): Entry[] {
  const name = `${subject.gateway}:${line.day}:${line.reference}`
  const deed = (prefix: string) => ({ deed: (prefix + name).slice(0, 160), kind: 'settlement' as const, at })
  const enter = entererOf({ ...subject, currency: line.payoutCurrency }, deed(''))
  const known = subject.paymentId !== null
  const net = line.charged - line.returned
  const settled = [...enter('bank', line.payout), ...enter('fees', line.fee)]
  const lacks = (known ? line.gross : 0) - line.payout - line.fee
  if (!known || line.payoutCurrency === line.currency) {
    return [...settled, ...enter('gateway_receivable', known ? -net : 0), ...enter('suspense', lacks)]
  }
  const paid = entererOf({ ...subject, currency: line.currency }, deed('fx:'))
  return [
    ...paid('gateway_receivable', -net),
    ...paid('exchange', net),
    ...settled,
    ...enter('exchange', -line.gross),
    ...enter('suspense', lacks),
  ]
}

const ofSellers = new Set<Account>(['seller_payable', 'refunds', 'fees'])

const entererOf =
  (
    { paymentId, sellerId, gateway, currency }: Omit<LedgerSubject, 'paymentId'> & { paymentId: string | null },
    deed: Pick<Entry, 'deed' | 'kind' | 'at'>,
  ) =>
  (account: Account, amount: number): Entry[] =>
    amount === 0
      ? []
      : [
          {
            ...deed,
            account,
            amount,
            currency,
            payment_id: paymentId,
            seller_id: ofSellers.has(account) ? sellerId : null,
            gateway,
          },
        ]
