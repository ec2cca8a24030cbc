import { AppError } from '@mytaek1/platform/errors.ts'

/** An order is in a state in which this cannot be done to it. */
export class OrderStateError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'order_state'
  constructor(orderId: string, deed: string, state: string) {
    super(`Order ${orderId} is ${state}: cannot ${deed} it`)
  }
}

/** Goods that are shipped need to know where to. */
export class AddressMissingError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'address_missing'
  constructor(orderId: string) {
    super(`Order ${orderId} has no address yet: its buyer has to give one`)
  }
}

/** A claim on the order waits for its seller, who decides that first. */
export class ClaimOpenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'claim_open'
  constructor(orderId: string, claimId: string) {
    super(`Order ${orderId} has an open claim, ${claimId}: it is decided first`)
  }
}

/** A claim is in a state in which this cannot be done to it. */
export class ClaimStateError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'claim_state'
  constructor(claimId: string, deed: string, state: string) {
    super(`Claim ${claimId} is ${state}: cannot ${deed} it`)
  }
}

/** More units were asked back than the order has that were not asked back before. */
export class TooManyUnitsError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_units'
  constructor(productId: string, asked: number, left: number) {
    super(`Cannot take ${asked} of product ${productId} back: ${left} of this order can be`)
  }
}
