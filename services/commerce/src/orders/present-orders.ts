import type { ProductRevisions } from '../catalog/product-revisions.ts'
import type { ReservedOrder } from '../inventory/order-request.ts'
import { itemsOf, presentOrder, type OrderView } from './schema.ts'

/** Orders as they are shown, with their products as they were when they were ordered; in the same order, one each. */
export async function presentOrders(
  revisions: ProductRevisions,
  orders: readonly ReservedOrder[],
): Promise<OrderView[]> {
  const keys = orders.flatMap(itemsOf).map(({ productId, productRevision: revision }) => ({ productId, revision }))
  const revisionOf = await revisions.find(keys)
  return orders.map((order) => presentOrder(order, revisionOf))
}
