import { isSameBasket, type BasketOrder, type BasketOutcome, type CheckedBasket } from './basket.ts'
import { totalMax, type StockSeen } from './decide-batch.ts'
import { holdingMore, holdRefusal, noHolding, type Holding } from './hold-limits.ts'
import { isOtherTotal, type OrderItem, type ReservedOrder } from './order-request.ts'

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
 * @param input.held by product id: what each buyer has already; who is missing has nothing
 */
export function decideBaskets(input: {
  requests: readonly CheckedBasket[]
  seen: ReadonlyMap<string, StockSeen>
  known: ReadonlyMap<string, ReservedOrder>
  held: ReadonlyMap<string, ReadonlyMap<string, Holding>>
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
    for (const { productId, quantity, addressUnits = 0 } of request.items) {
      const product = seen.get(productId)
      if (!product) return { kind: 'not_for_sale', productId }
      const { limitPerBuyer, holdLimits } = product
      const holding = holdingOf(productId, request.buyerId)
      const stock = left.get(productId) ?? 0
      const refusal = holdRefusal({ holding, quantity, limitPerBuyer, holdLimits, stock, addressUnits })
      if (refusal) return { ...refusal, productId }
    }
    const items = request.items.map(({ productId, quantity }): OrderItem => {
      const product = seen.get(productId)
      return { productId, quantity, unitAmount: product?.unitAmount ?? 0, productRevision: product?.revision ?? null }
    })
    const totalAmount = items.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0)
    if (totalAmount > totalMax) return { kind: 'total_too_large' }
    const short = request.items.flatMap(({ productId, quantity }) => {
      const available = left.get(productId) ?? 0
      return quantity > available ? [{ productId, available }] : []
    })
    if (short.length > 0) return { kind: 'sold_out', short }
    const currency = [...seen.values()][0]?.currency ?? ''
    if (isOtherTotal(request.expectedTotal, { totalAmount, currency })) {
      return { kind: 'price_changed', total: { amount: totalAmount, currency } }
    }
    const order: BasketOrder = {
      id: input.newOrderId(),
      productId: null,
      items,
      broadcastId: request.broadcastId,
      quantity: items.reduce((sum, { quantity }) => sum + quantity, 0),
      productRevision: null,
      state: 'RESERVED',
      totalAmount,
      currency,
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
      held.get(productId)?.set(buyerId, holdingMore(holdingOf(productId, buyerId), quantity))
    }
  }

  function holdingOf(productId: string, buyerId: string): Holding {
    return held.get(productId)?.get(buyerId) ?? noHolding
  }
}
