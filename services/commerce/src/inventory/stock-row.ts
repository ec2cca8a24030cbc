import type { Query, Row } from '@mytaek1/platform/mysql-session.ts'
import type { HoldLimits } from './hold-limits.ts'
import type { ShippingRule } from './shipping.ts'

/** The stock after a change; a higher version is newer. */
export interface StockChange {
  productId: string
  stock: number
  version: number
  /** Of a variant: its product. */
  variantOf?: string | undefined
  /** Those that this change made to who waits for the product; they are told of by whoever announces the change. */
  offers?: readonly Offer[] | undefined
}

/** A unit that is kept for a buyer. `until`: Unix milliseconds of the database's clock. */
export interface Offer {
  buyerId: string
  until: number
}

/**
 * The stock row as it is while its lock is held. `forSale` is undefined when the product is not listed, and for a variant
 * when it is offered no more. A product with options is for sale by its variants only.
 */
export interface LockedStock extends StockChange {
  limitPerBuyer: number | null
  /** The product's own, where it has any. */
  holdLimits: Partial<HoldLimits>
  forSale: ForSale | undefined
  hasOptions: boolean
  waiting: number // places on its waiting list
  offered: number // those with an offer: a unit each, which is not in `stock`
  dealId?: string | undefined // the deal that runs
  now: number // Unix milliseconds of the database's clock
}

/** What a unit costs; `shipping`: by which rule it is sent, if there is one. */
export interface ForSale {
  unitAmount: number
  currency: string
  revision: number
  shipping?: ShippingRule
}

/** The locked stock row of a product that is listed. */
export type StockForSale = LockedStock & { forSale: NonNullable<LockedStock['forSale']> }

/**
 * Locks a product's stock row to the end of the transaction and reads it, its price and the time inside that lock.
 *
 * @returns undefined when the product has no stock row.
 */
export async function lockStock(query: Query, productId: string): Promise<LockedStock | undefined> {
  // the product is read by subquery, so that its row is not locked: sellers edit it meanwhile
  const { rows } = await query(
    `SELECT ${columns},
       (SELECT ${price} FROM products WHERE id = '${productId}' AND listed) AS price
     FROM product_stock WHERE product_id = '${productId}' FOR UPDATE`,
  )
  const [row] = rows
  return row && toLocked(row)
}

/** The same for several products and variants in one round trip, locked in order of their ids; those that there are not are absent. */
export async function lockStocks(query: Query, productIds: readonly string[]): Promise<LockedStock[]> {
  if (productIds.length === 0) return []
  const { rows } = await query(`${selectStocks(productIds)} FOR UPDATE`)
  return rows.map(toLocked)
}

/** The same rows as they are now, locked by nobody: what is said of them may be over by then. */
export async function readStocks(query: Query, productIds: readonly string[]): Promise<LockedStock[]> {
  if (productIds.length === 0) return []
  const { rows } = await query(selectStocks(productIds))
  return rows.map(toLocked)
}

const selectStocks = (productIds: readonly string[]) =>
  `SELECT ${columns},
       (SELECT ${price} FROM products WHERE id = product_stock.product_id AND (listed OR variant_position IS NOT NULL)) AS price
     FROM product_stock FORCE INDEX (PRIMARY) WHERE product_id IN (${productIds.map((id) => `'${id}'`).join(',')})
     ORDER BY product_id`

// SYSDATE, unlike NOW, is the time after the wait for the lock
const columns = `product_id, variant_of, stock, version, limit_per_buyer, unpaid_units_per_buyer, unpaid_orders_per_buyer,
       waiting, offered, IF(deal_ends_at > SYSDATE(3), deal_id, NULL) AS deal_id, ROUND(UNIX_TIMESTAMP(SYSDATE(3)) * 1000) AS now`

// the seller's rule comes along, where the product is sent and priced in the rule's currency: no round trip more
const price = `CONCAT_WS(' ', price_currency, price_amount, revision, options IS NOT NULL, IF(requires_shipping,
         (SELECT CONCAT_WS(',', fee_amount, COALESCE(free_over_amount, ''), remote_amount, COALESCE(show_cap_amount, ''))
            FROM shipping_rules WHERE shipping_rules.seller_id = products.seller_id AND currency = price_currency), NULL))`

