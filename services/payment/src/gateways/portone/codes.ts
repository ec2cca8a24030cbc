import type { DeclineReason } from '@mytaek1/contracts/decline-reasons.ts'
import { tossCodes } from '../toss/codes.ts'

/** What an error type of PortOne's API means for an approval and for a refund; one that is not named is unclear. */
export const portoneErrors: Readonly<
  Record<string, { approve: 'declined' | 'expired' | 'ask' | 'missing'; refund: 'refused' | 'later' | 'unclear' }>
> = {
  ALREADY_PAID: { approve: 'ask', refund: 'unclear' },
  PAYMENT_NOT_FOUND: { approve: 'missing', refund: 'unclear' },
  INVALID_PAYMENT_TOKEN: { approve: 'expired', refund: 'unclear' },
  PG_PROVIDER: { approve: 'ask', refund: 'unclear' },
  INFORMATION_MISMATCH: { approve: 'ask', refund: 'unclear' },
  FORBIDDEN: { approve: 'ask', refund: 'unclear' },
  UNAUTHORIZED: { approve: 'ask', refund: 'unclear' },
  INVALID_REQUEST: { approve: 'ask', refund: 'unclear' },
  PAYMENT_NOT_PAID: { approve: 'ask', refund: 'refused' },
  PAYMENT_ALREADY_CANCELLED: { approve: 'ask', refund: 'refused' },
  CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT: { approve: 'ask', refund: 'refused' },
  CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN: { approve: 'ask', refund: 'later' },
}

// what the browser's SDK and the window say about a payment that was not authenticated
const windowCodes: Readonly<Record<string, DeclineReason>> = {
  PAY_PROCESS_CANCELED: 'buyer_left',
  PAY_PROCESS_ABORTED: 'buyer_left',
  USER_CANCEL: 'buyer_left',
  FAILURE_TYPE_PG: 'card_declined',
  PGProviderError: 'card_declined',
  AmountNotEqualToPredefined: 'amount_differs',
  ConfirmProcessFailed: 'reservation_expired',
  PaymentNotFound: 'expired',
}

/** Why a window or a PG refused: a code of PortOne's, or of the PG behind it. */
export function reasonOf(code: string | null | undefined): DeclineReason {
  if (!code) return 'card_declined'
  const known = tossCodes.get(code) // the PG behind it may be Toss
  return windowCodes[code] ?? (known?.class === 'decline' ? known.reason : 'card_declined')
}
