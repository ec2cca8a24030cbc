/**
 * What a batch of baskets writes besides stock. As in batch-inserts.ts, orders are one JSON text, and every text in it is an
 * id that was checked or made here, or the catalogue's currency.
 */
import {
  couponColumns,
  couponNames,
  couponValues,
  shippingColumns,
  shippingNames,
  shippingValues,
  toSqlTime,
} from './batch-inserts.ts'
import type { BasketWinner } from './decide-baskets.ts'
import type { OrderItem } from './order-request.ts'

/** Inserts the orders, which were all made at the same time. */
export function insertBaskets(winners: readonly BasketWinner[]): string {
  const { createdAt = 0, expiresAt = 0 } = winners[0]?.order ?? {}
  const isSent = winners.some(({ order }) => order.shipping !== undefined)
  const hasCoupons = winners.some(({ order }) => order.coupon !== undefined)
  const hasDeals = winners.some(({ order }) => order.dealId !== undefined)
  const further = `${isSent ? shippingNames : ''}${hasCoupons ? couponNames : ''}${hasDeals ? ', deal_id' : ''}`
  const dealPlace = 9 + (isSent ? 5 : 0) + (hasCoupons ? 2 : 0)
  const rows = winners.map(({ request: { requestId, buyerId }, order }) => {
    const { id, productId, broadcastId, quantity, totalAmount, currency, productRevision } = order
    const own = [id, requestId, buyerId, productId, broadcastId, quantity, totalAmount, currency, productRevision]
    const coupon = hasCoupons ? couponValues(order.coupon) : []
    const deal = hasDeals ? [order.dealId ?? null] : []
    return [...own, ...(isSent ? shippingValues(order.shipping) : []), ...coupon, ...deal]
  })
  const ascii = (name: string, type: string, place: number) => `${name} ${type} CHARACTER SET ascii PATH '$[${place}]'`
  return `INSERT INTO orders
     (id, request_id, buyer_id, product_id, broadcast_id, quantity, total_amount, currency, product_revision, created_at, expires_at${further})
   SELECT id, request, buyer, product, broadcast, quantity, total, currency, revision,
     TIMESTAMP'${toSqlTime(createdAt)}', TIMESTAMP'${toSqlTime(expiresAt)}'${further}
   FROM JSON_TABLE(_ascii'${JSON.stringify(rows)}', '$[*]' COLUMNS (
     ${ascii('id', 'VARCHAR(32)', 0)},
     ${ascii('request', 'CHAR(22)', 1)},
     ${ascii('buyer', 'VARCHAR(32)', 2)},
     ${ascii('product', 'VARCHAR(32)', 3)},
     ${ascii('broadcast', 'VARCHAR(32)', 4)},
     quantity INT PATH '$[5]',
     total BIGINT PATH '$[6]',
     ${ascii('currency', 'CHAR(3)', 7)},
     revision INT PATH '$[8]'${isSent ? shippingColumns(9) : ''}${hasCoupons ? couponColumns(isSent ? 14 : 9) : ''}${
       hasDeals ? `, ${ascii('deal_id', 'VARCHAR(32)', dealPlace)}` : ''
     })) AS winner`
}

/** Inserts what orders of several products are of; of one product the order's own row tells. */
export function insertItems(winners: readonly BasketWinner[]): string[] {
  const rows = winners
    .filter(({ order }) => order.productId === null)
    .flatMap(({ order: { id, items } }) =>
      items.map(
        ({ productId, quantity, unitAmount, productRevision, dealId }) =>
          `('${id}','${productId}',${quantity},${unitAmount},${productRevision ?? 'NULL'},${dealId ? `'${dealId}'` : 'NULL'})`,
      ),
    )
  if (rows.length === 0) return []
  return [
    `INSERT INTO order_items (order_id, product_id, quantity, unit_amount, product_revision, deal_id) VALUES ${rows.join(',')}`,
  ]
}

/**
 * Inserts the ledger rows that say that units left the stock.
 *
 * @param versionOf the version of a product's stock that the change makes
 */
export function insertMovements(
  items: readonly (Pick<OrderItem, 'productId' | 'quantity'> & { orderId: string })[],
  versionOf: (productId: string) => number,
): string {
  const rows = items.map(
    ({ orderId, productId, quantity }) =>
      `('${orderId}','RESERVE','${productId}',${-quantity},${versionOf(productId)})`,
  )
  return `INSERT INTO stock_ledger (order_id, kind, product_id, delta, version) VALUES ${rows.join(',')}`
}
