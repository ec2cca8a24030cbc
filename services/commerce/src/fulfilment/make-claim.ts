import type { Knex } from 'knex'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { findOrder } from '../orders/queries.ts'
import { itemsOf, type OrderRow } from '../orders/schema.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { claimsOf, claimsOfBuyerMax, findClaim, type Claim, type ClaimItem } from './claim.ts'
import { OrderStateError, TooManyUnitsError } from './errors.ts'
import { lockFulfilment, note, type Fulfilment, type Party, type Person } from './fulfilment.ts'
import { applyDeed, requireNoClaim, type MoveDeps } from './move-order.ts'
import { newsOf } from './news.ts'
import { claimable, nextState, type ClaimKind } from './order-life.ts'
import { putBack } from './put-back.ts'
import { askRefund } from './refund-claim.ts'
import { shippingKept } from './shipping-back.ts'
import { unitsLeft } from './units-left.ts'

/** What claims work with. `wakeOutbox`: payment was told something; `announceStock`: units are on sale again; both are committed. */
export interface ClaimDeps extends MoveDeps {
  wakeOutbox: () => void
  announceStock: (change: StockChange) => void
}

/** What is asked for. Of a cancellation everything is meant, whatever `items` say. */
export interface NewClaim {
  orderId: string
  actor: Person
  party: Party
  kind: ClaimKind
  items: readonly ClaimItem[]
  reason: string
  /** Of a cancellation: whether its units go on sale again. */
  restock: boolean
}

/**
 * Makes a claim on an order. Calling off what nobody packs yet, and what its seller calls off, is done at once; the rest
 * waits for the seller. An order has one open claim at a time.
 *
 * @throws {NotFoundError} nobody paid for such an order, or the caller is no party to it.
 * @throws {OrderStateError | ClaimOpenError | TooManyUnitsError}
 */
export async function makeClaim(deps: ClaimDeps, asked: NewClaim): Promise<Claim> {
  const { orderId, actor, party, kind } = asked
  const now = deps.clock()
  const { claim, after, stocks } = await inTransaction(deps.db, async (trx) => {
    const before = await lockFulfilment(trx, { orderId, actor, party })
    await requireNoClaim(trx, orderId)
    const made = ((await claimsOf(trx, [orderId])).get(orderId) ?? []).length
    if (party === 'buyer' && made >= claimsOfBuyerMax) throw new OrderStateError(orderId, kind.toLowerCase(), 'claimed')
    const order = await findOrder(trx, orderId)
    if (order === undefined || claimable(before, now) !== kind || order.state !== 'PAID') {
      throw new OrderStateError(orderId, kind.toLowerCase(), order?.state === 'PAID' ? before.state : 'over')
    }
    const items = kind === 'CANCEL' ? itemsOf(order) : await returnable(trx, order, asked.items)
    const id = newId('clm', now.getTime())
    await insertClaim(trx, { id, asked, before, items, now })
    await note(trx, { orderId, actor, action: 'claim.request', details: `${id} ${kind}`, at: now })
    const atOnce = kind === 'CANCEL' && nextState(before, 'cancel', party) !== undefined
    const { after, stocks } = atOnce
      ? await callOff(trx, { claimId: id, before, order, asked, now })
      : { after: before, stocks: [] }
    const claim = await findClaim(trx, id)
    if (claim === undefined) throw new Error(`Claim ${id} is gone within its transaction`)
    return { claim, after, stocks }
  })
  for (const stock of stocks) deps.announceStock(stock)
  if (claim.refund !== null) deps.wakeOutbox()
  deps.tell(newsOf([after]))
  return claim
}

/**
 * Ends a cancellation in its transaction: the order is off, and all that is left of the money goes back, but what other orders
 * of the same show owe to it (shipping-back.ts).
 */
export async function callOff(
  trx: Knex.Transaction,
  claim: {
    claimId: string
    before: Fulfilment
    order: OrderRow
    asked: { actor: Person; party: Party; restock: boolean }
    now: Date
  },
): Promise<{ after: Fulfilment; stocks: StockChange[] }> {
  const { claimId, before, order, asked, now } = claim
  const { actor, restock, party: doer } = asked
  const after = await applyDeed(trx, before, { deed: 'cancel', doer, actor, now })
  await trx('claims').where('id', claimId).update({ state: 'DONE', restock, ended_at: now })
  const keep = await shippingKept(trx, order)
  await askRefund(trx, { claimId, order, amount: null, keep, restock, actor, now })
  // payment returns the units of what is paid back as a whole
  return { after, stocks: restock && keep > 0 ? await putBack(trx, itemsOf(order)) : [] }
}

async function returnable(
  trx: Knex.Transaction,
  order: OrderRow,
  asked: readonly ClaimItem[],
): Promise<readonly ClaimItem[]> {
  const claims = (await claimsOf(trx, [order.id])).get(order.id) ?? []
  const left = unitsLeft(itemsOf(order), claims)
  for (const { productId, quantity } of asked) {
    const units = left.get(productId) ?? 0
    if (quantity > units) throw new TooManyUnitsError(productId, quantity, units)
  }
  return asked
}

async function insertClaim(
  trx: Knex.Transaction,
  claim: { id: string; asked: NewClaim; before: Fulfilment; items: readonly ClaimItem[]; now: Date },
): Promise<void> {
  const { id, asked, before, items, now } = claim
  await trx('claims').insert({
    id,
    order_id: before.orderId,
    seller_id: before.sellerId,
    buyer_id: before.buyerId,
    kind: asked.kind,
    state: 'REQUESTED',
    reason: asked.reason,
    answer: '',
    created_at: now,
  })
  await trx('claim_items').insert(
    items.map(({ productId, quantity }) => ({ claim_id: id, product_id: productId, quantity })),
  )
}
