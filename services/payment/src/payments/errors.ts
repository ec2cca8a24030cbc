import { AppError } from '@mytaek1/platform/errors.ts'

/** The order is not waiting for money: paid, released, or its reservation ran out. */
export class OrderNotPayableError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'order_not_payable'
  constructor(orderId: string, why: string) {
    super(`Order ${orderId} takes no payment: ${why}`)
  }
}

/** Another payment holds this order; a declined one would not. */
export class PaymentExistsError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'payment_exists'
  constructor(orderId: string) {
    super(`Order ${orderId} has a payment under way or done`)
  }
}

/** A card token is good for one payment. */
export class CardTokenUsedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'card_token_used'
  constructor() {
    super('The card token was used before; enter the card again')
  }
}

/** The key came before with another request (draft-ietf-httpapi-idempotency-key-header section 2.7). */
export class IdempotencyKeyReusedError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'idempotency_key_reused'
  constructor() {
    super('This Idempotency-Key came before with another request; make a new key for a new request')
  }
}

/** It waits for no deposit, or none was ever paid in. */
export class NoDepositError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'no_deposit'
}

/** Money is on its way to the account that was told: another one would be a second refund. */
export class RefundAccountToldError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'refund_account_told'
  constructor(paymentId: string) {
    super(`Money of payment ${paymentId} is on its way to the account that was told`)
  }
}

/** More than what is left of the payment, or a payment without taken money. */
export class NotRefundableError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'not_refundable'
}
