import type { Knex } from 'knex'
import { findOrders } from '../orders/queries.ts'
import { itemsOf, type OrderRow } from '../orders/schema.ts'
import { claimsOf } from './claim.ts'
import { findFulfilments, isParty, type Actor, type Party } from './fulfilment.ts'
import { readOrderAddresses } from './order-address.ts'
import type { WayOfOrder } from './schema.ts'

/**
 * Reads how orders go, for one of their parties: those that are not the caller's are absent, and so are their addresses.
 * Bounded by what is asked; in the order in which it is asked.
 */
export async function waysOfOrders(
  db: Knex,
  { orderIds, actor, party }: { orderIds: readonly string[]; actor: Actor; party: Party },
): Promise<WayOfOrder[]> {
  const found = await findOrders(db, orderIds)
  const fulfilments = await findFulfilments(db, [...found.keys()])
  const own = orderIds.flatMap((id) => {
    const order = found.get(id)?.order
    if (order === undefined) return []
    const sellerId = fulfilments.get(id)?.sellerId ?? '' // before it is paid for, an order is its buyer's alone
    return isParty({ buyerId: order.buyerId, sellerId }, actor, party) ? [order] : []
  })
  const ids = own.map(({ id }) => id)
  const [addresses, claims, shipped] = await Promise.all([
    readOrderAddresses(db, ids),
    claimsOf(db, ids),
    shippedProducts(db, own),
  ])
  return own.map((order) => {
    const fulfilment = fulfilments.get(order.id)
    return {
      order,
      fulfilment,
      // of what is paid for, as it was then
      requiresShipping: fulfilment?.requiresShipping ?? itemsOf(order).some(({ productId }) => shipped.has(productId)),
      address: addresses.get(order.id),
      claims: claims.get(order.id) ?? [],
    }
  })
}

async function shippedProducts(db: Knex, orders: readonly OrderRow[]): Promise<Set<string>> {
  const ids = [...new Set(orders.flatMap(itemsOf).map(({ productId }) => productId))]
  const rows: { id: string }[] = await db('products').whereIn('id', ids).where('requires_shipping', true).select('id')
  return new Set(rows.map(({ id }) => id))
}
