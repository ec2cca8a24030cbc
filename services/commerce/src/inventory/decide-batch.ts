import { Coupons, type CouponSeen } from './coupon.ts'
import { Deals, type DealSeen } from './deal.ts'
import { holdingMore, holdRefusal, noHolding, type Holding, type HoldLimits } from './hold-limits.ts'
import { isOtherTotal, type CheckedRequest, type Outcome, type ReservedOrder } from './order-request.ts'
import { paidInShowOf, type PaidInShow } from './paid-in-show.ts'
import { shippingOf } from './shipping.ts'
import type { ForSale } from './stock-row.ts'

/** Minor units: what an amount of money may be (contracts/money.ts). */
export const totalMax = 1_000_000_000_000

/** What the transaction read inside both locks. */
export interface StockSeen extends ForSale {
  stock: number
  limitPerBuyer: number | null
  holdLimits: HoldLimits
  /** Buyers for whom a unit is kept, beside `stock`. */
  offers?: ReadonlySet<string> | undefined
}

/** A winner: its order is to be inserted. `takesOffer`: one of its units is the one that was kept for its buyer. */
export interface Winner {
  request: CheckedRequest
  order: ReservedOrder
  takesOffer: boolean
}

/** What is to be written, and the answer to each request, in the requests' order. `unitsTaken`: out of what is in stock. */
export interface Decision {
  winners: Winner[]
  unitsTaken: number
  outcomes: Outcome[]
}

/**
 * Decides a batch, first come first served: known requests are answered as before, then each new one wins if the units
 * left and its buyer's limits allow all of its quantity, for the total that its buyer agreed to, sending included: at a deal's
 * price as long as there are units of it. A smaller order behind a too large one may still win.
 *
 * @param input.known orders that these requests made before, by request id
 * @param input.held what each buyer has of this product already; who is missing has nothing
 * @param input.paidInShow what buyers paid in shows for sending, where the seller's rule has a cap of that
 * @param input.coupons those that requests name, as they are under their locks
 * @param input.deals the product's, if one runs
 * @param input.newOrderId makes the winners' ids
 * @param input.now Unix milliseconds of the database's clock
 */
export function decideBatch(input: {
  requests: readonly CheckedRequest[]
  seen: StockSeen
  known: ReadonlyMap<string, ReservedOrder>
  held: ReadonlyMap<string, Holding>
  paidInShow?: PaidInShow
  coupons?: readonly CouponSeen[]
  deals?: readonly DealSeen[]
  newOrderId: () => string
  now: number
  holdMs: number
}): Decision {
  const { requests, seen, now, holdMs } = input
  const decided = new Map<string, { request: CheckedRequest; outcome: Outcome }>()
  const heldNow = new Map(input.held)
  const coupons = new Coupons(input.coupons ?? [])
  const deals = new Deals(input.deals ?? [])
  const winners: Winner[] = []
  const offers = new Set(seen.offers)
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
    const { quantity, addressUnits = 0, productId: dealOf } = request
    const { limitPerBuyer, holdLimits, currency, unitAmount } = seen
    const holding = heldNow.get(request.buyerId) ?? noHolding
    const refusal = holdRefusal({ holding, quantity, limitPerBuyer, holdLimits, stock: left, addressUnits })
    if (refusal) return refusal
    const [deal] = deals.of(request.buyerId, [{ dealOf, quantity, unitAmount, currency }])
    const goodsAmount = (unitAmount - (deal?.offAmount ?? 0)) * quantity
    const paidInShow = paidInShowOf(input.paidInShow ?? new Map(), request)
    const sent = { sentAmount: goodsAmount, isRemote: request.isRemote ?? false, paidInShow }
    const shipping = seen.shipping && shippingOf(seen.shipping, sent)
    const fullAmount = goodsAmount + (shipping?.amount ?? 0)
    if (fullAmount > totalMax) return { kind: 'total_too_large' }
    const kept = offers.has(request.buyerId) ? 1 : 0
    if (quantity > left + kept) return { kind: 'sold_out', available: left + kept }
    const discountAmount = coupons.discountOf(request, { goodsAmount, currency, now })
    if (typeof discountAmount !== 'number') return discountAmount
    const totalAmount = fullAmount - discountAmount
    if (isOtherTotal(request.expectedTotal, { totalAmount, currency })) {
      return { kind: 'price_changed', total: { amount: totalAmount, currency } }
    }
    left -= quantity - kept
    offers.delete(request.buyerId)
    coupons.use(request)
    if (deal) deals.use(request.buyerId, deal, quantity)
    heldNow.set(request.buyerId, holdingMore(holding, quantity))
    const order: ReservedOrder = {
      id: input.newOrderId(),
      productId: request.productId,
      broadcastId: request.broadcastId,
      quantity,
      productRevision: seen.revision,
      ...(deal && { dealId: deal.id }),
      state: 'RESERVED',
      totalAmount,
      ...(shipping && { shipping }),
      ...(request.couponId !== undefined && { coupon: { id: request.couponId, discountAmount } }),
      currency,
      createdAt: now,
      expiresAt: now + holdMs,
    }
    winners.push({ request, order, takesOffer: kept === 1 })
    return { kind: 'reserved', order, known: false }
  }
}

/** Whether what was made, or asked for, before is what a request asks for; an order's total is what its request agreed to. */
export const isSame = (request: CheckedRequest, made: CheckedRequest | ReservedOrder): boolean =>
  request.productId === made.productId &&
  request.quantity === made.quantity &&
  request.broadcastId === made.broadcastId &&
  isSameCoupon(request, made) &&
  !('totalAmount' in made && isOtherTotal(request.expectedTotal, made))

/** Whether the same coupon, or none, was asked for. */
export const isSameCoupon = (
  request: { couponId?: string | undefined },
  made: { couponId?: string | undefined } | Pick<ReservedOrder, 'coupon'>,
): boolean => request.couponId === ('coupon' in made ? made.coupon?.id : 'couponId' in made ? made.couponId : undefined)

const asRepeat = (outcome: Outcome): Outcome => (outcome.kind === 'reserved' ? { ...outcome, known: true } : outcome)
