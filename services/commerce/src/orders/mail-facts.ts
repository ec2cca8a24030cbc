import type { Knex } from 'knex'
import { titleOf } from '../catalog/variant.ts'
import { ProductRevisions } from '../catalog/product-revisions.ts'
import type { OrderFacts } from '../mail/mail-facts.ts'
import { presentOrders } from './present-orders.ts'
import { findOrder } from './queries.ts'

/** Reads orders as mails show them: what was bought, as it was called then. */
export function factsOfOrder(db: Knex): (orderId: string) => Promise<OrderFacts | undefined> {
  const revisions = new ProductRevisions(db)
  return async (orderId) => {
    const row = await findOrder(db, orderId)
    const [order] = row === undefined ? [] : await presentOrders(revisions, [row])
    return (
      order && {
        id: order.id,
        items: order.items.map((item) => ({ ...item, name: titleOf(item) })),
        total: order.total,
        shipping: order.shipping,
        discount: order.discount,
      }
    )
  }
}
