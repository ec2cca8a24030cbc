import type { DeclineReason } from '@mytaek1/contracts/decline-reasons.ts'

/**
 * Stripe's decline codes, as a buyer should read them. The window shows most of them itself; these are of a capture that the
 * bank refuses afterwards.
 *
 * @see https://docs.stripe.com/declines/codes
 */
const declines: Readonly<Partial<Record<DeclineReason, string>>> = {
  card_declined:
    'approve_with_id call_issuer card_declined card_velocity_exceeded do_not_honor do_not_try_again duplicate_transaction fraudulent ' +
    'generic_decline issuer_not_available merchant_blacklist new_account_information_available no_action_taken not_permitted ' +
    'processing_error reenter_transaction revocation_of_all_authorizations revocation_of_authorization security_violation ' +
    'service_not_allowed stop_payment_order testmode_decline transaction_not_allowed try_again_later',
  insufficient_funds: 'insufficient_funds',
  limit_exceeded: 'withdrawal_count_limit_exceeded invalid_amount',
  expired_card: 'expired_card invalid_expiry_month invalid_expiry_year',
  incorrect_cvc: 'incorrect_cvc invalid_cvc',
  incorrect_number: 'incorrect_number invalid_number',
  incorrect_password: 'incorrect_pin invalid_pin pin_try_exceeded offline_pin_required online_or_offline_pin_required',
  lost_or_stopped: 'lost_card stolen_card pickup_card restricted_card',
  account_refused: 'invalid_account',
  not_supported: 'card_not_supported currency_not_supported',
  authentication_failed:
    'authentication_required payment_intent_authentication_failure incorrect_zip incorrect_address',
  expired: 'capture_charge_authorization_expired',
}

/** Every decline code that the public documents name. */
export const stripeDeclines: ReadonlyMap<string, DeclineReason> = new Map(
  Object.entries(declines).flatMap(([reason, codes]) =>
    codes.split(' ').map((code): [string, DeclineReason] => [code, reason as DeclineReason]),
  ),
)

/** Codes of a refund that will never be made. */
export const refusedRefunds: ReadonlySet<string> = new Set([
  'charge_already_refunded',
  'charge_disputed',
  'charge_not_refundable',
  'refund_disputed_payment',
  'payment_intent_unexpected_state',
  'amount_too_large',
  'amount_too_small',
  'parameter_invalid_integer',
])
