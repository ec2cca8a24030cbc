import type { Knex } from 'knex'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { AddressMissingError, ClaimOpenError, OrderStateError } from './errors.ts'
import { lockFulfilment, note, type Actor, type Fulfilment, type Party } from './fulfilment.ts'
import { newsOf, type TellAccounts } from './news.ts'
import { hasAddress } from './order-address.ts'
import { nextState, type Deed, type Doer } from './order-life.ts'

/** What moving orders works with. `shipped`: told of an order that a carrier has, in the transaction that says so. */
export interface MoveDeps {
  db: Knex
  clock: () => Date
  tell: TellAccounts
  shipped: (trx: Knex.Transaction, order: Fulfilment) => Promise<void>
}

/** Who has an order, and under which number. */
export interface Shipment {
  carrier: string
  trackingNumber: string
}

/** A deed of a person, or of time, on an order. Calling it off and taking it back go by claims. */
export type Move = { orderId: string; actor: Actor } & (
  | { deed: 'prepare' | 'deliver' | 'confirm' }
  | { deed: 'ship'; shipment: Shipment }
)

/**
 * Moves an order on, and tells its buyer and its seller.
 *
 * @throws {NotFoundError} nobody paid for such an order, or the caller is no party to it.
 * @throws {OrderStateError | AddressMissingError | ClaimOpenError}
 */
export async function moveOrder(deps: MoveDeps, move: Move): Promise<Fulfilment> {
  const { db, clock, tell, shipped } = deps
  const moved = await inTransaction(db, async (trx) => {
    const party: Party = move.deed === 'confirm' && move.actor.role !== 'system' ? 'buyer' : 'seller'
    const before = await lockFulfilment(trx, { ...move, party })
    await requireNoClaim(trx, move.orderId)
    if (move.deed === 'ship') await requireShippable(trx, before)
    const after = await applyDeed(trx, before, {
      deed: move.deed,
      doer: move.actor.role === 'system' ? 'upkeep' : party,
      actor: move.actor,
      now: clock(),
      shipment: move.deed === 'ship' ? move.shipment : undefined,
    })
    if (move.deed === 'ship' && before.state !== 'SHIPPED') await shipped(trx, after)
    return after
  })
  tell(newsOf([moved]))
  return moved
}

/**
 * Writes what an order becomes by a deed, with its history. The caller's transaction holds the fulfilment's row.
 *
 * @throws {OrderStateError} it may not be done to it.
 */
export async function applyDeed(
  trx: Knex.Transaction,
  before: Fulfilment,
  done: { deed: Deed; doer: Doer; actor: Actor; now: Date; shipment?: Shipment | undefined },
): Promise<Fulfilment> {
  const { deed, doer, actor, now, shipment } = done
  const state = nextState(before, deed, doer)
  if (state === undefined) throw new OrderStateError(before.orderId, deed, before.state)
  const isOver = state === 'CONFIRMED' || state === 'CANCELED' || state === 'RETURNED'
  const after: Fulfilment = {
    ...before,
    ...shipment,
    state,
    shippedAt: deed === 'ship' ? (before.shippedAt ?? now) : before.shippedAt,
    deliveredAt: deed === 'deliver' ? now : before.deliveredAt,
    endedAt: isOver ? now : before.endedAt,
  }
  await trx('fulfilments').where('order_id', before.orderId).update({
    state,
    carrier: after.carrier,
    tracking_number: after.trackingNumber,
    shipped_at: after.shippedAt,
    delivered_at: after.deliveredAt,
    ended_at: after.endedAt,
  })
  const details = shipment === undefined ? '' : `${shipment.carrier} ${shipment.trackingNumber}`
  await note(trx, { orderId: before.orderId, actor, action: `order.${deed}`, details, at: now })
  return after
}

// All of the money may be back, or on its way back, while the fulfilment does not know yet.
async function requireShippable(trx: Knex.Transaction, { orderId, requiresShipping }: Fulfilment): Promise<void> {
  const order = await trx('orders').where('id', orderId).first<{ state: string } | undefined>('state')
  if (order?.state !== 'PAID') throw new OrderStateError(orderId, 'ship', order?.state ?? 'gone')
  if (requiresShipping && !(await hasAddress(trx, orderId))) throw new AddressMissingError(orderId)
}

/** @throws {ClaimOpenError} the order has a claim that waits for its seller. */
export async function requireNoClaim(trx: Knex.Transaction, orderId: string): Promise<void> {
  const open = await trx('claims')
    .where('order_id', orderId)
    .whereIn('state', ['REQUESTED', 'COLLECTING'])
    .first<{ id: string } | undefined>('id')
  if (open !== undefined) throw new ClaimOpenError(orderId, open.id)
}
