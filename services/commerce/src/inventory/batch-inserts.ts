/**
 * The two large statements of a batch. The orders are one JSON text: MariaDB takes a thousand rows from it in two thirds
 * of the time that it needs to parse them as SQL. `_ascii` is the columns' character set, so nothing is converted.
 *
 * Every text in them is an id that `checkRequest` or `idSeries` made sure of, or a currency, which the catalog did.
 */
import type { Winner } from './decide-batch.ts'
import type { Shipping } from './shipping.ts'
import type { StockForSale } from './stock-row.ts'

/** Inserts the orders of a batch, which were all made at the same time, and for the same price where there is no deal. */
export function insertOrders({ productId, forSale }: StockForSale, winners: readonly Winner[]): string {
  const { createdAt = 0, expiresAt = 0 } = winners[0]?.order ?? {}
  const isSent = forSale.shipping !== undefined
  const hasCoupons = winners.some(({ order }) => order.coupon !== undefined)
  const hasDeals = winners.some(({ order }) => order.dealId !== undefined)
  const further = `${isSent ? shippingNames : ''}${hasCoupons ? couponNames : ''}${hasDeals ? ', deal_id' : ''}`
  const dealPlace = 5 + (isSent ? 5 : 0) + (hasCoupons ? 2 : 0)
  const rows = winners.map(({ request: { requestId, buyerId, broadcastId }, order }) => {
    const { id, quantity, shipping, coupon, totalAmount, dealId = null } = order
    const own = [id, requestId, buyerId, broadcastId, quantity]
    const more = [...(isSent ? shippingValues(shipping) : []), ...(hasCoupons ? couponValues(coupon) : [])]
    return [...own, ...more, ...(hasDeals ? [dealId, totalAmount] : [])]
  })
  const total = `quantity * ${forSale.unitAmount}${isSent ? ' + shipping_amount' : ''}${hasCoupons ? ' - discount_amount' : ''}`
  return `INSERT INTO orders
     (id, request_id, buyer_id, product_id, broadcast_id, quantity, total_amount, currency, created_at, expires_at, product_revision${further})
   SELECT id, request, buyer, _ascii'${productId}', broadcast, quantity,
     ${hasDeals ? 'total' : total}, _ascii'${forSale.currency}',
     TIMESTAMP'${toSqlTime(createdAt)}', TIMESTAMP'${toSqlTime(expiresAt)}', ${forSale.revision}${further}
   FROM JSON_TABLE(_ascii'${JSON.stringify(rows)}', '$[*]' COLUMNS (
     id VARCHAR(32) CHARACTER SET ascii PATH '$[0]',
     request CHAR(22) CHARACTER SET ascii PATH '$[1]',
     buyer VARCHAR(32) CHARACTER SET ascii PATH '$[2]',
     broadcast VARCHAR(32) CHARACTER SET ascii PATH '$[3]',
     quantity INT PATH '$[4]'${isSent ? shippingColumns(5) : ''}${hasCoupons ? couponColumns(isSent ? 10 : 5) : ''}${hasDeals ? dealColumns(dealPlace) : ''})) AS winner`
}

/** The columns of what was agreed for sending, in a list of others. */
export const shippingNames = ', shipping_amount, shipping_base, shipping_remote, shipping_cap, is_remote'

/** The same as columns of a JSON_TABLE, from a place on. */
export const shippingColumns = (place: number): string =>
  ['shipping_amount', 'shipping_base', 'shipping_remote', 'shipping_cap', 'is_remote']
    .map((name, n) => `, ${name} BIGINT PATH '$[${place + n}]'`)
    .join('')

/** What goes into them. */
export const shippingValues = (shipping: Shipping | undefined): (number | null)[] => {
  const { amount = 0, baseAmount = 0, remoteAmount = 0, showCapAmount = null, isRemote = false } = shipping ?? {}
  return [amount, baseAmount, remoteAmount, showCapAmount, isRemote ? 1 : 0]
}

/** The columns of a coupon that was used, in a list of others; as a JSON_TABLE's, from a place on; and what goes into them. */
export const couponNames = ', coupon_id, discount_amount'
export const couponColumns = (place: number): string =>
  `, coupon_id VARCHAR(32) CHARACTER SET ascii PATH '$[${place}]', discount_amount BIGINT PATH '$[${place + 1}]'`
export const couponValues = (
  coupon: { id: string; discountAmount: number } | undefined,
): (string | number | null)[] => [coupon?.id ?? null, coupon?.discountAmount ?? 0]

/** A deal whose price an order was made at, and its total, as columns of a JSON_TABLE from a place on. */
const dealColumns = (place: number): string =>
  `, deal_id VARCHAR(32) CHARACTER SET ascii PATH '$[${place}]', total BIGINT PATH '$[${place + 1}]'`

/**
 * Inserts the ledger rows that say that the batch's units left the stock; the change that they make is its next version.
 * They are made from the orders that the statement before inserted: no other order's id lies between those of a series.
 */
export function insertLedger({ productId, version }: StockForSale, winners: readonly Winner[]): string {
  const [first, last] = [winners[0]?.order.id, winners.at(-1)?.order.id]
  return `INSERT INTO stock_ledger (order_id, kind, product_id, delta, version)
   SELECT id, 'RESERVE', _ascii'${productId}', -quantity, ${version + 1}
   FROM orders WHERE id BETWEEN _ascii'${first}' AND _ascii'${last}'`
}

/** `YYYY-MM-DD HH:MM:SS.mmm` in UTC, as a DATETIME(3) literal wants it. */
export const toSqlTime = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 23).replace('T', ' ')
