import type { Knex } from 'knex'
import type { ProductRevisions } from '../catalog/product-revisions.ts'
import { presentOrders } from '../orders/present-orders.ts'
import type { Person } from './fulfilment.ts'
import { presentFulfilment, type SaleView } from './schema.ts'
import { waysOfOrders } from './ways-of-orders.ts'

/** Orders as their seller sees them, in the order in which they are asked for. */
export async function presentSales(
  { db, revisions, now }: { db: Knex; revisions: ProductRevisions; now: Date },
  { orderIds, actor }: { orderIds: readonly string[]; actor: Person },
): Promise<SaleView[]> {
  if (orderIds.length === 0) return []
  const all = await waysOfOrders(db, { orderIds, actor, party: 'seller' })
  const ways = all.filter(({ fulfilment }) => fulfilment !== undefined) // what is only reserved is no sale yet
  const orders = await presentOrders(
    revisions,
    ways.map(({ order }) => order),
  )
  const buyers: { id: string; display_name: string }[] = await db('accounts')
    .whereIn(
      'id',
      ways.map(({ order }) => order.buyerId),
    )
    .select('id', 'display_name')
  const names = new Map(buyers.map(({ id, display_name: name }) => [id, name]))
  return ways.flatMap((way, n) => {
    const order = orders[n]
    if (order === undefined) return []
    const buyerName = names.get(way.order.buyerId) ?? ''
    return [{ order, buyerName, fulfilment: presentFulfilment(way, 'seller', now) }]
  })
}
