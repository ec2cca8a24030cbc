import { goodsAmountOf, itemsOf, type OrderRow } from '../orders/schema.ts'
import type { Claim, ClaimItem } from './claim.ts'
import type { ClaimKind, ClaimState } from './order-life.ts'

/**
 * How many units of an order's products can still be sent back: what was ordered without what was, or is being, sent back.
 *
 * @param ordered the order's products, each once
 * @returns by product id; products of which none is left have 0.
 */
export function unitsLeft(
  ordered: readonly ClaimItem[],
  claims: readonly { kind: ClaimKind; state: ClaimState; items: readonly ClaimItem[] }[],
): Map<string, number> {
  const left = new Map(ordered.map(({ productId, quantity }) => [productId, quantity]))
  for (const { kind, state, items } of claims) {
    if (kind !== 'RETURN' || state === 'REJECTED' || state === 'WITHDRAWN') continue
    for (const { productId, quantity } of items) left.set(productId, (left.get(productId) ?? 0) - quantity)
  }
  return left
}

/**
 * What was paid for the units of a claim, in minor units: their share of the goods' price after the order's coupon. Shares are
 * taken of all that came back so far, so that they add up to what was paid when everything is back.
 *
 * @param claims all of the order's
 */
export function paidFor(claim: Pick<Claim, 'id' | 'items'>, order: OrderRow, claims: readonly Claim[]): number {
  const ordered = itemsOf(order)
  const others = claims.filter(({ id, kind, state }) => id !== claim.id && kind === 'RETURN' && state === 'DONE')
  const before = others.reduce((sum, { items }) => sum + priceOf(items, ordered), 0)
  const goods = goodsAmountOf(order)
  const net = goods - (order.coupon?.discountAmount ?? 0)
  const share = (amount: number) => (goods === net ? amount : Number((BigInt(amount) * BigInt(net)) / BigInt(goods)))
  return share(before + priceOf(claim.items, ordered)) - share(before)
}

/**
 * What units of an order cost together, in minor units.
 *
 * @param ordered the order's products with what one of each cost
 */
function priceOf(units: readonly ClaimItem[], ordered: readonly { productId: string; unitAmount: number }[]): number {
  const prices = new Map(ordered.map(({ productId, unitAmount }) => [productId, unitAmount]))
  return units.reduce((sum, { productId, quantity }) => sum + quantity * (prices.get(productId) ?? 0), 0)
}
