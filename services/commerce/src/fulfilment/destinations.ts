import type { Knex } from 'knex'
import { columnsOf, type Address, type Destination } from '../address.ts'
import type { Destinations } from '../orders/place-order.ts'
import { findAddress, listAddresses } from './address-book.ts'

/** Where orders go that say so when they are made. */
export function destinationsOf({ db, clock }: { db: Knex; clock: () => Date }): Destinations {
  return {
    find: (buyerId, destination) => find(db, buyerId, destination),
    note: (orderId, address) => noteFirst(db, { orderId, address, now: clock() }),
  }
}

async function find(db: Knex, accountId: string, destination: Destination): Promise<Address | undefined> {
  if ('addressId' in destination) return await findAddress(db, { accountId, addressId: destination.addressId })
  if ('recipient' in destination) return destination
  return (await listAddresses(db, accountId)).find(({ isDefault }) => isDefault)
}

/** Writes down where an order goes that has no address yet, unless nothing of it is sent. */
async function noteFirst(
  db: Knex,
  { orderId, address, now }: { orderId: string; address: Address; now: Date },
): Promise<void> {
  const columns = { ...columnsOf(address), written_at: now }
  const names = Object.keys(columns)
  await db.raw(
    `INSERT INTO order_addresses (order_id, ${names.join(', ')})
     SELECT orders.id, ${names.map(() => '?').join(', ')} FROM orders
      WHERE orders.id = ? AND EXISTS (
        SELECT 1 FROM products WHERE requires_shipping AND (products.id = orders.product_id OR products.id IN
          (SELECT product_id FROM order_items WHERE order_items.order_id = orders.id)))
     ON DUPLICATE KEY UPDATE order_addresses.order_id = order_addresses.order_id`,
    [...Object.values(columns), orderId],
  )
}
