/**
 * The waiting list of a product, or of a variant: who came when nothing was left is offered what comes back, in order.
 *
 * All of it happens under the lock of the stock row, and in the transaction that frees a unit: an offered unit leaves
 * `stock` for `offered`, so nobody else sees or reserves it. `waiting` on the row says whether anybody waits; of a product
 * without a list nothing is asked here.
 *
 *              → WAITING   joined, when nothing was in stock
 *   WAITING    → OFFERED   a unit came back, and nobody waits before it
 *   WAITING    → gone      left, or waited for two weeks
 *   OFFERED    → gone      its buyer ordered; the unit is the order's
 *   OFFERED    → gone      left, or two minutes are over; the unit is offered to the next, or back in stock
 */
import type { Query, Row } from '@mytaek1/platform/mysql-session.ts'
import { toSqlTime } from './batch-inserts.ts'
import { lockStocks, recordChange, type ListChange, type LockedStock, type StockChange } from './stock-row.ts'

/** How long an offer is kept for its buyer. */
export const offerMs = 120_000

/** A place of a list. */
export interface Place {
  ticket: number
  buyerId: string
  offered: boolean
}

const nobody: readonly Place[] = []

/**
 * Puts units on sale: who waits is offered one each, in order, the rest is in stock. What is not for sale is offered to nobody.
 *
 * @param left places that are taken off the list meanwhile; what was offered to them is among what is put on sale
 */
export async function putOnSale(
  query: Query,
  row: LockedStock,
  units: number,
  left: readonly Place[] = nobody,
): Promise<StockChange> {
  const given = left.filter(({ offered }) => offered).length
  const freed = units + given
  const next = await findNext(query, row, { places: row.waiting - row.offered, units: row.stock + freed })
  const until = row.now + offerMs
  const list: ListChange = {
    waiting: -left.length,
    offered: next.length - given,
    ...(next.length > 0 && { offers: next.map(({ buyerId }) => ({ buyerId, until })) }),
  }
  const isSame = left.length === 0 && next.length === 0
  if (isSame && units === 0)
    return { productId: row.productId, stock: row.stock, version: row.version, variantOf: row.variantOf }
  return await recordChange(
    query,
    row,
    freed - next.length,
    [...removal(row, left), ...offering(row, next, until)],
    isSame ? {} : { list },
  )
}

/** Takes places off a list whose product's row is locked. @returns undefined when nothing was offered to them. */
export async function takeOff(
  query: Query,
  row: LockedStock,
  places: readonly Place[],
): Promise<StockChange | undefined> {
  if (places.some(({ offered }) => offered)) return await putOnSale(query, row, 0, places)
  for (const statement of removal(row, places)) await query(statement)
  await query(`UPDATE product_stock SET waiting = waiting - ${places.length} WHERE product_id = '${row.productId}'`)
  return undefined
}

/**
 * Offers what is in stock of a product, or of its variants, to who waits for it: while it was off sale they were offered
 * nothing. Publish the answers after commit.
 */
export async function offerStock(query: Query, productId: string): Promise<StockChange[]> {
  const { rows } = await query(
    `SELECT product_id FROM product_stock
      WHERE (product_id = '${productId}' OR variant_of = '${productId}') AND waiting > offered AND stock > 0`,
  )
  const changes: StockChange[] = []
  const ids = rows.map((row) => String(row.product_id))
  for (const row of await lockStocks(query, ids)) changes.push(await putOnSale(query, row, 0))
  return changes
}

/** Places whose time is over, of a product whose row is locked. */
export async function findOver(query: Query, { productId, waiting, now }: LockedStock): Promise<Place[]> {
  if (waiting === 0) return []
  const { rows } = await query(
    `SELECT ticket, buyer_id, offered FROM waiting_places
      WHERE product_id = '${productId}' AND ends_at <= TIMESTAMP'${toSqlTime(now)}'`,
  )
  return rows.map(toPlace)
}

/** Who has an offer of these products, by product, as long as their rows are locked. */
export async function readOffers(
  query: Query,
  locked: readonly LockedStock[],
): Promise<Map<string, ReadonlySet<string>>> {
  const offers = new Map<string, ReadonlySet<string>>()
  for (const { productId, now } of locked.filter(({ offered }) => offered > 0)) {
    const { rows } = await query(
      `SELECT buyer_id FROM waiting_places
        WHERE product_id = '${productId}' AND offered AND ends_at > TIMESTAMP'${toSqlTime(now)}'`,
    )
    offers.set(productId, new Set(rows.map((row) => String(row.buyer_id))))
  }
  return offers
}

/** What it does to a list that these buyers order what was offered to them, and the statements that do it. */
export function takeOffers(
  productId: string,
  buyerIds: readonly string[],
): { list: ListChange | undefined; statements: string[] } {
  if (buyerIds.length === 0) return { list: undefined, statements: [] }
  const buyers = buyerIds.map((id) => `'${id}'`).join(',')
  return {
    list: { waiting: -buyerIds.length, offered: -buyerIds.length },
    statements: [`DELETE FROM waiting_places WHERE product_id = '${productId}' AND buyer_id IN (${buyers})`],
  }
}

// A product that was taken off sale meanwhile would have each of the list told of what they cannot order.
async function findNext(
  query: Query,
  { productId, now }: LockedStock,
  { places, units }: { places: number; units: number },
): Promise<Place[]> {
  const count = Math.min(places, units)
  if (count <= 0) return []
  const { rows } = await query(
    `SELECT ticket, buyer_id, offered FROM waiting_places
      WHERE product_id = '${productId}' AND NOT offered AND ends_at > TIMESTAMP'${toSqlTime(now)}'
        AND EXISTS (SELECT 1 FROM products LEFT JOIN products AS whole ON whole.id = products.variant_of
                     WHERE products.id = '${productId}' AND ((products.listed AND products.options IS NULL)
                        OR (products.variant_position IS NOT NULL AND whole.listed)))
      ORDER BY ticket LIMIT ${count}`,
  )
  return rows.map(toPlace)
}

const removal = ({ productId }: LockedStock, places: readonly Place[]): string[] =>
  places.length === 0
    ? []
    : [`DELETE FROM waiting_places WHERE product_id = '${productId}' AND ticket IN (${ticketsOf(places)})`]

const offering = ({ productId }: LockedStock, places: readonly Place[], until: number): string[] =>
  places.length === 0
    ? []
    : [
        `UPDATE waiting_places SET offered = 1, ends_at = TIMESTAMP'${toSqlTime(until)}'
          WHERE product_id = '${productId}' AND ticket IN (${ticketsOf(places)})`,
      ]

const ticketsOf = (places: readonly Place[]) => places.map(({ ticket }) => ticket).join(',')

/** A row of `waiting_places`. */
export const toPlace = (row: Row): Place => ({
  ticket: Number(row.ticket),
  buyerId: String(row.buyer_id),
  offered: Number(row.offered) === 1,
})
