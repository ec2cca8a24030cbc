/**
 * The address of an order, as it was given for it. It has a table of its own, written by a request of its own: the
 * transaction that sells units neither knows nor waits for it.
 */
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { addressOf, columnsOf, type Address, type AddressColumns } from '../address.ts'
import { priceForArea } from '../orders/price-for-area.ts'
import { findOrder } from '../orders/queries.ts'
import { isRemoteArea } from '../remote-areas.ts'
import { OrderStateError } from './errors.ts'
import { note, toFulfilment, type Actor, type Fulfilment, type FulfilmentRow } from './fulfilment.ts'

/**
 * Sets where an order of the caller's goes, until it is on its way. Until it is being paid it costs what sending it there
 * does; from then on it goes only to where that is the same.
 *
 * @returns its fulfilment, if it is paid for: then its seller is to be told.
 * @throws {NotFoundError} no such order of this buyer.
 * @throws {OrderStateError} it is on its way, or released, or all of its money went back.
 * @throws {ShippingDiffersError} it is paid for, or being paid, and would cost something else.
 */
export async function setOrderAddress(
  { db, now }: { db: Knex; now: Date },
  { orderId, actor, address }: { orderId: string; actor: Actor; address: Address },
): Promise<Fulfilment | undefined> {
  return await inTransaction(db, async (trx) => {
    const own = { id: orderId, buyer_id: actor.sub }
    await trx('orders').where(own).forUpdate().first('id') // neither paid nor released before this is over
    const order = await findOrder(trx, orderId)
    if (order?.buyerId !== actor.sub) throw new NotFoundError('order', orderId)
    if (order.state !== 'RESERVED' && order.state !== 'PAID') throw new OrderStateError(orderId, 'address', order.state)
    const row: FulfilmentRow | undefined = await trx('fulfilments').where('order_id', orderId).forUpdate().first()
    const fulfilment = row && toFulfilment(row)
    if (fulfilment && fulfilment.state !== 'PAID' && fulfilment.state !== 'PREPARING') {
      throw new OrderStateError(orderId, 'address', fulfilment.state)
    }
    await priceForArea(trx, order, isRemoteArea(address))
    const columns = { ...columnsOf(address), written_at: now }
    await trx('order_addresses')
      .insert({ order_id: orderId, ...columns })
      .onConflict('order_id')
      .merge(columns)
    if (fulfilment) await note(trx, { orderId, actor, action: 'order.address', at: now })
    return fulfilment
  })
}

/** The addresses of orders, by order id; bounded by what is asked. Who may see them is the caller's to know. */
export async function readOrderAddresses(
  db: Knex | Knex.Transaction,
  orderIds: readonly string[],
): Promise<Map<string, Address>> {
  const rows: (AddressColumns & { order_id: string })[] = await db('order_addresses').whereIn('order_id', [...orderIds])
  return new Map(rows.map((row) => [row.order_id, addressOf(row)]))
}

/** Whether it is known where an order goes. */
export async function hasAddress(trx: Knex.Transaction, orderId: string): Promise<boolean> {
  return (await trx('order_addresses').where('order_id', orderId).first('order_id')) !== undefined
}

/**
 * Forgets where orders would have gone that were released a day ago or longer: nothing was sold, so nothing is kept. It looks
 * at three days, so it has to run once in that time.
 */
export async function forgetReleasedAddresses(db: Knex, now: Date): Promise<void> {
  const day = 86_400_000
  await db.raw(
    `DELETE order_addresses FROM order_addresses JOIN orders ON orders.id = order_addresses.order_id
      WHERE order_addresses.written_at BETWEEN ? AND ? AND orders.state = 'RELEASED'`,
    [new Date(now.getTime() - 4 * day), new Date(now.getTime() - day)],
  )
}
