import type { ClaimItem } from './claim.ts'
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
 * What units of an order cost together, in minor units.
 *
 * @param ordered the order's products with what one of each cost
 */
export function priceOf(
  units: readonly ClaimItem[],
  ordered: readonly { productId: string; unitAmount: number }[],
): number {
  const prices = new Map(ordered.map(({ productId, unitAmount }) => [productId, unitAmount]))
  return units.reduce((sum, { productId, quantity }) => sum + quantity * (prices.get(productId) ?? 0), 0)
}
