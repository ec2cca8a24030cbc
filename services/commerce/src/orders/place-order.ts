import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { QueueClosedError, QueueDeadlineError, QueueFullError } from '../inventory/batcher.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { BasketOutcome } from '../inventory/basket.ts'
import type { Outcome, ReservedOrder } from '../inventory/order-request.ts'
import {
  IdempotencyKeyMissingError,
  IdempotencyKeyReusedError,
  MixedCurrenciesError,
  MixedSellersError,
  OverLimitError,
  RequestInFlightError,
  SoldOutError,
  TotalTooLargeError,
} from './order-errors.ts'

/** Requests that this process is working on, by buyer and key. */
export type RequestsInFlight = Set<string>

/** What a buyer asks for: one product, or several different ones. */
export interface NewOrder {
  buyerId: string
  idempotencyKey: string | undefined
  items: readonly { productId: string; quantity: number }[]
  broadcastId: string | null
}

/**
 * Places an order and answers when it is durable.
 *
 * A request seen before is answered with its order as that is now. Two equal requests at once: the second is refused
 * when the same process has both, and otherwise waits for the first inside the row lock.
 *
 * @throws {SoldOutError | OverLimitError | TotalTooLargeError | MixedSellersError | MixedCurrenciesError | NotFoundError} refused; nothing is remembered, the same key may try again.
 * @throws {IdempotencyKeyMissingError | IdempotencyKeyReusedError | RequestInFlightError} see each.
 * @throws {UnavailableError} not answered in time; whether an order was made tells the same request, sent again.
 */
export async function placeOrder(
  { inventory, inFlight }: { inventory: Inventory; inFlight: RequestsInFlight },
  { buyerId, idempotencyKey, items, broadcastId }: NewOrder,
): Promise<ReservedOrder> {
  if (idempotencyKey === undefined || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
    throw new IdempotencyKeyMissingError()
  const flight = `${buyerId}\n${idempotencyKey}`
  if (inFlight.has(flight)) throw new RequestInFlightError()
  inFlight.add(flight)
  try {
    const [first, ...others] = items
    if (first === undefined) throw new RangeError('An order of nothing') // the schema refuses it
    const request = { buyerId, idempotencyKey, broadcastId }
    const outcome =
      others.length === 0
        ? naming(first, await inventory.placeOrder({ ...request, ...first }))
        : await inventory.placeBasket({ ...request, items })
    if (outcome.kind === 'reserved') return outcome.order
    throw refusalOf(outcome, items)
  } catch (error) {
    throw translated(error)
  } finally {
    inFlight.delete(flight)
  }
}

function naming({ productId }: { productId: string }, outcome: Outcome): BasketOutcome {
  if (outcome.kind === 'sold_out') return { kind: 'sold_out', short: [{ productId, available: outcome.available }] }
  if (outcome.kind === 'over_limit' || outcome.kind === 'not_for_sale') return { productId, ...outcome }
  return outcome
}

function refusalOf(outcome: Exclude<BasketOutcome, { kind: 'reserved' }>, items: NewOrder['items']): Error {
  switch (outcome.kind) {
    case 'sold_out':
      return new SoldOutError(
        outcome.short.map(({ productId, available }) => {
          const index = items.findIndex((item) => item.productId === productId)
          const quantity = items[index]?.quantity ?? 0
          return { productId, quantity, available, index: items.length === 1 ? undefined : index }
        }),
      )
    case 'over_limit':
      return new OverLimitError(outcome.productId, outcome.limit)
    case 'total_too_large':
      return new TotalTooLargeError(items)
    case 'mixed_sellers':
      return new MixedSellersError()
    case 'mixed_currencies':
      return new MixedCurrenciesError()
    case 'key_reused':
      return new IdempotencyKeyReusedError()
    case 'not_for_sale':
      return new NotFoundError('product for sale', outcome.productId)
  }
}

/** The queue's refusals as answers to a caller; anything else as it is. */
export function translated(error: unknown): unknown {
  const again = 'send the same request again with the same Idempotency-Key'
  if (error instanceof QueueFullError) {
    return new UnavailableError(`Too many orders at once; ${again}`, { code: 'busy', retryAfterSeconds: 1 })
  }
  if (error instanceof QueueDeadlineError) {
    const message = `The order could not be confirmed in time; ${again} to learn whether it was placed`
    return new UnavailableError(message, { code: 'database_unavailable', retryAfterSeconds: 2, cause: error.cause })
  }
  if (error instanceof QueueClosedError) {
    return new UnavailableError(`This server is stopping; ${again}`, { code: 'stopping', retryAfterSeconds: 1 })
  }
  return error
}
