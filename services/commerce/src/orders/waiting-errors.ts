import { AppError } from '@mytaek1/platform/errors.ts'
import { listLimits } from '../inventory/join-waiting-list.ts'

/** There is nothing to wait for: units are left, which anybody may order. */
export class InStockError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'in_stock'
  constructor(productId: string, available: number) {
    super(`Product ${productId} has ${available} left: order it`)
  }
}

/** As many wait for the product as may. */
export class WaitingListFullError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'waiting_list_full'
  constructor(productId: string) {
    super(`${listLimits.places} wait for product ${productId}, and no more may`)
  }
}

/** The account waits for as many products as it may. */
export class TooManyPlacesError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_places'
  constructor() {
    super(`An account waits for ${listLimits.placesPerBuyer} products at most: give a place up first`)
  }
}

/** The place ended between joining and reading it; asking again makes another. */
export class PlaceEndedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'request_in_flight'
  override readonly retryAfterSeconds = 1
  constructor(productId: string) {
    super(`The place for product ${productId} has just ended, by another request of this account; ask again`)
  }
}
