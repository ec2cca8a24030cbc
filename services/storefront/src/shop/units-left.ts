import type { Claim, Order } from '../api/model.ts'

/** How many units of each thing of an order can still be sent back, by variant, as far as this page knows; the service decides. */
export function unitsLeft(
  order: Pick<Order, 'items'>,
  claims: readonly Pick<Claim, 'kind' | 'state' | 'items'>[],
): Map<string, number> {
  const left = new Map(order.items.map(({ variantId, quantity }) => [variantId, quantity]))
  for (const { kind, state, items } of claims) {
    if (kind !== 'RETURN' || state === 'REJECTED' || state === 'WITHDRAWN') continue
    for (const { variantId, quantity } of items) left.set(variantId, (left.get(variantId) ?? 0) - quantity)
  }
  return left
}
