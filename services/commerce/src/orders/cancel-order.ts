import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import type { Inventory } from '../inventory/engine.ts'
import { OrderNotCancellableError } from './order-errors.ts'
import { translated } from './place-order.ts'
import { findOrder } from './queries.ts'
import type { OrderRow } from './schema.ts'

/**
 * Cancels a buyer's reservation: its units are back when this returns. An order that was released before is answered
 * the same, so the request may be repeated.
 *
 * @throws {NotFoundError} no such order of this buyer.
 * @throws {OrderNotCancellableError} a payment has claimed or paid it.
 */
export async function cancelOrder(
  { db, inventory }: { db: Knex; inventory: Inventory },
  { orderId, buyerId }: { orderId: string; buyerId: string },
): Promise<OrderRow> {
  const order = await findOrder(db, orderId)
  if (!order || order.buyerId !== buyerId) throw new NotFoundError('order', orderId)
  try {
    const answer = await inventory.release({ orderId, productId: order.productId })
    if (answer?.state !== 'RELEASED') throw new OrderNotCancellableError(orderId, answer?.state ?? order.state)
  } catch (error) {
    throw translated(error)
  }
  return { ...order, state: 'RELEASED', claimed: false, paymentId: null }
}
