/**
 * Purchases of this tab that are not over. They live longer than the panel that shows them: who closes it in the middle,
 * and opens it again, is where the purchase is, with the key of an order that got no answer.
 */
import type { CheckoutFlow } from './checkout-flow.ts'

const purchases = new Map<string, CheckoutFlow>()

/** The purchase of a product by an account in a show, begun by `begin` when there is none. */
export function purchaseOf(
  of: { accountId: string; productId: string; broadcastId: string | undefined },
  begin: () => CheckoutFlow,
): CheckoutFlow {
  const key = [of.accountId, of.productId, of.broadcastId].join(' ')
  const known = purchases.get(key)
  if (known) return known
  const begun = begin()
  purchases.set(key, begun)
  return begun
}

/** The panel closes: a purchase that is over, or sold out, is begun anew the next time. */
export function leavePurchase(flow: CheckoutFlow): void {
  const { step } = flow.state.value
  if (step !== 'ended' && step !== 'sold_out') return
  flow.stop()
  for (const [key, each] of purchases) if (each === flow) purchases.delete(key)
}
