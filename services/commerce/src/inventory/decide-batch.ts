import type { CheckedRequest, Outcome, ReservedOrder } from './order-request.ts'

/** Minor units: what an amount of money may be (contracts/money.ts). */
export const totalMax = 1_000_000_000_000

/** What the transaction read inside both locks. */
export interface StockSeen {
  stock: number
  limitPerBuyer: number | null
  unitAmount: number
  currency: string
}

/** A winner: its order is to be inserted. */
export interface Winner {
  request: CheckedRequest
  order: ReservedOrder
}

/** What is to be written, and the answer to each request, in the requests' order. */
export interface Decision {
  winners: Winner[]
  unitsTaken: number
  outcomes: Outcome[]
}

/**
 * Decides a batch, first come first served: known requests are answered as before, then each new one wins if the units
 * left and its buyer's limit allow all of its quantity. A smaller order behind a too large one may still win.
 *
 * @param input.known orders that these requests made before, by request id
 * @param input.held units that each buyer holds or has bought of this product already
 * @param input.newOrderId makes the winners' ids
 * @param input.now Unix milliseconds of the database's clock
 */
export function decideBatch(input: {
  requests: readonly CheckedRequest[]
  seen: StockSeen
  known: ReadonlyMap<string, ReservedOrder>
  held: ReadonlyMap<string, number>
  newOrderId: () => string
  now: number
  holdMs: number
}): Decision {
  const { requests, seen, now, holdMs } = input
  const decided = new Map<string, { request: CheckedRequest; outcome: Outcome }>()
  const heldNow = new Map(input.held)
  const winners: Winner[] = []
  let left = seen.stock
  const outcomes = requests.map((request): Outcome => {
    const order = input.known.get(request.requestId)
    if (order) return isSame(request, order) ? { kind: 'reserved', order, known: true } : { kind: 'key_reused' }
    const twin = decided.get(request.requestId)
    if (twin) return isSame(request, twin.request) ? asRepeat(twin.outcome) : { kind: 'key_reused' }
    const outcome = decideOne(request)
    decided.set(request.requestId, { request, outcome })
    return outcome
  })
  return { winners, unitsTaken: seen.stock - left, outcomes }

  function decideOne(request: CheckedRequest): Outcome {
    const held = heldNow.get(request.buyerId) ?? 0
    if (seen.limitPerBuyer !== null && held + request.quantity > seen.limitPerBuyer) {
      return { kind: 'over_limit', limit: seen.limitPerBuyer }
    }
    if (seen.unitAmount * request.quantity > totalMax) return { kind: 'total_too_large' }
    if (request.quantity > left) return { kind: 'sold_out', available: left }
    left -= request.quantity
    heldNow.set(request.buyerId, held + request.quantity)
    const order: ReservedOrder = {
      id: input.newOrderId(),
      productId: request.productId,
      broadcastId: request.broadcastId,
      quantity: request.quantity,
      state: 'RESERVED',
      totalAmount: seen.unitAmount * request.quantity,
      currency: seen.currency,
      createdAt: now,
      expiresAt: now + holdMs,
    }
    winners.push({ request, order })
    return { kind: 'reserved', order, known: false }
  }
}

/** Whether what was made, or asked for, before is what a request asks for. */
export const isSame = (
  request: CheckedRequest,
  made: { productId: string | null; quantity: number; broadcastId: string | null },
): boolean =>
  request.productId === made.productId && request.quantity === made.quantity && request.broadcastId === made.broadcastId

const asRepeat = (outcome: Outcome): Outcome => (outcome.kind === 'reserved' ? { ...outcome, known: true } : outcome)
