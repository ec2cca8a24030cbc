import type { Query } from '@mytaek1/platform/mysql-session.ts'

/** An order that a buyer wants, or made, in a show or not. */
interface InShow {
  buyerId: string
  broadcastId: string | null
}

/** What buyers paid for their orders of a show to be sent; see `paidInShowOf`. */
export type PaidInShow = ReadonlyMap<string, number>

const keyOf = (buyerId: string, broadcastId: string) => `${buyerId} ${broadcastId}`

/** What a buyer paid in the order's show; undefined: the order is of no show. */
export const paidInShowOf = (paid: PaidInShow, { buyerId, broadcastId }: InShow): number | undefined =>
  broadcastId === null ? undefined : (paid.get(keyOf(buyerId, broadcastId)) ?? 0)

/**
 * What these buyers paid in these shows for sending. Only what is paid for counts: an order that is given back would have
 * taken the others along for nothing.
 *
 * @param except an order that does not count
 */
export async function findPaidInShow(query: Query, orders: readonly InShow[], except = ''): Promise<PaidInShow> {
  const asked = [...new Map(orders.map((order) => [JSON.stringify(order), order])).values()].flatMap(
    ({ buyerId, broadcastId }) => (broadcastId === null ? [] : [[buyerId, broadcastId]]),
  )
  if (asked.length === 0) return new Map()
  const text = (name: string, place: number) =>
    `${name} VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[${place}]'`
  const { rows } = await query(
    `SELECT buyer_id, broadcast_id, SUM(shipping_amount) AS paid
       FROM JSON_TABLE(_ascii'${JSON.stringify(asked)}', '$[*]' COLUMNS (${text('buyer', 0)}, ${text('broadcast', 1)})) AS asked
       STRAIGHT_JOIN orders FORCE INDEX (one_order_per_request)
         ON orders.buyer_id = asked.buyer AND orders.broadcast_id = asked.broadcast
      WHERE state = 'PAID' AND shipping_amount > 0 AND id <> '${except}' GROUP BY buyer_id, broadcast_id`,
  )
  return new Map(rows.map((row) => [keyOf(String(row.buyer_id), String(row.broadcast_id)), Number(row.paid)]))
}
