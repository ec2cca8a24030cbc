import { idSeries } from '@mytaek1/platform/ids.ts'
import type { Query, Row } from '@mytaek1/platform/mysql-session.ts'
import { insertLedger, insertOrders } from './batch-inserts.ts'
import { decideBatch, isSame, type Decision } from './decide-batch.ts'
import { lockCoupons, useStatements } from './coupon-rows.ts'
import { insertUsesOf, readDeals, takeStatements } from './deal-rows.ts'
import { findHeld } from './held-units.ts'
import type { HoldLimits } from './hold-limits.ts'
import type { CheckedRequest, Outcome, ReservedOrder } from './order-request.ts'
import { findPaidInShow } from './paid-in-show.ts'
import { shippingOfRow, type ShippingColumns } from './shipping.ts'
import { lockStock, recordChange, type LockedStock, type StockChange, type StockForSale } from './stock-row.ts'
import { readOffers, takeOffers } from './waiting-list.ts'

const latchBuyersMax = 10_000

/** What a batch did. */
export interface BatchResult {
  outcomes: Outcome[]
  /** The stock that this batch left or, when nobody won, found. Undefined: no such product. */
  stock: StockChange | undefined
  /**
   * If wanted and nothing is left: everybody who has an order or an offer of this product, whose requests only the rows can
   * answer; `too_many` when they are more than one may keep in memory.
   */
  buyers: ReadonlySet<string> | 'too_many' | undefined
}

/** A batch: requests for one product. */
export interface Batch {
  productId: string
  requests: readonly CheckedRequest[]
  holdMs: number
  holdLimits: HoldLimits
  /**
   * Which requests are looked up before anything is written. `refused`: only those that get nothing, since a repeated
   * request that would win again hits the unique key, and the batch must then run again with `all`. Nearly every batch
   * has no repeated request, and looking up a thousand keys takes a sixth of its time.
   */
  lookUp: 'all' | 'refused'
  /** Whether the buyers are wanted, should nothing be left. */
  wantBuyers: boolean
}

/**
 * The one transaction of an order: all requests are for `productId`, and all are decided by what is read here, inside
 * the product's row lock. Whoever calls it, however often and at once: never a unit too many, never an order twice.
 *
 * Statements: the stock row FOR UPDATE → units held by these buyers → (what they paid for sending, where a seller caps that
 * for a show) → (coupons that they name, FOR UPDATE) → (who of a waiting list has an offer) → (what is left of a deal that runs) → (orders that these requests made before) → in one, conditional UPDATE, one stock event, orders, ledger and COMMIT: three round trips for nearly every batch.
 *
 * @throws an error of `isDuplicateKey`: run it again with `lookUp: 'all'`.
 */
export async function reserveBatch(query: Query, batch: Batch): Promise<BatchResult> {
  const { productId, requests } = batch
  const row = await lockStock(query, productId)
  if (!row?.forSale || row.hasOptions) {
    const known = await findKnown(query, requests)
    const outcomes = requests.map((request): Outcome => {
      const order = known.get(request.requestId)
      if (!order) return { kind: row?.forSale ? 'variant_required' : 'not_for_sale' }
      return isSame(request, order) ? { kind: 'reserved', order, known: true } : { kind: 'key_reused' }
    })
    return { outcomes, stock: undefined, buyers: undefined }
  }
  const forSale: StockForSale = { ...row, forSale: row.forSale }
  const { winners, unitsTaken, outcomes } = await decide(query, batch, forSale)
  const wantsBuyers = batch.wantBuyers && row.stock === unitsTaken
  const stock =
    winners.length === 0
      ? { productId, stock: row.stock, version: row.version }
      : await write(query, forSale, { winners, unitsTaken }, { commits: !wantsBuyers })
  const buyers = wantsBuyers ? await findBuyers(query, row) : undefined
  return { outcomes, stock, buyers }
}

async function decide(
  query: Query,
  { productId, requests, holdMs, holdLimits, lookUp }: Batch,
  row: StockForSale,
): Promise<Decision> {
  const { stock, limitPerBuyer } = row
  const held = await findHeld(query, { productId, requests, holdMs, all: limitPerBuyer !== null })
  const offers = (await readOffers(query, [row])).get(productId) // asks nothing where none is open
  const seen = { stock, limitPerBuyer, holdLimits: { ...holdLimits, ...row.holdLimits }, offers, ...row.forSale }
  const paidInShow = capsShows(row) ? await findPaidInShow(query, requests) : new Map()
  const coupons = await lockCoupons(query, productId, requests) // asks nothing for orders without one
  const deals = await readDeals(query, [row], requests) // asks nothing where none runs
  const wanted = { requests, seen, held, paidInShow, coupons, deals }
  const decideWith = (known: ReadonlyMap<string, ReservedOrder>) =>
    decideBatch({ ...wanted, known, newOrderId: idSeries('o'), now: row.now, holdMs })
  if (lookUp === 'all') return decideWith(await findKnown(query, requests))
  const decision = decideWith(new Map())
  const refused = requests.filter((_, index) => decision.outcomes[index]?.kind !== 'reserved')
  const known = refused.length === 0 ? new Map() : await findKnown(query, refused)
  return known.size === 0 ? decision : decideWith(known) // the winners are the same ones: these had won nothing
}

