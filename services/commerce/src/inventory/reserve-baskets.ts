import { newId } from '@mytaek1/platform/ids.ts'
import type { Query } from '@mytaek1/platform/mysql-session.ts'
import { isSameBasket, type BasketOutcome, type CheckedBasket } from './basket.ts'
import { toSqlTime } from './batch-inserts.ts'
import { decideBaskets, type BasketWinner } from './decide-baskets.ts'
import type { StockSeen } from './decide-batch.ts'
import { findHeld } from './held-units.ts'
import type { Holding, HoldLimits } from './hold-limits.ts'
import { readOrderItems } from './order-items.ts'
import type { ReservedOrder } from './order-request.ts'
import { findKnown } from './reserve-batch.ts'
import { lockStock, recordChange, type LockedStock, type StockChange } from './stock-row.ts'

/** What a batch of baskets did. `stocks`: of each product whose stock it changed. */
export interface BasketsResult {
  outcomes: BasketOutcome[]
  stocks: StockChange[]
}

/** Baskets that all name the same products, in order of product id. */
export interface BasketBatch {
  productIds: readonly string[]
  requests: readonly CheckedBasket[]
  holdMs: number
  holdLimits: HoldLimits
}

/**
 * The one transaction of an order of several products: decided by what is read here, inside the locks of all their stock
 * rows, which are taken one by one in order of product id. Every transaction that locks more than one stock row takes them
 * in that order, and none waits for an order's row while it holds one, so no two can wait for each other.
 *
 * Statements: sellers → each stock row FOR UPDATE → orders that these requests made before → units held by these buyers
 * → for each product, in one round trip, a conditional UPDATE, a stock event and the ledger, with the first of them orders
 * and items. The caller's session commits.
 *
 * @throws an error of `isDuplicateKey`: another process made an order of the same key meanwhile; run it again.
 */
export async function reserveBaskets(query: Query, batch: BasketBatch): Promise<BasketsResult> {
  const { productIds, requests, holdMs, holdLimits } = batch
  const sellers = await findSellers(query, productIds)
  const rows: LockedStock[] = []
  const seen = new Map<string, StockSeen>()
  for (const productId of productIds) {
    const row = await lockStock(query, productId)
    if (!row?.forSale) continue
    rows.push(row)
    const { stock, limitPerBuyer } = row
    seen.set(productId, { stock, limitPerBuyer, holdLimits: { ...holdLimits, ...row.holdLimits }, ...row.forSale })
  }
  const known = await withItems(query, await findKnown(query, requests))
  const refusal = refusalOf(productIds, seen, sellers)
  if (refusal) return { outcomes: requests.map((request) => repeated(request, known) ?? refusal), stocks: [] }
  const held = new Map<string, ReadonlyMap<string, Holding>>()
  for (const { productId, limitPerBuyer } of rows) {
    held.set(productId, await findHeld(query, { productId, requests, holdMs, all: limitPerBuyer !== null }))
  }
  const now = Math.max(...rows.map((row) => row.now)) // the time after the last wait for a lock
  const newOrderId = () => newId('o')
  const { winners, outcomes } = decideBaskets({ requests, seen, known, held, newOrderId, now, holdMs })
  return { outcomes, stocks: winners.length === 0 ? [] : await write(query, rows, winners) }
}

async function write(
  query: Query,
  rows: readonly LockedStock[],
  winners: readonly BasketWinner[],
): Promise<StockChange[]> {
  const items = winners.flatMap(({ order }) => order.items.map((item) => ({ orderId: order.id, ...item })))
  const stocks: StockChange[] = []
  for (const row of rows) {
    const ofProduct = items.filter(({ productId }) => productId === row.productId)
    const units = ofProduct.reduce((sum, { quantity }) => sum + quantity, 0)
    const orders = stocks.length === 0 ? [insertOrders(winners), insertItems(items)] : [] // with the first of the products
    stocks.push(await recordChange(query, row, -units, [...orders, insertLedger(row, ofProduct)]))
  }
  return stocks
}

type Item = BasketWinner['order']['items'][number] & { orderId: string }

const insertItems = (items: readonly Item[]): string =>
  `INSERT INTO order_items (order_id, product_id, quantity, unit_amount, product_revision) VALUES ${items
    .map(
      ({ orderId, productId, quantity, unitAmount, productRevision }) =>
        `('${orderId}','${productId}',${quantity},${unitAmount},${productRevision ?? 'NULL'})`,
    )
    .join(',')}`

// the change that they make is the row's next version
const insertLedger = ({ version }: LockedStock, items: readonly Item[]): string =>
  `INSERT INTO stock_ledger (order_id, kind, product_id, delta, version) VALUES ${items
    .map(({ orderId, productId, quantity }) => `('${orderId}','RESERVE','${productId}',${-quantity},${version + 1})`)
    .join(',')}`

// By hand, as in batch-inserts.ts: every text is an id that was checked or made here, or the catalogue's currency.
function insertOrders(winners: readonly BasketWinner[]): string {
  const rows = winners.map(({ request, order }) => {
    const broadcast = order.broadcastId === null ? 'NULL' : `'${order.broadcastId}'`
    return `('${order.id}','${request.requestId}','${request.buyerId}',NULL,${broadcast},${order.quantity},${order.totalAmount},'${order.currency}','${toSqlTime(order.createdAt)}','${toSqlTime(order.expiresAt)}')`
  })
  return `INSERT INTO orders (id, request_id, buyer_id, product_id, broadcast_id, quantity, total_amount, currency, created_at, expires_at) VALUES ${rows.join(',')}`
}

// The seller of a product never changes, so this needs no lock.
async function findSellers(query: Query, productIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await query(
    `SELECT DISTINCT seller_id FROM products WHERE id IN (${productIds.map((id) => `'${id}'`).join(',')})`,
  )
  return new Set(rows.map((row) => String(row.seller_id)))
}

/** Why these products cannot be in one order; the same for every basket of them. */
function refusalOf(
  productIds: readonly string[],
  seen: ReadonlyMap<string, StockSeen>,
  sellers: ReadonlySet<string>,
): BasketOutcome | undefined {
  const missing = productIds.find((productId) => !seen.has(productId))
  if (missing !== undefined) return { kind: 'not_for_sale', productId: missing }
  if (sellers.size > 1) return { kind: 'mixed_sellers' }
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
