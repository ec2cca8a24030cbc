import { isSameBasket, type BasketOrder, type BasketOutcome, type CheckedBasket } from './basket.ts'
import { Coupons, type CouponSeen } from './coupon.ts'
import { Deals, type DealSeen, type PricedLine } from './deal.ts'
import { totalMax, type StockSeen } from './decide-batch.ts'
import { holdingMore, holdRefusal, noHolding, type Holding } from './hold-limits.ts'
import { isOtherTotal, limitedBy, type OrderItem, type ReservedOrder, type WantedItem } from './order-request.ts'
import { paidInShowOf, type PaidInShow } from './paid-in-show.ts'
import { shippingOfItems } from './shipping.ts'

/** A basket that gets its units: its order is to be inserted. `takesOffers`: products of which one was kept for its buyer. */
export interface BasketWinner {
  request: CheckedBasket
  order: BasketOrder
  takesOffers: readonly string[]
}

/** What is to be written, and the answer to each basket, in the baskets' order. */
export interface BasketDecision {
  winners: BasketWinner[]
  outcomes: BasketOutcome[]
}

/**
 * Decides baskets, first come first served, as `decideBatch` does for one product: a basket wins
 * if the units left and its buyer's limits allow all of it.
 *
 * Limits per buyer are of a product with all its variants: what of several of them is in one basket counts together.
 *
 * @param input.seen every product of the baskets that is for sale, by id; of a variant with its product's limits
 * @param input.known orders that these requests made before, by request id
 * @param input.paidInShow what buyers paid in shows for sending, where the seller's rule has a cap of that
 * @param input.coupons those that requests name, as they are under their locks
 * @param input.deals those of the products whose limits count
 * @param input.held by the id of the product whose limits count: what each buyer has already; who is missing has nothing
 */
