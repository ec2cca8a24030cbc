import { hash } from 'node:crypto'
import type { Knex } from 'knex'
import { newId } from '@mytaek1/platform/ids.ts'
import type { Locks } from '@mytaek1/platform/lock.ts'
import type { OrderRequest, Outcome } from '../src/inventory/order-request.ts'

/**
 * An order as many shops place it: under a distributed lock, which it believes in. Stock is read and written back
 * inside the lock, in one transaction, with the idempotency key checked; only what the lock is to keep out is not.
 */
export async function lockOnlyOrder(
  { db, locks }: { db: Knex; locks: Locks },
  request: OrderRequest,
): Promise<Outcome> {
  const { buyerId, productId, quantity, idempotencyKey } = request
  const requestId = hash('sha256', `${buyerId}\n${idempotencyKey}`, 'base64url').slice(0, 22)
  return await locks.withLock(`lock:stock:${productId}`, { ttlMs: 2_500, waitMs: 3_000 }, () =>
    db.transaction(async (trx): Promise<Outcome> => {
      const known = await trx('orders').where({ buyer_id: buyerId, request_id: requestId }).first()
      const row = await trx('product_stock').where('product_id', productId).first()
      const order = {
        id: known?.id ?? newId('o'),
        productId,
        broadcastId: null,
        quantity,
        productRevision: null,
        state: 'RESERVED' as const,
        totalAmount: 1_000 * quantity,
        currency: 'KRW',
        createdAt: Date.now(),
        expiresAt: Date.now() + 600_000,
      }
      if (known) return { kind: 'reserved', order, known: true }
      if (row.stock < quantity) return { kind: 'sold_out', available: row.stock }
      const times = { created_at: new Date(order.createdAt), expires_at: new Date(order.expiresAt) }
      const columns = { buyer_id: buyerId, product_id: productId, quantity, total_amount: order.totalAmount }
      await trx('orders').insert({ id: order.id, request_id: requestId, currency: 'KRW', ...columns, ...times })
      await trx('stock_ledger').insert({
        order_id: order.id,
        kind: 'RESERVE',
        product_id: productId,
        delta: -quantity,
        version: row.version + 1,
      })
      await trx('product_stock')
        .where('product_id', productId)
        .update({ stock: row.stock - quantity, version: row.version + 1 })
      return { kind: 'reserved', order, known: false }
    }),
  )
}
