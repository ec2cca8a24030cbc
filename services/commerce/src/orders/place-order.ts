import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { QueueClosedError, QueueDeadlineError, QueueFullError } from '../inventory/batcher.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { OrderRequest, ReservedOrder } from '../inventory/order-request.ts'
import {
  IdempotencyKeyMissingError,
  IdempotencyKeyReusedError,
  OverLimitError,
  RequestInFlightError,
  SoldOutError,
  TotalTooLargeError,
} from './order-errors.ts'

/** Requests that this process is working on, by buyer and key. */
export type RequestsInFlight = Set<string>

/**
 * Places an order and answers when it is durable.
 *
 * A request seen before is answered with its order as that is now. Two equal requests at once: the second is refused
 * when the same process has both, and otherwise waits for the first inside the row lock.
 *
 * @throws {SoldOutError | OverLimitError | TotalTooLargeError | NotFoundError} refused; nothing is remembered, the same key may try again.
 * @throws {IdempotencyKeyMissingError | IdempotencyKeyReusedError | RequestInFlightError} see each.
 * @throws {UnavailableError} not answered in time; whether an order was made tells the same request, sent again.
 */
export async function placeOrder(
  { inventory, inFlight }: { inventory: Inventory; inFlight: RequestsInFlight },
  request: Omit<OrderRequest, 'idempotencyKey'> & { idempotencyKey: string | undefined },
): Promise<ReservedOrder> {
  const { buyerId, productId, quantity, idempotencyKey } = request
  if (idempotencyKey === undefined || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
    throw new IdempotencyKeyMissingError()
  const flight = `${buyerId}\n${idempotencyKey}`
  if (inFlight.has(flight)) throw new RequestInFlightError()
  inFlight.add(flight)
  try {
    const outcome = await inventory.placeOrder({ ...request, idempotencyKey })
    if (outcome.kind === 'reserved') return outcome.order
    if (outcome.kind === 'sold_out') throw new SoldOutError(productId, quantity, outcome.available)
    if (outcome.kind === 'over_limit') throw new OverLimitError(productId, outcome.limit)
    if (outcome.kind === 'total_too_large') throw new TotalTooLargeError(productId, quantity)
    if (outcome.kind === 'key_reused') throw new IdempotencyKeyReusedError()
    throw new NotFoundError('product for sale', productId)
  } catch (error) {
    throw translated(error)
  } finally {
    inFlight.delete(flight)
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