function toLocked(row: Row): LockedStock {
  // e.g. KRW 12900 1 0, or KRW 12900 1 0 3000,50000,4000,
  const [currency = '', amount, revision, hasOptions, rule] = typeof row.price === 'string' ? row.price.split(' ') : []
  return {
    productId: String(row.product_id),
    ...(typeof row.variant_of === 'string' && { variantOf: row.variant_of }),
    stock: Number(row.stock),
    version: Number(row.version),
    limitPerBuyer: row.limit_per_buyer === null ? null : Number(row.limit_per_buyer),
    holdLimits: {
      ...(row.unpaid_units_per_buyer !== null && { units: Number(row.unpaid_units_per_buyer) }),
      ...(row.unpaid_orders_per_buyer !== null && { orders: Number(row.unpaid_orders_per_buyer) }),
    },
    forSale:
      amount === undefined
        ? undefined
        : {
            currency,
            unitAmount: Number(amount),
            revision: Number(revision),
            ...(rule !== undefined && { shipping: toRule(rule) }),
          },
    hasOptions: hasOptions === '1',
    waiting: Number(row.waiting),
    offered: Number(row.offered),
    ...(typeof row.deal_id === 'string' && { dealId: row.deal_id }),
    now: Number(row.now),
  }
}

function toRule(text: string): ShippingRule {
  const [fee, freeOver, remote, showCap] = text.split(',')
  return {
    feeAmount: Number(fee),
    freeOverAmount: freeOver ? Number(freeOver) : null,
    remoteAmount: Number(remote),
    showCapAmount: showCap ? Number(showCap) : null,
  }
}

/** How much a stock row changes, as it was seen under its lock; `list`: its waiting list, too. */
export interface Movement {
  seen: StockChange
  delta: number
  list?: ListChange | undefined
}

/** How many places more, and units that are kept for them; `offers`: those that are new. */
export interface ListChange {
  waiting: number
  offered: number
  offers?: readonly Offer[]
}

/**
 * Changes the stock by `delta` units, on the condition that as many are there, notes the change as an event and runs the
 * statements that go with it: all in one compound statement, so in one round trip, and none after one that fails.
 *
 * @param options.commits this is the last thing that the transaction does: it commits in the same round trip
 * @throws an error of `isContention`: the condition failed although `seen` said otherwise, that is, the row changed under
 *   a lock that should have kept everybody out; 1020 is MariaDB's own "record has changed since last read".
 */
export async function recordChange(
  query: Query,
  seen: StockChange,
  delta: number,
  further: readonly string[] = [],
  { list, commits = false }: { list?: ListChange | undefined; commits?: boolean } = {},
): Promise<StockChange> {
  const movement = { seen, delta, list }
  await recordChanges(query, [movement], further, { commits })
  return changed(movement)
}

/** The same for several stock rows in one round trip; the statements that go with them run last. */
export async function recordChanges(
  query: Query,
  movements: readonly Movement[],
  further: readonly string[] = [],
  { commits = false }: { commits?: boolean } = {},
): Promise<StockChange[]> {
  await query(
    `BEGIN NOT ATOMIC
      ${movements.map(changeStatements).join('\n')}
      ${further.map((statement) => `${statement};`).join('\n')}
    ${commits ? 'COMMIT; END' : 'END'}`,
    { commits },
  )
  return movements.map(changed)
}

function changed({ seen: { productId, stock, version, variantOf }, delta, list }: Movement): StockChange {
  return {
    productId,
    stock: stock + delta,
    version: version + 1,
    ...(variantOf !== undefined && { variantOf }),
    ...(list?.offers && { offers: list.offers }),
  }
}

function changeStatements(movement: Movement): string {
  const { productId, stock, version } = changed(movement)
  const { delta, list } = movement
  const listed = list ? `, waiting = waiting + ${list.waiting}, offered = offered + ${list.offered}` : ''
  return `UPDATE product_stock SET stock = stock + ${delta}, version = version + 1${listed}
       WHERE product_id = '${productId}' AND stock >= ${-delta};
      IF ROW_COUNT() <> 1 THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = '${productId} has less than ${-delta} units left';
      END IF;
      INSERT INTO stock_events (product_id, version, stock, delta, at)
        VALUES ('${productId}', ${version}, ${stock}, ${delta}, UTC_TIMESTAMP(3));`
}
