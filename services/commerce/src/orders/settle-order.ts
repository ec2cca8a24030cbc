import type { Knex } from 'knex'
import type { OrderEvent } from '@mytaek1/contracts/live-events.ts'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { EventEnvelope, ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { receiveEvent, receiveEvents, receiveInTrip } from '@mytaek1/platform/inbox.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import {
  currencyType,
  idType,
  inOneTrip,
  isRefusedHere,
  matched,
  tableOf,
  unless,
} from '@mytaek1/platform/mysql-trip.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import type { Inventory } from '../inventory/engine.ts'
import { returnUses } from '../inventory/coupon-rows.ts'
import { returnBaskets } from '../inventory/return-baskets.ts'
import { returnUnits } from '../inventory/return-units.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { lowerInShows, lowersNothing } from './price-for-area.ts'
import { findOrder, readBuyers } from './queries.ts'
import type { OrderRow } from './schema.ts'

/**
 * What follows, beyond the order itself, from what payment says; each in the transaction that takes the event, but `tell`,
 * which is after the commit and fails for nobody.
 */
export interface OrderFollower {
  /** @returns statements of that transaction; the ids were checked. */
  paid(orderIds: readonly string[]): readonly string[]
  /** @returns units of the order that are on sale again already. */
  refunded(
    trx: Knex.Transaction,
    refund: { orderId: string; claimId: string | null; whole: boolean; refunded: Money; remaining: Money },
  ): Promise<readonly { productId: string; units: number }[]>
  refundFailed(trx: Knex.Transaction, refund: { orderId: string; claimId: string; reason: string }): Promise<void>
  tell(orderIds: readonly string[]): Promise<void>
}

