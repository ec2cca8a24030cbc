import { AppError } from '@mytaek1/platform/errors.ts'

/** No, or not enough, units are left. */
export class SoldOutError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'sold_out'
  readonly available: number
  constructor(productId: string, quantity: number, available: number) {
    super(`Cannot reserve ${quantity} of product ${productId}: ${available} left`)
    this.available = available
  }
}

/** The buyer would hold more of a product than one buyer may. */
export class OverLimitError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'over_limit'
  constructor(productId: string, limit: number) {
    super(`Product ${productId} is limited to ${limit} for each buyer`)
  }
}

/** Price times quantity is more than an amount of money may be. */
export class TotalTooLargeError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'total_too_large'
  constructor(productId: string, quantity: number) {
    super(`The total of ${quantity} of product ${productId} is larger than an order may be`)
  }
}

/** The request came without an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header section 2.7). */
export class IdempotencyKeyMissingError extends AppError {
  readonly kind = 'invalid'
  readonly code = 'idempotency_key_missing'
  constructor() {
    super('This needs an Idempotency-Key header of 1 to 255 visible characters')
  }
}

/** The key was used before, for a different request. */
export class IdempotencyKeyReusedError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'idempotency_key_reused'
  constructor() {
    super('This Idempotency-Key made an order with other contents; use a new key for a new order')
  }
}

/** The same request is being worked on right now. */
export class RequestInFlightError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'request_in_flight'
  override readonly retryAfterSeconds = 1
  constructor() {
    super('A request with this Idempotency-Key is being worked on; send it again to learn its answer')
  }
}

/** A payment has claimed or paid the order, so it can no longer be cancelled: it can be refunded. */
export class OrderNotCancellableError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'order_not_cancellable'
  constructor(orderId: string, state: string) {
    super(`Order ${orderId} is ${state === 'RESERVED' ? 'being paid' : state} and cannot be cancelled`)
  }
}
