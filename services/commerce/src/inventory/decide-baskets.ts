import { isSameBasket, type BasketOrder, type BasketOutcome, type CheckedBasket } from './basket.ts'
import { totalMax, type StockSeen } from './decide-batch.ts'
import type { OrderItem, ReservedOrder } from './order-request.ts'

/** A basket that gets its units: its order is to be inserted. */
export interface BasketWinner {
  request: CheckedBasket
  order: BasketOrder
}

/** What is to be written, and the answer to each basket, in the baskets' order. */
export interface BasketDecision {
  winners: BasketWinner[]
  outcomes: BasketOutcome[]
}

/**
 * Decides baskets of the same products, first come first served, as `decideBatch` does for one product: a basket wins
 * if the units left and its buyer's limits allow all of it.
 *
 * @param input.seen every product of the baskets, by id
 * @param input.known orders that these requests made before, by request id
 * @param input.held by product id: units that each buyer holds or has bought already
 */
export function decideBaskets(input: {
  requests: readonly CheckedBasket[]
  seen: ReadonlyMap<string, StockSeen>
  known: ReadonlyMap<string, ReservedOrder>
  held: ReadonlyMap<string, ReadonlyMap<string, number>>
  newOrderId: () => string
  now: number
  holdMs: number
}): BasketDecision {
  const { seen, now, holdMs } = input
  const left = new Map([...seen].map(([productId, { stock }]) => [productId, stock]))
  const held = new Map([...input.held].map(([productId, units]) => [productId, new Map(units)]))
  const made = new Map(input.known)
  const winners: BasketWinner[] = []
  const outcomes = input.requests.map((request): BasketOutcome => {
    const order = made.get(request.requestId)
    if (order) return isSameBasket(request, order) ? { kind: 'reserved', order, known: true } : { kind: 'key_reused' }
    return decideOne(request)
  })
  return { winners, outcomes }

  function decideOne(request: CheckedBasket): BasketOutcome {
    for (const { productId, quantity } of request.items) {
      const limit = seen.get(productId)?.limitPerBuyer ?? Infinity
      if (unitsHeld(productId, request.buyerId) + quantity > limit) return { kind: 'over_limit', productId, limit }
    }
    const items = request.items.map((item): OrderItem => ({
      ...item,
      unitAmount: seen.get(item.productId)?.unitAmount ?? 0,
    }))
    const totalAmount = items.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0)
    if (totalAmount > totalMax) return { kind: 'total_too_large' }
    const short = request.items.flatMap(({ productId, quantity }) => {
      const available = left.get(productId) ?? 0
      return quantity > available ? [{ productId, available }] : []
    })
    if (short.length > 0) return { kind: 'sold_out', short }
    const order: BasketOrder = {
      id: input.newOrderId(),
      productId: null,
      items,
      broadcastId: request.broadcastId,
      quantity: items.reduce((sum, { quantity }) => sum + quantity, 0),
      state: 'RESERVED',
      totalAmount,
      currency: [...seen.values()][0]?.currency ?? '',
      createdAt: now,
      expiresAt: now + holdMs,
    }
    take(request)
    made.set(request.requestId, order)
    winners.push({ request, order })
    return { kind: 'reserved', order, known: false }
  }

  function take({ buyerId, items }: CheckedBasket): void {
    for (const { productId, quantity } of items) {
      left.set(productId, (left.get(productId) ?? 0) - quantity)
      held.get(productId)?.set(buyerId, unitsHeld(productId, buyerId) + quantity)
    }
  }

  function unitsHeld(productId: string, buyerId: string): number {
    return held.get(productId)?.get(buyerId) ?? 0
  }
}