/** Whether a rule of the seller's caps what is paid for sending in a show. */
export const capsShows = ({ forSale }: Pick<LockedStock, 'forSale'>): boolean =>
  typeof forSale?.shipping?.showCapAmount === 'number'

async function write(
  query: Query,
  row: StockForSale,
  { winners, unitsTaken }: Pick<Decision, 'winners' | 'unitsTaken'>,
  options: { commits: boolean },
): Promise<StockChange> {
  const taken = winners.flatMap(({ request, takesOffer }) => (takesOffer ? [request.buyerId] : []))
  const { list, statements } = takeOffers(row.productId, taken)
  const orders = winners.map(({ order }) => order)
  const dealt = orders.flatMap(({ dealId, quantity: units }) => (dealId === undefined ? [] : [{ dealId, units }]))
  return await recordChange(
    query,
    row,
    -unitsTaken,
    [
      ...statements,
      ...useStatements(winners),
      ...takeStatements(dealt),
      insertOrders(row, winners),
      insertLedger(row, winners),
      ...insertUsesOf(orders),
    ],
    { ...options, list },
  )
}

/** Orders that requests made before, by request id; those of several products without their items. */
export async function findKnown(
  query: Query,
  requests: readonly { buyerId: string; requestId: string }[],
): Promise<Map<string, ReservedOrder>> {
  const asked = requests.map(({ buyerId, requestId }) => [buyerId, requestId])
  const text = (name: string, place: number) =>
    `${name} VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[${place}]'`
  // one probe of the index a request, as in findHeld: of a list of pairs the optimizer may make a scan of all orders
  const { rows } = await query(
    `SELECT request_id, id, product_id, broadcast_id, quantity, product_revision, state, total_amount, currency,
       created_at, expires_at, shipping_amount, shipping_base, shipping_remote, shipping_cap, is_remote, placed_amount,
       coupon_id, discount_amount, deal_id
       FROM JSON_TABLE(_ascii'${JSON.stringify(asked)}', '$[*]' COLUMNS (${text('buyer', 0)}, ${text('request', 1)})) AS asked
       STRAIGHT_JOIN orders FORCE INDEX (one_order_per_request)
         ON orders.buyer_id = asked.buyer AND orders.request_id = asked.request`,
  )
  return new Map(rows.map((row) => [String(row.request_id), toOrder(row)]))
}

/** Everybody who has an order or an offer of a product; `too_many` when they are more than one may keep in memory. */
export async function findBuyers(
  query: Query,
  { productId, offered }: Pick<LockedStock, 'productId' | 'offered'>,
): Promise<ReadonlySet<string> | 'too_many'> {
  const offers =
    offered === 0 ? '' : `UNION SELECT buyer_id FROM waiting_places WHERE product_id = '${productId}' AND offered`
  const { rows } = await query(
    `SELECT DISTINCT buyer_id FROM stock_ledger JOIN orders ON orders.id = order_id
      WHERE stock_ledger.product_id = '${productId}' AND kind = 'RESERVE' ${offers} LIMIT ${latchBuyersMax + 1}`,
  )
  return rows.length > latchBuyersMax ? 'too_many' : new Set(rows.map((row) => String(row.buyer_id)))
}

function toOrder(row: Row): ReservedOrder {
  const shipping = shippingOfRow(row as unknown as ShippingColumns) // the columns are named above
  return {
    id: String(row.id),
    productId: typeof row.product_id === 'string' ? row.product_id : null, // null: several products
    broadcastId: typeof row.broadcast_id === 'string' ? row.broadcast_id : null,
    quantity: Number(row.quantity),
    productRevision: row.product_revision === null ? null : Number(row.product_revision),
    ...(typeof row.deal_id === 'string' && { dealId: row.deal_id }),
    state: row.state as ReservedOrder['state'], // an ENUM column of these values
    totalAmount: Number(row.total_amount),
    ...(shipping && { shipping }),
    ...(typeof row.coupon_id === 'string' && {
      coupon: { id: row.coupon_id, discountAmount: Number(row.discount_amount) },
    }),
    ...(row.placed_amount !== null && { placedAmount: Number(row.placed_amount) }),
    currency: String(row.currency),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
  }
}
