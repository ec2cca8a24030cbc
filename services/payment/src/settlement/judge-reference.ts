/** Why a payment and its gateway's settlement differ. `ours` and `theirs` are minor units of `currency`. */
export interface Difference {
  kind:
    | 'unknown_reference' // settled, and no payment here has it
    | 'charged_not_taken' // the gateway has the buyer's money, and the payment did not end paid
    | 'charge_differs'
    | 'currency_differs' // taken in one, and settled as taken in another
    | 'not_settled' // taken, and in no settlement
    | 'refunded_not_by_us' // more went back than was asked for, or than we know went back
    | 'refund_not_settled'
    | 'sum_differs' // charged less returned less fees is not what was paid out
  ours: number
  theirs: number
  currency: string
}

/** One reference, as both sides have it. */
export interface BothSides {
  paymentId: string | null
  /** Entered by us: what was taken, what went back, and what of that must be settled by now. */
  ours: {
    currency: string | undefined
    charged: number
    mustBeCharged: boolean
    returned: number
    mustBeReturned: number
  }
  /** Over all days that were read; `gross` less `fee` is to be `payout`, where it pays out in another currency, too. */
  theirs: {
    currency: string | undefined
    charged: number
    returned: number
    payoutCurrency: string | undefined
    gross: number
    fee: number
    payout: number
  }
}

/** Compares one reference; the gravest difference is told, for a person looks at the payment anyway. */
export function judgeReference({ paymentId, ours, theirs }: BothSides): Difference | undefined {
  const differs = (kind: Difference['kind'], mine: number, gateways: number): Difference => ({
    kind,
    ours: mine,
    theirs: gateways,
    currency: ours.currency ?? theirs.currency ?? 'KRW',
  })
  if (paymentId === null) return differs('unknown_reference', 0, theirs.charged - theirs.returned)
  if (theirs.charged > 0 && ours.charged === 0) return differs('charged_not_taken', 0, theirs.charged)
  if (theirs.currency !== undefined && ours.currency !== undefined && theirs.currency !== ours.currency) {
    return { ...differs('currency_differs', ours.charged, theirs.charged), currency: theirs.currency }
  }
  if (theirs.charged > 0 && theirs.charged !== ours.charged) {
    return differs('charge_differs', ours.charged, theirs.charged)
  }
  if (theirs.charged === 0 && ours.mustBeCharged) return differs('not_settled', ours.charged, 0)
  if (theirs.returned > ours.returned) return differs('refunded_not_by_us', ours.returned, theirs.returned)
  if (theirs.returned < ours.mustBeReturned) return differs('refund_not_settled', ours.mustBeReturned, theirs.returned)
  const sum = theirs.gross - theirs.fee
  if (sum !== theirs.payout) {
    const { currency = 'KRW', payoutCurrency = currency } = theirs
    return { ...differs('sum_differs', sum, theirs.payout), currency: payoutCurrency }
  }
  return undefined
}
