import type { Claim, Order } from '../api/model.ts'

/** How many units of each product of an order can still be sent back, as far as this page knows; the service decides. */
export function unitsLeft(
  order: Pick<Order, 'items'>,
  claims: readonly Pick<Claim, 'kind' | 'state' | 'items'>[],
): Map<string, number> {
  const left = new Map(order.items.map(({ productId, quantity }) => [productId, quantity]))
  for (const { kind, state, items } of claims) {
    if (kind !== 'RETURN' || state === 'REJECTED' || state === 'WITHDRAWN') continue
    for (const { productId, quantity } of items) left.set(productId, (left.get(productId) ?? 0) - quantity)
  }
  return left
}
