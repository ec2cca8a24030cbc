import type { Knex } from 'knex'
import type { EventEnvelope, ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { receiveEvent, receiveEvents } from '@mytaek1/platform/inbox.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import type { Inventory } from '../inventory/engine.ts'
import { returnBaskets } from '../inventory/return-baskets.ts'
import { returnUnits } from '../inventory/return-units.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { findOrder } from './queries.ts'
import type { OrderRow } from './schema.ts'

/** What settling an order works with. `wakeOutbox`: an event was appended and committed. */
export interface SettleDeps {
  db: Knex
  inventory: Inventory
  log: Logger
  wakeOutbox: () => void
}

/** What is to be done after the commit. */
interface Effect {
  told?: boolean
  release?: OrderRow
  stocks?: StockChange[]
}

/**
 * Takes what the payment service says about an order, once, whatever is delivered again.
 *
 * RESERVED, claimed   → payment.settled paid (of the claiming payment) → PAID
 * RESERVED            → payment.settled failed (no payment, or this one, claims it) → RESERVED, unclaimed, to its expiry:
 *                       another card may be tried; with `release` RELEASED at once, units back
 * PAID                → payment.refunded in full → REFUNDED, units back unless `restock` is false
 *
 * Of payments that the version before accepted: payment.authorized claims, as claim-order.ts does, and is answered with
 * order.claimed or order.claim_refused; payment.captured is paid, payment.failed is failed.
 */
export async function settleOrder(deps: SettleDeps, envelope: EventEnvelope): Promise<void> {
  const effect = await inTransaction(deps.db, async (trx): Promise<Effect> => {
    if (!(await receiveEvent(trx, envelope))) return {}
    return await apply(deps, trx, envelope.event)
  })
  await finish(deps, effect)
}

/** The same for several orders in one transaction, in order of their ids: all are taken or none. */
export async function settleOrders(deps: SettleDeps, envelopes: readonly EventEnvelope[]): Promise<void> {
  const sorted = envelopes.toSorted((a, b) => (a.event.data.orderId < b.event.data.orderId ? -1 : 1))
  const effects = await inTransaction(deps.db, async (trx) => {
    await receiveEvents(trx, sorted)
    const effects: Effect[] = []
    for (const { event } of sorted) effects.push(await apply(deps, trx, event))
    return effects
  })
  for (const effect of effects) await finish(deps, effect)
}

async function finish(deps: SettleDeps, effect: Effect): Promise<void> {
  if (effect.told) deps.wakeOutbox()
  for (const stock of effect.stocks ?? []) deps.inventory.announce(stock)
  if (effect.release) {
    const { id: orderId, productId } = effect.release
    // its time is over by the commit before: if this process ends here, the sweeper releases it
    await deps.inventory.release({ orderId, productId })
  }
}

async function apply(deps: SettleDeps, trx: Knex.Transaction, event: ServiceEvent): Promise<Effect> {
  switch (event.type) {
    case 'payment.authorized':
      return await claim(trx, event.data)
    case 'payment.captured':
      return await pay(deps, trx, event.data)
    case 'payment.failed':
      return await giveUp(trx, event.data)
    case 'payment.settled':
      return event.data.outcome === 'paid' ? await pay(deps, trx, event.data) : await giveUp(trx, event.data)
    case 'payment.refunded':
      return await refund(deps, trx, event.data)
    default:
      deps.log.warn('orders.event_not_ours', { type: event.type })
      return {}
  }
}

type DataOf<T extends ServiceEvent['type']> = Extract<ServiceEvent, { type: T }>['data']

async function claim(trx: Knex.Transaction, data: DataOf<'payment.authorized'>): Promise<Effect> {
  const { orderId, paymentId, amount } = data
  const claimed = await trx('orders')
    .where({ id: orderId, state: 'RESERVED', total_amount: amount.amount, currency: amount.currency })
    .whereRaw('(payment_id = ? OR (claimed_at IS NULL AND expires_at > UTC_TIMESTAMP(3)))', [paymentId])
    .update({ payment_id: paymentId, claimed_at: trx.raw('COALESCE(claimed_at, UTC_TIMESTAMP(3))') })
  if (claimed === 1) {
    await appendEvent(trx, { target: 'payment', event: { type: 'order.claimed', data: { orderId, paymentId } } })
    return { told: true }
  }
  const reason = refusalOf(await findOrder(trx, orderId), amount)
  await appendEvent(trx, {
    target: 'payment',
    event: { type: 'order.claim_refused', data: { orderId, paymentId, reason } },
  })
  return { told: true }
}

async function pay(
  { log }: SettleDeps,
  trx: Knex.Transaction,
  data: Pick<DataOf<'payment.captured'>, 'orderId' | 'paymentId' | 'amount'>,
): Promise<Effect> {
  const { orderId, paymentId, amount } = data
  const paid = await trx('orders')
    .where({ id: orderId, payment_id: paymentId, total_amount: amount.amount, currency: amount.currency })
    .whereIn('state', ['RESERVED', 'PAID'])
    .whereNotNull('claimed_at')
    .update({ state: 'PAID', settled_at: trx.raw('COALESCE(settled_at, UTC_TIMESTAMP(3))') })
  // cannot happen between services that keep the contract; money is involved, so somebody must look
  if (paid !== 1) log.error('orders.paid_without_claim', { orderId, paymentId })
  return {}
}

async function giveUp(trx: Knex.Transaction, data: DataOf<'payment.failed'>): Promise<Effect> {
  const { orderId, paymentId, release } = data
  const unclaimed = await trx('orders')
    .where({ id: orderId, state: 'RESERVED' })
    .whereRaw('(claimed_at IS NULL OR payment_id = ?)', [paymentId])
    .update({ claimed_at: null, payment_id: null, ...(release && { expires_at: trx.raw('UTC_TIMESTAMP(3)') }) })
  return unclaimed === 1 && release ? { release: await findOrder(trx, orderId) } : {}
}

async function refund({ log }: SettleDeps, trx: Knex.Transaction, data: DataOf<'payment.refunded'>): Promise<Effect> {
  const { orderId, paymentId, remaining, restock } = data
  if (remaining.amount > 0) return {} // in part: the buyer keeps the goods
  const refunded = await trx('orders')
    .where({ id: orderId, payment_id: paymentId })
    .whereIn('state', ['PAID', 'REFUNDED'])
    .update({ state: 'REFUNDED', settled_at: trx.raw('UTC_TIMESTAMP(3)') })
  if (refunded !== 1) log.error('orders.refunded_without_payment', { orderId, paymentId })
  const order = refunded === 1 && restock ? await findOrder(trx, orderId) : undefined
  if (!order) return {}
  const [query, orders] = [queryOf(trx), { orderIds: [orderId], state: 'REFUNDED' as const }]
  if (order.productId === null) return { stocks: await returnBaskets(query, orders) }
  const stock = await returnUnits(query, { productId: order.productId, ...orders })
  return { stocks: stock ? [stock] : [] }
}

function refusalOf(order: OrderRow | undefined, amount: { amount: number; currency: string }): string {
  if (!order) return 'no_such_order'
  if (order.totalAmount !== amount.amount || order.currency !== amount.currency) return 'amount_differs'
  if (order.state !== 'RESERVED') return `order_${order.state.toLowerCase()}`
  return order.claimed ? 'claimed_by_another_payment' : 'reservation_expired'
}
