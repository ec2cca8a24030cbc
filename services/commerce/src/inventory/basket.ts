import type { Money } from '@mytaek1/contracts/money.ts'
import type { CouponRefusal } from './coupon.ts'
import { isSameCoupon } from './decide-batch.ts'
import type { HoldRefusal } from './hold-limits.ts'
import {
  isId,
  isOtherTotal,
  limitedBy,
  requestIdOf,
  type OrderItem,
  type ReservedOrder,
  type WantedItem,
} from './order-request.ts'

/**
 * Several products that a buyer wants in one order: all of it or nothing. Each product is named once. An order of one
 * variant is a basket of one: it shares limits, and so a lock, with the other variants of its product.
 */
export interface BasketRequest {
  buyerId: string
  idempotencyKey: string
  items: readonly WantedItem[]
  broadcastId: string | null
  expectedTotal?: Money | undefined
  /** It goes to a remote area. */
  isRemote?: boolean | undefined
  /** The coupon to use. */
  couponId?: string | undefined
}

/** A basket as its transaction takes it: every text is safe inside an SQL literal, items are in order of product id. */
export interface CheckedBasket {
  requestId: string
  buyerId: string
  items: readonly (WantedItem & { addressUnits?: number | undefined })[] // as `Admit` answered
  broadcastId: string | null
  expectedTotal?: Money | undefined
  isRemote?: boolean | undefined
  couponId?: string | undefined
}

/** An order that a basket made; of a single variant it has, besides, what orders of one product have. */
export interface BasketOrder extends ReservedOrder {
  items: readonly OrderItem[]
}

/** How a basket ended, as `Outcome` of order-request.ts tells it for one product, naming the product that was refused. */
export type BasketOutcome =
  | { kind: 'reserved'; order: ReservedOrder; known: boolean }
  | { kind: 'sold_out'; short: { productId: string; available: number }[] }
  | (HoldRefusal & { productId: string })
  | CouponRefusal
  | { kind: 'price_changed'; total: Money }
  | { kind: 'not_for_sale'; productId: string }
  | { kind: 'variant_required'; productId: string }
  | { kind: 'total_too_large' }
  | { kind: 'mixed_sellers' }
  | { kind: 'mixed_currencies' }
  | { kind: 'key_reused' }

/**
 * Checks a basket, gives it its identity and puts its items in the order in which locks are taken: by product id, as
 * MariaDB's ascii_bin compares them.
 *
 * @returns the product that cannot be one by its id; then there is no such product.
 * @throws {RangeError} fewer than two products and no variant, one twice, or a quantity that is none: the caller checks that before.
 */
export function checkBasket(request: BasketRequest): CheckedBasket | { notForSale: string } {
  const { buyerId, idempotencyKey, broadcastId, expectedTotal, isRemote, couponId } = request
  const items = request.items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))
  const isDistinct = new Set(items.map(({ productId }) => productId)).size === items.length
  const hasUnits = items.every(({ quantity }) => Number.isInteger(quantity) && quantity >= 1)
  const isBasket = items.length > 1 || items[0]?.variantOf !== undefined
  if (!isId(buyerId) || !isBasket || !isDistinct || !hasUnits) throw new RangeError('Not a basket')
  const stranger = items.find((item) => !isId(item.productId) || !isId(limitedBy(item)))
  if (stranger) return { notForSale: stranger.productId }
  if (broadcastId !== null && !isId(broadcastId)) return { notForSale: items[0]?.productId ?? '' }
  if (couponId !== undefined && !isId(couponId)) throw new RangeError('Not a coupon') // it was looked up
  const requestId = requestIdOf(buyerId, idempotencyKey)
  return { requestId, buyerId, items, broadcastId, expectedTotal, isRemote, couponId }
}

/** Whether an order that was made is what a basket asks for. */
export function isSameBasket(request: CheckedBasket, made: ReservedOrder): boolean {
  const text = (items: readonly { productId: string; quantity: number }[]) =>
    items.map(({ productId, quantity }) => `${productId} ${quantity}`).join()
  const { productId, quantity, items = [] } = made
  return (
    request.broadcastId === made.broadcastId &&
    text(request.items) === text(productId === null ? items : [{ productId, quantity }]) &&
    isSameCoupon(request, made) &&
    !isOtherTotal(request.expectedTotal, made)
  )
}
