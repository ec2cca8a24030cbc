import type { DeclineReason } from '@mytaek1/contracts/decline-reasons.ts'

/**
 * What a code of Toss Payments means to us.
 *
 * decline  the buyer may try another means; `reason` tells why
 * unclear  whether money moved is not known: ask
 * later    not now; the same again after a moment
 * refused  a refund that will never be made
 * account  a refund that is not made on this account of the buyer's
 * ours     our keys, our request or our contract is wrong: a person must look, and nothing is concluded
 *
 * @see https://docs.tosspayments.com/reference/error-codes
 */
export type CodeClass =
  | { class: 'decline'; reason: DeclineReason }
  | { class: 'unclear' | 'later' | 'refused' | 'account' | 'ours' }

const declines: Readonly<Record<DeclineReason, string>> = {
  card_declined: 'REJECT_CARD_COMPANY INVALID_REJECT_CARD NOT_ALLOWED_POINT_USE',
  insufficient_funds: 'REJECT_CARD_PAYMENT REJECT_ACCOUNT_PAYMENT',
  limit_exceeded:
    'EXCEED_MAX_DAILY_PAYMENT_COUNT EXCEED_MAX_PAYMENT_AMOUNT EXCEED_MAX_AMOUNT EXCEED_MAX_AUTH_COUNT ' +
    'EXCEED_MAX_ONE_DAY_AMOUNT EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT',
  expired_card: 'INVALID_CARD_EXPIRATION',
  incorrect_cvc: 'INVALID_CARD_IDENTITY',
  incorrect_number: 'INVALID_CARD_NUMBER',
  incorrect_password: 'INVALID_PASSWORD',
  lost_or_stopped: 'INVALID_CARD_LOST_OR_STOLEN INVALID_STOPPED_CARD',
  instalments_refused:
    'EXCEED_MAX_CARD_INSTALLMENT_PLAN INVALID_CARD_INSTALLMENT_PLAN NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN ' +
    'NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT',
  account_refused: 'RESTRICTED_TRANSFER_ACCOUNT INVALID_ACCOUNT_INFO_RE_REGISTER REJECT_TOSSPAY_INVALID_ACCOUNT',
  not_supported: 'NOT_SUPPORTED_CARD_TYPE NOT_REGISTERED_CARD_COMPANY',
  buyer_left: 'PAY_PROCESS_CANCELED PAY_PROCESS_ABORTED USER_CANCEL',
  expired: 'NOT_FOUND_PAYMENT_SESSION EXPIRED_PAYMENT',
  authentication_failed: '',
  reservation_expired: '',
  amount_differs: '',
  interrupted: '',
}

const others: Readonly<Record<Exclude<CodeClass['class'], 'decline'>, string>> = {
  unclear:
    'PROVIDER_ERROR CARD_PROCESSING_ERROR FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING ' +
    'UNKNOWN_PAYMENT_ERROR COMMON_ERROR FAILED_CARD_COMPANY_RESPONSE ALREADY_PROCESSED_PAYMENT',
  later:
    'NOT_AVAILABLE_BANK FORBIDDEN_CONSECUTIVE_REQUEST FAILED_REFUND_PROCESS FAILED_METHOD_HANDLING_CANCEL ' +
    'FAILED_PARTIAL_REFUND',
  refused:
    'ALREADY_CANCELED_PAYMENT NOT_CANCELABLE_AMOUNT NOT_CANCELABLE_PAYMENT EXCEED_MAX_REFUND_DUE ' +
    'NOT_MATCHES_REFUNDABLE_AMOUNT EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT NOT_ALLOWED_PARTIAL_REFUND ' +
    'NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT',
  account: 'INVALID_REFUND_ACCOUNT_INFO INVALID_REFUND_ACCOUNT_NUMBER',
  ours:
    'UNAUTHORIZED_KEY INVALID_API_KEY INCORRECT_BASIC_AUTH_FORMAT FORBIDDEN_REQUEST INVALID_REQUEST DUPLICATED_ORDER_ID ' +
    'NOT_FOUND_PAYMENT NOT_FOUND_TERMINAL_ID INVALID_AUTHORIZE_AUTH INVALID_UNREGISTERED_SUBMALL NOT_REGISTERED_BUSINESS ' +
    'BELOW_MINIMUM_AMOUNT INVALID_ORDER_ID INVALID_ORDER_NAME',
}

/** Every code that the public documents name. */
export const tossCodes: ReadonlyMap<string, CodeClass> = new Map<string, CodeClass>([
  ...Object.entries(declines).flatMap(([reason, codes]) =>
    words(codes).map((code): [string, CodeClass] => [code, { class: 'decline', reason: reason as DeclineReason }]),
  ),
  ...Object.entries(others).flatMap(([name, codes]) =>
    words(codes).map((code): [string, CodeClass] => [code, { class: name as keyof typeof others }]),
  ),
])

/** A code that the documents do not name is unclear, as is anything said with a 5xx. */
export function classify(code: string, httpStatus: number): CodeClass {
  if (httpStatus >= 500) return { class: 'unclear' }
  if (httpStatus === 429) return { class: 'later' }
  return tossCodes.get(code) ?? { class: 'unclear' }
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}