/** What settling an order works with. `wakeOutbox`: an event was appended and committed. */
export interface SettleDeps {
  db: Knex
  inventory: Inventory
  log: Logger
  wakeOutbox: () => void
  /** Tells buyers what happened to their orders; not waited for. */
  tellBuyers: (news: readonly { buyerId: string; event: OrderEvent }[]) => void
  follower: OrderFollower
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
 * PAID                → payment.refunded in part → PAID, with what went back: the buyer keeps the goods
 * PAID                → payment.refunded in full → REFUNDED, units back unless `restock` is false
 * any                 → payment.refund_failed → as it was: the claim that asked for it says so
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

/**
 * The same for several orders, whichever of them were told before. Those that are paid, nearly all, are taken in one round trip;
 * the others in a transaction, in order of their orders' ids.
 */
export async function settleOrders(deps: SettleDeps, envelopes: readonly EventEnvelope[]): Promise<void> {
  const sorted = envelopes.toSorted((a, b) => (a.event.data.orderId < b.event.data.orderId ? -1 : 1))
  const paid = sorted.filter(isPaid)
  const isDone = paid.length > 0 && (await payInOneTrip(deps, paid))
  const others = isDone ? sorted.filter((envelope) => !isPaid(envelope)) : sorted
  if (others.length === 0) return
  const effects = await inTransaction(deps.db, async (trx) => {
    const effects: Effect[] = []
    const fresh = await receiveEvents(trx, others)
    for (const { event } of await payTogether(deps, trx, fresh)) effects.push(await apply(deps, trx, event))
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

/** Tells buyers what was settled, and the order as it is by then: a repeated delivery tells it again, which harms nobody. */
export async function tellSettled(deps: SettleDeps, envelopes: readonly EventEnvelope[]): Promise<void> {
  const changed = envelopes.filter(({ event }) => changesFulfilment(event)).map(({ event }) => event.data.orderId)
  if (changed.length > 0) await deps.follower.tell(changed)
  const told = envelopes.flatMap(({ event }) => {
    const payment = paymentNews(event)
    return payment ? [{ orderId: event.data.orderId, payment }] : []
  })
  if (told.length === 0) return
  try {
    const orderIds = told.map(({ orderId }) => orderId)
    const rows = await readBuyers(deps.db, orderIds)
    deps.tellBuyers(
      told.flatMap(({ orderId, payment }) => {
        const row = rows.get(orderId)
        if (row === undefined) return []
        return [
          { buyerId: row.buyerId, event: { type: 'order' as const, data: { orderId, state: row.state, payment } } },
        ]
      }),
    )
  } catch (error) {
    deps.log.warn('orders.news_not_told', { orders: told.length, error }) // the event itself is taken
  }
}

const changesFulfilment = (event: ServiceEvent): boolean =>
  event.type === 'payment.refunded' ||
  event.type === 'payment.refund_failed' ||
  event.type === 'payment.captured' ||
  (event.type === 'payment.settled' && event.data.outcome === 'paid')

function paymentNews(event: ServiceEvent): OrderEvent['data']['payment'] | undefined {
  if (event.type === 'payment.refunded') {
    const { paymentId: id, refunded } = event.data
    return { id, outcome: 'refunded', reason: null, refunded }
  }
  if (event.type !== 'payment.settled') return undefined
  const { data } = event
  const reason = data.outcome === 'failed' ? data.reason : null
  return { id: data.paymentId, outcome: data.outcome, reason, refunded: null }
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
    case 'payment.refund_failed':
      await deps.follower.refundFailed(trx, event.data)
      return {}
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
  { log, follower }: SettleDeps,
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
  else await follow(follower, trx, [orderId])
  return {}
}

async function follow(follower: OrderFollower, trx: Knex.Transaction, orderIds: readonly string[]): Promise<void> {
  await lowerInShows(trx, orderIds)
  for (const statement of follower.paid(orderIds)) await trx.raw(statement)
}

type Paid = Extract<DataOf<'payment.settled'>, { outcome: 'paid' }>

const isPaid = (
  envelope: EventEnvelope,
): envelope is EventEnvelope & { event: { type: 'payment.settled'; data: Paid } } =>
  envelope.event.type === 'payment.settled' && envelope.event.data.outcome === 'paid'

/** All of them or, where one was told before, is not as it should be, or lowers what others cost, none. */
async function payInOneTrip({ db, follower }: SettleDeps, envelopes: readonly EventEnvelope[]): Promise<boolean> {
  const paid = envelopes.filter(isPaid).map(({ event }) => event.data)
  const orderIds = paid.map(({ orderId }) => orderId)
  try {
    await inOneTrip(db, [
      ...receiveInTrip(envelopes),
      payingOf(paid),
      unless(`${matched(paid.length)} AND ${lowersNothing(orderIds)}`),
      ...follower.paid(orderIds),
    ])
    return true
  } catch (error) {
    if (isRefusedHere(error)) return false
    throw error
  }
}

/** Marks all orders of a batch as paid that are, by one statement; answers the events that are left: others, and odd ones. */
async function payTogether(
  { follower }: SettleDeps,
  trx: Knex.Transaction,
  envelopes: readonly EventEnvelope[],
): Promise<readonly EventEnvelope[]> {
  const paid = envelopes.filter(isPaid).map(({ event }) => event.data)
  if (paid.length === 0) return envelopes
  const [result] = await trx.raw(payingOf(paid))
  // when one was not, each is looked at by itself, and the odd one is logged
  if (result.affectedRows !== paid.length) return envelopes
  await follow(
    follower,
    trx,
    paid.map(({ orderId }) => orderId),
  )
  return envelopes.filter((envelope) => !isPaid(envelope))
}

const paidColumns = { id: idType, payment_id: idType, amount: 'BIGINT UNSIGNED', currency: currencyType }

function payingOf(paid: readonly Paid[]): string {
  const rows = paid.map(({ orderId, paymentId, amount }) => [orderId, paymentId, amount.amount, amount.currency])
  return `UPDATE ${tableOf('paid', paidColumns, rows)} STRAIGHT_JOIN orders ON orders.id = paid.id
        SET orders.state = 'PAID', orders.settled_at = COALESCE(orders.settled_at, UTC_TIMESTAMP(3))
      WHERE orders.payment_id = paid.payment_id AND orders.total_amount = paid.amount
        AND orders.currency = paid.currency AND orders.state IN ('RESERVED', 'PAID') AND orders.claimed_at IS NOT NULL`
}

async function giveUp(trx: Knex.Transaction, data: DataOf<'payment.failed'>): Promise<Effect> {
  const { orderId, paymentId, release } = data
  const unclaimed = await trx('orders')
    .where({ id: orderId, state: 'RESERVED' })
    .whereRaw('(claimed_at IS NULL OR payment_id = ?)', [paymentId])
    .update({ claimed_at: null, payment_id: null, ...(release && { expires_at: trx.raw('UTC_TIMESTAMP(3)') }) })
  return unclaimed === 1 && release ? { release: await findOrder(trx, orderId) } : {}
}

async function refund(
  { log, follower }: SettleDeps,
  trx: Knex.Transaction,
  data: DataOf<'payment.refunded'>,
): Promise<Effect> {
  const { orderId, paymentId, claimId = null, refunded: amount, remaining, restock: unitsBack } = data
  const told = { orderId, claimId, refunded: amount, remaining }
  const back = { refunded_amount: trx.raw('total_amount - ?', [remaining.amount]) }
  if (remaining.amount > 0) {
    await trx('orders').where({ id: orderId, payment_id: paymentId, state: 'PAID' }).update(back)
    await follower.refunded(trx, { ...told, whole: false })
    return {}
  }
  const refunded = await trx('orders')
    .where({ id: orderId, payment_id: paymentId })
    .whereIn('state', ['PAID', 'REFUNDED'])
    .update({ state: 'REFUNDED', settled_at: trx.raw('UTC_TIMESTAMP(3)'), ...back })
  if (refunded !== 1) log.error('orders.refunded_without_payment', { orderId, paymentId })
  const there = refunded === 1 ? await follower.refunded(trx, { ...told, whole: true }) : []
  if (refunded !== 1) return {}
  const order = await findOrder(trx, orderId)
  if (!order || !unitsBack) {
    await returnUseOf(trx, order)
    return {}
  }
  // what was sent back before is on sale already: the order's units come back once
  const onSaleAgain = new Map(there.map(({ productId, units }) => [productId, units]))
  const stocks = await returnAll(trx, order, onSaleAgain)
  await returnUseOf(trx, order) // behind all stock rows, as everywhere
  return { stocks }
}

/** A coupon says whether its use is over with the order, or comes back. */
async function returnUseOf(trx: Knex.Transaction, order: OrderRow | undefined): Promise<void> {
  const couponId = order?.coupon?.id
  if (order === undefined || couponId === undefined) return
  const comesBack = await trx('coupons').where({ id: couponId, back_on_refund: true }).first('id')
  if (comesBack !== undefined) await returnUses(queryOf(trx), [{ orderId: order.id, buyerId: order.buyerId, couponId }])
}

async function returnAll(
  trx: Knex.Transaction,
  { id, productId }: OrderRow,
  onSaleAgain: ReadonlyMap<string, number>,
): Promise<StockChange[]> {
  const [query, orders] = [queryOf(trx), { orderIds: [id], state: 'REFUNDED' as const }]
  if (productId === null) return await returnBaskets(query, { ...orders, onSaleAgain })
  const stock = await returnUnits(query, { productId, ...orders, onSaleAgain: onSaleAgain.get(productId) })
  return stock ? [stock] : []
}

function refusalOf(order: OrderRow | undefined, amount: { amount: number; currency: string }): string {
  if (!order) return 'no_such_order'
  if (order.totalAmount !== amount.amount || order.currency !== amount.currency) return 'amount_differs'
  if (order.state !== 'RESERVED') return `order_${order.state.toLowerCase()}`
  return order.claimed ? 'claimed_by_another_payment' : 'reservation_expired'
}
