/**
 * Coupons inside the transactions that sell and release. Their rows are locked after all stock rows, in order of their ids, so
 * that no two transactions wait for each other; an order without a coupon asks nothing here.
 */
import type { Query, Row } from '@mytaek1/platform/mysql-session.ts'
import type { CouponSeen } from './coupon.ts'

/** A request that may name a coupon; its ids were checked. */
interface WithCoupon {
  buyerId: string
  couponId?: string | undefined
}

/**
 * Locks the coupons that requests name, and reads what is left of them and which of these buyers used them.
 *
 * @param productId any of the products: all are of one seller
 */
export const lockCoupons = (query: Query, productId: string, requests: readonly WithCoupon[]): Promise<CouponSeen[]> =>
  readAll(query, productId, requests, 'FOR UPDATE')

/** The same as they are now, locked by nobody. */
export const readCoupons = (query: Query, productId: string, requests: readonly WithCoupon[]): Promise<CouponSeen[]> =>
  readAll(query, productId, requests, '')

async function readAll(
  query: Query,
  productId: string,
  requests: readonly WithCoupon[],
  lock: 'FOR UPDATE' | '',
): Promise<CouponSeen[]> {
  const named = requests.filter(({ couponId }) => couponId !== undefined)
  if (named.length === 0) return []
  const ids = listOf(named.map(({ couponId = '' }) => couponId))
  const { rows } = await query(
    `SELECT id, currency, amount, percent, max_amount, min_amount, total, used,
       ${milliseconds('starts_at')} AS starts, ${milliseconds('ends_at')} AS ends,
       (seller_id = '' OR seller_id = (SELECT seller_id FROM products WHERE products.id = '${productId}')) AS fits
     FROM coupons FORCE INDEX (PRIMARY) WHERE id IN (${ids}) ORDER BY id ${lock}`,
  )
  const uses = await query(
    `SELECT coupon_id, buyer_id FROM coupon_uses
      WHERE coupon_id IN (${ids}) AND buyer_id IN (${listOf(named.map(({ buyerId }) => buyerId))})`,
  )
  const usedBy = Map.groupBy(uses.rows, (row) => String(row.coupon_id))
  return rows.map((row) => toCoupon(row, usedBy.get(String(row.id)) ?? []))
}

// UNIX_TIMESTAMP knows no time after 2038
const milliseconds = (column: string) => `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column}) DIV 1000`

function toCoupon(row: Row, uses: readonly Row[]): CouponSeen {
  const orNull = (value: unknown) => (value === null ? null : Number(value))
  return {
    id: String(row.id),
    isForSeller: Number(row.fits) === 1,
    currency: String(row.currency),
    amount: orNull(row.amount),
    percent: orNull(row.percent),
    maxAmount: orNull(row.max_amount),
    minAmount: Number(row.min_amount),
    startsAt: Number(row.starts),
    endsAt: Number(row.ends),
    left: row.total === null ? null : Number(row.total) - Number(row.used),
    usedBy: new Set(uses.map((use) => String(use.buyer_id))),
  }
}

/** The statements that write down uses: each counts on the condition that as many are left, and a buyer's second one fails. */
export function useStatements(winners: readonly { request: WithCoupon; order: { id: string } }[]): string[] {
  const uses = winners.flatMap(({ request: { couponId, buyerId }, order: { id } }) =>
    couponId === undefined ? [] : [{ couponId, buyerId, orderId: id }],
  )
  return [...Map.groupBy(uses, ({ couponId }) => couponId)].toSorted(byFirst).flatMap(([couponId, of]) => [
    `UPDATE coupons SET used = used + ${of.length}
       WHERE id = '${couponId}' AND (total IS NULL OR used + ${of.length} <= total);
      IF ROW_COUNT() <> 1 THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = '${couponId} has less than ${of.length} uses left';
      END IF`,
    `INSERT INTO coupon_uses (coupon_id, buyer_id, order_id)
       VALUES ${of.map(({ buyerId, orderId }) => `('${couponId}','${buyerId}','${orderId}')`).join(',')}`,
  ])
}

/** Gives back the uses of orders that are over, in the transaction that ends them; however often, each comes back once. */
export async function returnUses(
  query: Query,
  orders: readonly { orderId: string; buyerId: string; couponId: string | undefined }[],
): Promise<void> {
  const named = orders.filter(({ couponId }) => couponId !== undefined)
  if (named.length === 0) return
  const byCoupon = [...Map.groupBy(named, ({ couponId = '' }) => couponId)].toSorted(byFirst)
  const ids = listOf(byCoupon.map(([couponId]) => couponId))
  await query(`SELECT id FROM coupons FORCE INDEX (PRIMARY) WHERE id IN (${ids}) ORDER BY id FOR UPDATE`)
  for (const [couponId, of] of byCoupon) {
    await query(
      `BEGIN NOT ATOMIC
        DELETE FROM coupon_uses WHERE coupon_id = '${couponId}'
          AND buyer_id IN (${listOf(of.map(({ buyerId }) => buyerId))}) AND order_id IN (${listOf(of.map(({ orderId }) => orderId))});
        UPDATE coupons SET used = used - ROW_COUNT() WHERE id = '${couponId}';
      END`,
    )
  }
}

const byFirst = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1)

const listOf = (ids: readonly string[]) => [...new Set(ids)].map((id) => `'${id}'`).join(',')
