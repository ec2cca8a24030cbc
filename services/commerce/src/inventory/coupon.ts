/** A coupon as it is while its row is locked, or as it was read without. Amounts are minor units of its currency. */
export interface CouponSeen {
  id: string
  /** Whether it is of the seller whose goods are ordered, or of the platform. */
  isForSeller: boolean
  currency: string
  /** What it takes off; null: `percent` does. */
  amount: number | null
  percent: number | null
  /** Of a percentage: what it takes off at most; null: no bound. */
  maxAmount: number | null
  minAmount: number // what the goods have to cost
  startsAt: number // Unix milliseconds
  endsAt: number
  left: number | null // uses; null: without bound
  usedBy: ReadonlySet<string> // those who ask, of whom each may use it once
}

/** Why a coupon takes nothing off. */
export type CouponRefusal =
  | { kind: 'coupon_not_found' }
  | { kind: 'coupon_not_now' }
  | { kind: 'coupon_used' }
  | { kind: 'coupon_used_up' }
  | { kind: 'coupon_minimum'; minimum: { amount: number; currency: string } }

/**
 * What a coupon takes off an order's goods, or why it does not; never more than they cost.
 *
 * @param coupon undefined: there is none of that name
 * @param order.now Unix milliseconds of the database's clock
 */
export function discountOf(
  coupon: CouponSeen | undefined,
  order: { buyerId: string; goodsAmount: number; currency: string; now: number },
): number | CouponRefusal {
  const { buyerId, goodsAmount, currency, now } = order
  if (!coupon?.isForSeller || coupon.currency !== currency) return { kind: 'coupon_not_found' }
  if (now < coupon.startsAt || now >= coupon.endsAt) return { kind: 'coupon_not_now' }
  if (coupon.usedBy.has(buyerId)) return { kind: 'coupon_used' }
  if (coupon.left !== null && coupon.left <= 0) return { kind: 'coupon_used_up' }
  if (goodsAmount < coupon.minAmount) return { kind: 'coupon_minimum', minimum: { amount: coupon.minAmount, currency } }
  const percent = Math.floor((goodsAmount / 100) * (coupon.percent ?? 0) + 1e-6)
  const off = coupon.amount ?? Math.min(percent, coupon.maxAmount ?? percent)
  return Math.min(off, goodsAmount)
}

/** The coupons of a batch while it is decided: each order that wins with one is a use that the next one sees. */
export class Coupons {
  readonly #coupons: Map<string, CouponSeen & { usedBy: Set<string> }>

  constructor(coupons: readonly CouponSeen[]) {
    this.#coupons = new Map(coupons.map((coupon) => [coupon.id, { ...coupon, usedBy: new Set(coupon.usedBy) }]))
  }

  /** What an order's coupon takes off; 0 without one. */
  discountOf(
    order: { couponId?: string | undefined; buyerId: string },
    goods: { goodsAmount: number; currency: string; now: number },
  ): number | CouponRefusal {
    const { couponId, buyerId } = order
    return couponId === undefined ? 0 : discountOf(this.#coupons.get(couponId), { ...goods, buyerId })
  }

  /** An order with this coupon has won. */
  use({ couponId, buyerId }: { couponId?: string | undefined; buyerId: string }): void {
    const coupon = couponId === undefined ? undefined : this.#coupons.get(couponId)
    if (coupon === undefined) return
    coupon.usedBy.add(buyerId)
    if (coupon.left !== null) coupon.left -= 1
  }
}
