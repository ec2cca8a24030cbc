import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import type { Orders } from './claim.ts'
import { Payment, Refund } from './payment.ts'

const readsAtOnce = 100
const readStatements = 2

type Caller = Pick<AccessTokenClaims, 'sub' | 'role'>

/** Whether this caller gives its money back: the seller of its order, or an admin. */
export const mayRefund = (payment: Payment, caller: Caller) =>
  caller.role === 'admin' || caller.sub === payment.seller_id

/** Reads payments by their ids; those that are asked for at once are one statement. */
export type PaymentReads = Gather<string, Payment | undefined>

/** In a hot minute every buyer asks: each by a statement and a connection of its own, they would wait for one another. */
export function paymentReads(db: Knex): PaymentReads {
  return new Gather({
    most: readsAtOnce,
    lanes: readStatements,
    isOfOne: () => false,
    work: async (ids) => {
      const found = new Map((await Payment.query(db).whereIn('id', [...new Set(ids)])).map((row) => [row.id, row]))
      return ids.map((id) => found.get(id))
    },
  })
}

/**
 * A payment that the caller may read: its buyer's, its seller's, any for an admin.
 *
 * @throws {NotFoundError} there is none, or it is others': that does not exist for this caller.
 */
export async function findPayment(
  { db, orders, reads }: { db: Knex; orders: Orders; reads: PaymentReads },
  id: string,
  caller: Caller,
): Promise<Payment> {
  const payment = await reads.add(id)
  if (!payment) throw new NotFoundError('payment', id)
  // accepted before commerce told who sells: asked now, once
  if (payment.seller_id === null && payment.amount !== null && payment.buyer_id !== caller.sub) {
    const { sellerId } = await orders.read(payment.order_id)
    await payment.$query(db).patch({ seller_id: sellerId })
  }
  if (payment.buyer_id !== caller.sub && !mayRefund(payment, caller)) throw new NotFoundError('payment', id)
  return payment
}

/** One page of payments, newest first: the caller's purchases, sales, or, for an admin, all. */
export async function listPayments(
  db: Knex,
  caller: Caller,
  page: { as: 'buyer' | 'seller' | 'admin'; orderId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ payments: Payment[]; nextCursor: string | null }> {
  const query = Payment.query(db).orderBy('id', 'desc') // ids sort by time
  if (page.as === 'buyer') void query.where('buyer_id', caller.sub)
  if (page.as === 'seller') void query.where('seller_id', caller.sub)
  if (page.orderId !== undefined) void query.where('order_id', page.orderId)
  if (page.cursor !== undefined) void query.where('id', '<', page.cursor)
  const rows = await query.limit(page.limit + 1)
  const payments = rows.slice(0, page.limit)
  return { payments, nextCursor: rows.length > page.limit ? (payments.at(-1)?.id ?? null) : null }
}

/** Whether money was taken of this buyer before; what cost nothing shows nothing. */
export async function hasPaid(db: Knex, buyerId: string): Promise<boolean> {
  const paid = Payment.query(db).where('buyer_id', buyerId).whereNotNull('gateway_reference')
  return (await paid.whereIn('state', ['CAPTURED', 'PARTIALLY_REFUNDED']).select('id').first()) !== undefined
}

/** What really went back of payments, in minor units by payment; absent where nothing did. */
export async function returnedAmounts(db: Knex, paymentIds: readonly string[]): Promise<Map<string, number>> {
  const returned = new Map<string, number>()
  if (paymentIds.length === 0) return returned
  const rows = await Refund.query(db)
    .whereIn('payment_id', [...paymentIds])
    .where('state', 'DONE')
    .select('payment_id', 'amount')
  for (const { payment_id: id, amount } of rows) returned.set(id, (returned.get(id) ?? 0) + amount)
  return returned
}
