import { idSeries } from '@mytaek1/platform/ids.ts'
import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { isSameBasket, type BasketOutcome, type CheckedBasket } from './basket.ts'
import { insertBaskets, insertItems, insertMovements } from './basket-inserts.ts'
import { lockCoupons, useStatements } from './coupon-rows.ts'
import { insertUses, readDeals, takeStatements, type DealUse } from './deal-rows.ts'
import { decideBaskets, type BasketWinner } from './decide-baskets.ts'
import type { StockSeen } from './decide-batch.ts'
import { findHeld } from './held-units.ts'
import type { Holding, HoldLimits } from './hold-limits.ts'
import { readOrderItems } from './order-items.ts'
import type { ReservedOrder } from './order-request.ts'
import { findPaidInShow } from './paid-in-show.ts'
import { capsShows, findBuyers, findKnown } from './reserve-batch.ts'
import { lockStock, lockStocks, recordChanges, type LockedStock, type StockChange } from './stock-row.ts'
import { readOffers, takeOffers } from './waiting-list.ts'

/** What a batch of baskets did. `stocks`: of each product whose stock it changed. */
export interface BasketsResult {
  outcomes: BasketOutcome[]
  stocks: StockChange[]
  /** Products of which nothing is left, with who has some; see `BatchResult` of reserve-batch.ts. */
  soldOut: { stock: StockChange; buyers: ReadonlySet<string> | 'too_many' }[]
}

/** Baskets that are decided together: of the same products, or each of one variant of the same product. */
export interface BasketBatch {
  requests: readonly CheckedBasket[]
  holdMs: number
  holdLimits: HoldLimits
  /** Whether the buyers of a product are wanted, should nothing of it be left. */
  wantsBuyers: (productId: string) => boolean
}

interface Locked {
  seen: Map<string, StockSeen>
  rows: Map<string, LockedStock>
  limits: Map<string, LockedStock> // of products whose limits count, by their ids
  now: number
}

/**
 * The one transaction of an order of several products, or of a variant: decided by what is read here, inside the locks of
 * all their stock rows. First come the rows of products whose variants are wanted, whose lock their limits per buyer are
 * counted under, then those of what is sold, each kind in order of id. Every transaction that locks more than one stock row
 * takes them so, and none waits for an order's row while it holds one, so no two can wait for each other.
 *
 * Statements: sellers → the stock rows FOR UPDATE → (who of their waiting lists has an offer) → orders that these requests
 * made before → units held by these buyers → (coupons, FOR UPDATE) → (what is left of deals that run) → in one round trip, a conditional UPDATE and a stock event for each product,
 * orders, items and the ledger. The caller's session commits.
 *
 * @throws an error of `isDuplicateKey`: another process made an order of the same key meanwhile; run it again.
 */
export async function reserveBaskets(query: Query, batch: BasketBatch): Promise<BasketsResult> {
  const { requests, holdMs } = batch
  const isOfSeveral = requests.some(({ items }) => items.length > 1)
  const sellers = isOfSeveral ? await sellersOf(query, requests) : 1
  const { seen, rows, limits, now } = await lockAll(query, batch)
  const known = await withItems(query, await findKnown(query, requests))
  const refusal = refusalOf(requests, { seen, limits, sellers })
  if (refusal) {
    return { outcomes: requests.map((request) => repeated(request, known) ?? refusal), stocks: [], soldOut: [] }
  }
  const held = new Map<string, ReadonlyMap<string, Holding>>()
  for (const [productId, row] of limits) {
    const asked = { productId, hasVariants: row.hasOptions, requests, holdMs, all: row.limitPerBuyer !== null }
    held.set(productId, await findHeld(query, asked))
  }
  const newOrderId = idSeries('o')
  const paidInShow = [...rows.values()].some(capsShows) ? await findPaidInShow(query, requests) : new Map()
  const [first] = rows.keys()
  const coupons = first === undefined ? [] : await lockCoupons(query, first, requests)
  const deals = await readDeals(query, [...limits.values()], requests)
  const wanted = { requests, seen, known, held, paidInShow, coupons, deals }
  const { winners, outcomes } = decideBaskets({ ...wanted, newOrderId, now, holdMs })
  const stocks = winners.length === 0 ? [] : await write(query, rows, winners)
  const after = new Map([...rows.values(), ...stocks].map((stock) => [stock.productId, stock]))
  const soldOut: BasketsResult['soldOut'] = []
  for (const { productId, stock, version, variantOf } of after.values()) {
    if (stock > 0 || !batch.wantsBuyers(productId)) continue
    const buyers = await findBuyers(query, { productId, offered: rows.get(productId)?.offered ?? 0 })
    soldOut.push({ stock: { productId, stock, version, variantOf }, buyers })
  }
  return { outcomes, stocks, soldOut }
}