export function decideBaskets(input: {
  requests: readonly CheckedBasket[]
  seen: ReadonlyMap<string, StockSeen>
  known: ReadonlyMap<string, ReservedOrder>
  held: ReadonlyMap<string, ReadonlyMap<string, Holding>>
  paidInShow?: PaidInShow
  coupons?: readonly CouponSeen[]
  deals?: readonly DealSeen[]
  newOrderId: () => string
  now: number
  holdMs: number
}): BasketDecision {
  const { seen, now, holdMs } = input
  const left = new Map([...seen].map(([productId, { stock }]) => [productId, stock]))
  const held = new Map([...input.held].map(([productId, units]) => [productId, new Map(units)]))
  const offers = new Map([...seen].map(([productId, { offers }]) => [productId, new Set(offers)]))
  const made = new Map(input.known)
  const coupons = new Coupons(input.coupons ?? [])
  const deals = new Deals(input.deals ?? [])
  const winners: BasketWinner[] = []
  const outcomes = input.requests.map((request): BasketOutcome => {
    const order = made.get(request.requestId)
    if (order) return isSameBasket(request, order) ? { kind: 'reserved', order, known: true } : { kind: 'key_reused' }
    return decideOne(request)
  })
  return { winners, outcomes }

  function decideOne(request: CheckedBasket): BasketOutcome {
    const stranger = request.items.find(({ productId }) => !seen.has(productId))
    if (stranger) return { kind: 'not_for_sale', productId: stranger.productId }
    for (const [productId, items] of Map.groupBy(request.items, limitedBy)) {
      const limits = seen.get(items[0]?.productId ?? '')
      if (!limits) return { kind: 'not_for_sale', productId }
      const { limitPerBuyer, holdLimits } = limits
      const holding = holdingOf(productId, request.buyerId)
      const stock = items.reduce((sum, item) => sum + (left.get(item.productId) ?? 0), 0)
      const addressUnits = Math.max(...items.map((item) => item.addressUnits ?? 0))
      const quantity = unitsOf(items)
      const refusal = holdRefusal({ holding, quantity, limitPerBuyer, holdLimits, stock, addressUnits })
      if (refusal) return { ...refusal, productId }
    }
    const dealOf = deals.of(request.buyerId, request.items.map(lineOf))
    const items = request.items.map(({ productId, quantity }, n): OrderItem => {
      const { unitAmount = 0, revision = null } = seen.get(productId) ?? {}
      const deal = dealOf[n]
      const price = { unitAmount: unitAmount - (deal?.offAmount ?? 0), productRevision: revision }
      return { productId, quantity, ...price, ...(deal && { dealId: deal.id }) }
    })
    const priced = items.map(({ productId, quantity, unitAmount }) => {
      return { amount: quantity * unitAmount, rule: seen.get(productId)?.shipping }
    })
    const paidInShow = paidInShowOf(input.paidInShow ?? new Map(), request)
    const shipping = shippingOfItems(priced, { isRemote: request.isRemote ?? false, paidInShow })
    const goodsAmount = priced.reduce((sum, { amount }) => sum + amount, 0)
    const fullAmount = goodsAmount + (shipping?.amount ?? 0)
    if (fullAmount > totalMax) return { kind: 'total_too_large' }
    const short = request.items.flatMap(({ productId, quantity }) => {
      const available = (left.get(productId) ?? 0) + keptOf(productId, request.buyerId)
      return quantity > available ? [{ productId, available }] : []
    })
    if (short.length > 0) return { kind: 'sold_out', short }
    const [first] = items
    const currency = seen.get(first?.productId ?? '')?.currency ?? ''
    const discountAmount = coupons.discountOf(request, { goodsAmount, currency, now })
    if (typeof discountAmount !== 'number') return discountAmount
    const totalAmount = fullAmount - discountAmount
    if (isOtherTotal(request.expectedTotal, { totalAmount, currency })) {
      return { kind: 'price_changed', total: { amount: totalAmount, currency } }
    }
    const order: BasketOrder = {
      id: input.newOrderId(),
      productId: items.length === 1 && first ? first.productId : null,
      items,
      broadcastId: request.broadcastId,
      quantity: unitsOf(items),
      productRevision: items.length === 1 && first ? first.productRevision : null,
      ...(items.length === 1 && first?.dealId !== undefined && { dealId: first.dealId }),
      state: 'RESERVED',
      totalAmount,
      ...(shipping && { shipping }),
      ...(request.couponId !== undefined && { coupon: { id: request.couponId, discountAmount } }),
      currency,
      createdAt: now,
      expiresAt: now + holdMs,
    }
    const takesOffers = take(request)
    coupons.use(request)
    for (const [n, deal] of dealOf.entries()) if (deal) deals.use(request.buyerId, deal, items[n]?.quantity ?? 0)
    made.set(request.requestId, order)
    winners.push({ request, order, takesOffers })
    return { kind: 'reserved', order, known: false }
  }

  function lineOf(item: WantedItem): PricedLine {
    const { unitAmount = 0, currency = '' } = seen.get(item.productId) ?? {}
    return { dealOf: limitedBy(item), quantity: item.quantity, unitAmount, currency }
  }

  /** Takes the units of a basket; answers of which products one was kept for its buyer. */
  function take({ buyerId, items }: CheckedBasket): string[] {
    const takesOffers: string[] = []
    for (const { productId, quantity } of items) {
      const kept = keptOf(productId, buyerId)
      left.set(productId, (left.get(productId) ?? 0) - quantity + kept)
      if (kept === 1) takesOffers.push(productId)
      offers.get(productId)?.delete(buyerId)
    }
    for (const [limited, of] of Map.groupBy(items, limitedBy)) {
      held.get(limited)?.set(buyerId, holdingMore(holdingOf(limited, buyerId), unitsOf(of)))
    }
    return takesOffers
  }

  function keptOf(productId: string, buyerId: string): number {
    return offers.get(productId)?.has(buyerId) ? 1 : 0
  }

  function holdingOf(limited: string, buyerId: string): Holding {
    return held.get(limited)?.get(buyerId) ?? noHolding
  }
}

const unitsOf = (items: readonly { quantity: number }[]) => items.reduce((sum, { quantity }) => sum + quantity, 0)
