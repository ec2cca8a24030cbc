import type { Money } from '@mytaek1/contracts/money.ts'
import type { CouponRefusal } from '../inventory/coupon.ts'
import { AppError, type FieldError } from '@mytaek1/platform/errors.ts'

/** No, or not enough, units are left; of an order of several products, `fields` names each that is short. */
export class SoldOutError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'sold_out'
  override readonly fields: readonly FieldError[]
  /** @param short with `index` in the request's items; undefined when it had but one product */
  constructor(short: readonly { productId: string; quantity: number; available: number; index?: number }[]) {
    const texts = short.map(({ productId, quantity, available }) => {
      return `Cannot reserve ${quantity} of product ${productId}: ${available} left`
    })
    super(texts.join('. '))
    this.fields = short.flatMap(({ index }, n) =>
      index === undefined ? [] : [{ path: `items.${index}`, message: texts[n] ?? '' }],
    )
  }
}

/** The products are of different sellers: each seller's goods are an order of their own. */
export class MixedSellersError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'mixed_sellers'
  constructor() {
    super('The products of an order must be of one seller; make an order for each')
  }
}

/** The products are priced in different currencies, which have no sum. */
export class MixedCurrenciesError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'mixed_currencies'
  constructor() {
    super('The products of an order must be priced in one currency; make an order for each')
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

/** The buyer holds as much as one may without paying; for an address that took its share of a product that is one unit. */
export class UnpaidLimitError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'unpaid_limit'
  constructor(productId: string, { units, orders }: { units: number; orders: number }) {
    super(
      `Product ${productId} may be held without payment up to ${units} units in ${orders} orders: pay for or cancel one first`,
    )
  }
}

/** The seller does not serve this buyer. */
export class BarredError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'barred'
  constructor() {
    super('The seller takes no orders of this account')
  }
}

/** The price is not the one that the buyer agreed to; nothing was reserved. */
export class PriceChangedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'price_changed'
  override readonly facts: { readonly total: Money }
  constructor(total: Money) {
    super(`The total is ${total.amount} ${total.currency} (minor units) now`)
    this.facts = { total }
  }
}

/** The coupon that the order names takes nothing off it; nothing was reserved. */
export class CouponRefusedError extends AppError {
  readonly kind = 'conflict'
  readonly code: CouponRefusal['kind']
  constructor(refusal: CouponRefusal) {
    super(couponTexts(refusal))
    this.code = refusal.kind
  }
}

function couponTexts(refusal: CouponRefusal): string {
  switch (refusal.kind) {
    case 'coupon_not_found':
      return 'There is no such coupon for these goods in this currency'
    case 'coupon_not_now':
      return 'The coupon does not hold now'
    case 'coupon_used':
      return 'This account has used the coupon: each does once'
    case 'coupon_used_up':
      return 'The coupon was used as often as it can be'
    case 'coupon_minimum':
      return `The coupon is for goods of ${refusal.minimum.amount} ${refusal.minimum.currency} (minor units) or more`
  }
}

/** The order would cost something else where it is to go, and its money is on the way or there. */
export class ShippingDiffersError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'shipping_differs'
  override readonly facts: { readonly total: Money }
  constructor(orderId: string, total: Money) {
    super(
      `Order ${orderId} would cost ${total.amount} ${total.currency} (minor units) there, and is paid for, or being paid: call it off and order anew`,
    )
    this.facts = { total }
  }
}

/** The order names a broadcast that there is not, or that does not show its products. */
export class NotInBroadcastError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'not_in_broadcast'
  constructor(broadcastId: string) {
    super(`Broadcast ${broadcastId} does not show what is ordered`)
  }
}

/** Prices times quantities are more than an amount of money may be. */
export class TotalTooLargeError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'total_too_large'
  constructor(items: readonly { productId: string; quantity: number }[]) {
    const text = items.map(({ productId, quantity }) => `${quantity} of product ${productId}`).join(', ')
    super(`The total of ${text} is larger than an order may be`)
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