/** Locks and reads all that the baskets are of; what is not for sale, or no variant of what it is said to be one of, is not `seen`. */
async function lockAll(query: Query, { requests, holdLimits }: BasketBatch): Promise<Locked> {
  const items = requests.flatMap((request) => request.items)
  const parents = sorted(items.flatMap(({ variantOf }) => (variantOf === undefined ? [] : [variantOf])))
  const limits = new Map<string, LockedStock>()
  for (const id of parents) {
    const row = await lockStock(query, id)
    if (row?.forSale) limits.set(id, row)
  }
  const locked = await lockStocks(query, sorted(items.map(({ productId }) => productId)))
  const seen = new Map<string, StockSeen>()
  const wanted = new Map(items.map((item) => [item.productId, item.variantOf]))
  const offersOf = await readOffers(query, locked) // asks nothing where none is open
  for (const row of locked) {
    const { productId, stock, variantOf, forSale } = row
    const limiting = variantOf === undefined ? row : limits.get(variantOf)
    if (!forSale || limiting === undefined || wanted.get(productId) !== variantOf) continue
    if (variantOf === undefined) limits.set(productId, row)
    const { limitPerBuyer } = limiting
    const offers = offersOf.get(productId)
    const ofBuyer = { limitPerBuyer, holdLimits: { ...holdLimits, ...limiting.holdLimits }, offers }
    seen.set(productId, { stock, ...ofBuyer, ...forSale })
  }
  const times = [...limits.values(), ...locked].map(({ now }) => now)
  return { seen, rows: new Map(locked.map((row) => [row.productId, row])), limits, now: Math.max(...times) }
}

async function write(
  query: Query,
  rows: ReadonlyMap<string, LockedStock>,
  winners: readonly BasketWinner[],
): Promise<StockChange[]> {
  const items = winners.flatMap(({ order }) => order.items.map((item) => ({ orderId: order.id, ...item })))
  const units = new Map<string, number>()
  for (const { productId, quantity } of items) units.set(productId, (units.get(productId) ?? 0) + quantity)
  const offers = new Map(
    [...rows.keys()].map((productId) => [productId, takeOffers(productId, takersOf(productId, winners))]),
  )
  const uses = winners.flatMap(dealUses)
  const movements = [...rows.values()].flatMap((row) => {
    const taken = units.get(row.productId)
    const list = offers.get(row.productId)?.list
    // those that were kept are not in stock
    return taken === undefined ? [] : [{ seen: row, delta: -taken - (list?.offered ?? 0), list }]
  })
  return await recordChanges(query, movements, [
    ...[...offers.values()].flatMap(({ statements }) => statements),
    ...useStatements(winners),
    ...takeStatements(uses),
    ...insertUses(uses),
    insertBaskets(winners),
    ...insertItems(winners),
    insertMovements(items, (productId) => (rows.get(productId)?.version ?? 0) + 1), // the change is the row's next version
  ])
}

/** What an order has of each deal: units of several variants of a product together. */
function dealUses({ request: { buyerId }, order }: BasketWinner): DealUse[] {
  const inDeals = order.items.filter(({ dealId }) => dealId !== undefined)
  return [...Map.groupBy(inDeals, ({ dealId = '' }) => dealId)].map(([dealId, items]) => {
    return { dealId, buyerId, orderId: order.id, units: items.reduce((sum, { quantity }) => sum + quantity, 0) }
  })
}

const takersOf = (productId: string, winners: readonly BasketWinner[]): string[] =>
  winners.flatMap(({ request, takesOffers }) => (takesOffers.includes(productId) ? [request.buyerId] : []))

// The seller of a product never changes, so this needs no lock.
async function sellersOf(query: Query, requests: readonly CheckedBasket[]): Promise<number> {
  const ids = sorted(requests.flatMap(({ items }) => items.map(({ productId }) => productId)))
  const { rows } = await query(
    `SELECT DISTINCT seller_id FROM products WHERE id IN (${ids.map((id) => `'${id}'`).join(',')})`,
  )
  return rows.length
}

/** Why these baskets cannot be orders; the same for every one of them. */
function refusalOf(
  requests: readonly CheckedBasket[],
  { seen, limits, sellers }: { seen: Locked['seen']; limits: Locked['limits']; sellers: number },
): BasketOutcome | undefined {
  const [first] = requests
  if (first === undefined || first.items.length === 1) return undefined // each is of its own variant
  const missing = first.items.find(({ productId }) => !seen.has(productId))
  if (missing !== undefined) return { kind: 'not_for_sale', productId: missing.productId }
  const bare = first.items.find((item) => item.variantOf === undefined && limits.get(item.productId)?.hasOptions)
  if (bare !== undefined) return { kind: 'variant_required', productId: bare.productId }
  if (sellers > 1) return { kind: 'mixed_sellers' }
  if (new Set([...seen.values()].map(({ currency }) => currency)).size > 1) return { kind: 'mixed_currencies' }
  return undefined
}

function repeated(request: CheckedBasket, known: ReadonlyMap<string, ReservedOrder>): BasketOutcome | undefined {
  const order = known.get(request.requestId)
  if (!order) return undefined
  return isSameBasket(request, order) ? { kind: 'reserved', order, known: true } : { kind: 'key_reused' }
}

async function withItems(query: Query, known: Map<string, ReservedOrder>): Promise<Map<string, ReservedOrder>> {
  const items = await readOrderItems(
    query,
    [...known.values()].filter(({ productId }) => productId === null).map(({ id }) => id),
  )
  return new Map([...known].map(([requestId, order]) => [requestId, { ...order, items: items.get(order.id) }]))
}

const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1))
