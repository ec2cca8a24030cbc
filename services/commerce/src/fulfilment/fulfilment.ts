import type { Knex } from 'knex'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import type { FulfilmentState } from './order-life.ts'

/** How far an order is that was paid for; `orders` says how its money stands. */
export interface Fulfilment {
  orderId: string
  sellerId: string
  buyerId: string
  state: FulfilmentState
  requiresShipping: boolean
  paidAt: Date
  carrier: string | null
  trackingNumber: string | null
  shippedAt: Date | null
  deliveredAt: Date | null
  /** When it became CONFIRMED, CANCELED or RETURNED. */
  endedAt: Date | null
}

/** The row of a fulfilment. */
export interface FulfilmentRow {
  order_id: string
  seller_id: string
  buyer_id: string
  state: FulfilmentState
  requires_shipping: number
  paid_at: Date
  carrier: string | null
  tracking_number: string | null
  shipped_at: Date | null
  delivered_at: Date | null
  ended_at: Date | null
}

/** A person, as their token says. */
export type Person = Pick<AccessTokenClaims, 'sub' | 'role'>

/** Who acts: a person, or a service by itself. */
export type Actor = Person | { sub: string; role: 'system' }

/** As what somebody comes to an order: its buyer, or its seller, for whom an admin may stand in. */
export type Party = 'buyer' | 'seller'

/** This service, when time moves an order. */
export const upkeepActor: Actor = Object.freeze({ sub: 'upkeep', role: 'system' })

/** A fulfilment of its row. */
export const toFulfilment = (row: FulfilmentRow): Fulfilment => ({
  orderId: row.order_id,
  sellerId: row.seller_id,
  buyerId: row.buyer_id,
  state: row.state,
  requiresShipping: Boolean(row.requires_shipping),
  paidAt: row.paid_at,
  carrier: row.carrier,
  trackingNumber: row.tracking_number,
  shippedAt: row.shipped_at,
  deliveredAt: row.delivered_at,
  endedAt: row.ended_at,
})

/** Whether somebody may look at an order, or act on it, as a party to it. */
export const isParty = (order: { buyerId: string; sellerId: string }, actor: Actor, party: Party): boolean =>
  party === 'buyer'
    ? order.buyerId === actor.sub
    : order.sellerId === actor.sub || actor.role === 'admin' || actor.role === 'system'

/** Reads fulfilments by order id; orders that were never paid for are absent. Bounded by what is asked. */
export async function findFulfilments(
  db: Knex | Knex.Transaction,
  orderIds: readonly string[],
): Promise<Map<string, Fulfilment>> {
  const rows: FulfilmentRow[] = await db('fulfilments').whereIn('order_id', [...orderIds])
  return new Map(rows.map((row) => [row.order_id, toFulfilment(row)]))
}

/**
 * Locks an order's fulfilment to the end of the transaction, for one of its parties.
 *
 * @throws {NotFoundError} nobody paid for such an order, or the caller is no party to it.
 */
export async function lockFulfilment(
  trx: Knex.Transaction,
  { orderId, actor, party }: { orderId: string; actor: Actor; party: Party },
): Promise<Fulfilment> {
  const row: FulfilmentRow | undefined = await trx('fulfilments').where('order_id', orderId).forUpdate().first()
  const fulfilment = row && toFulfilment(row)
  if (!fulfilment || !isParty(fulfilment, actor, party)) throw new NotFoundError('paid order', orderId)
  return fulfilment
}

/** What happens to an order, as its history has it. */
export type HistoryAction =
  | `order.${'prepare' | 'ship' | 'deliver' | 'confirm' | 'cancel' | 'return'}`
  | 'order.address'
  | `claim.${'request' | 'collect' | 'complete' | 'reject' | 'withdraw'}`
  | `refund.${'done' | 'failed'}`

/** Writes down who did what, in the transaction of the deed; `details` never has an address in it. */
export async function note(
  trx: Knex.Transaction,
  entry: { orderId: string; actor: Actor; action: HistoryAction; details?: string; at: Date },
): Promise<void> {
  const { orderId, actor, action, details = '', at } = entry
  await trx('fulfilment_events').insert({
    order_id: orderId,
    at,
    actor_id: actor.sub,
    actor_role: actor.role,
    action,
    details: details.slice(0, 300),
  })
}
