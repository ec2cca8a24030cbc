import type { Knex } from 'knex'
import { dealFaults } from './deal-books.ts'

/** The books of the shop: every number is of units, and each pair of columns that must be equal is compared. */
export interface Books {
  products: number
  supplied: number
  stock: number
  offered: number // units that are kept for who waits
  active: number // units of orders that were not returned
  /** What does not add up, at most a hundred lines; empty means the books are right. */
  faults: string[]
}

const faultsMax = 100

/**
 * Checks the books in one consistent snapshot, while orders go on: for every product supplied = stock + offered + active
 * units, the ledger says the same, no stock is below zero, every change of stock follows from the one before, and coupons,
 * waiting lists and deals add up with orders.
 */
export async function checkBooks(db: Knex): Promise<Books> {
  return await db.transaction(
    async (trx) => {
      const [totals] = await trx.raw(
        `SELECT s.product_id, s.supplied, s.stock, s.offered, s.version, COALESCE(a.units, 0) + COALESCE(i.units, 0) AS active,
                COALESCE(l.units, 0) AS ledger, COALESCE(l.unmatched, 0) AS unmatched
           FROM product_stock s
           LEFT JOIN (SELECT o.product_id, SUM(o.quantity) AS units FROM orders o
                        LEFT JOIN stock_ledger r ON r.product_id = o.product_id AND r.order_id = o.id AND r.kind = 'RETURN'
                       WHERE r.order_id IS NULL GROUP BY o.product_id) a ON a.product_id = s.product_id
           LEFT JOIN (SELECT o.product_id, SUM(o.quantity) AS units FROM order_items o
                        LEFT JOIN stock_ledger r ON r.product_id = o.product_id AND r.order_id = o.order_id AND r.kind = 'RETURN'
                       WHERE r.order_id IS NULL GROUP BY o.product_id) i ON i.product_id = s.product_id
           LEFT JOIN (SELECT e.product_id, SUM(e.delta) AS units, SUM(o.id IS NULL) AS unmatched FROM stock_ledger e
                        LEFT JOIN orders o ON o.id = e.order_id GROUP BY e.product_id) l ON l.product_id = s.product_id`,
      )
      const [breaks] = await trx.raw(
        `SELECT product_id, version, previous, stock, delta, before_it FROM
           (SELECT product_id, version, stock, delta,
              LAG(version) OVER chain AS previous, LAG(stock) OVER chain AS before_it
            FROM stock_events WINDOW chain AS (PARTITION BY product_id ORDER BY version, seq)) AS chained
          WHERE previous IS NOT NULL AND (version <> previous + 1 OR stock <> before_it + delta) LIMIT ${faultsMax}`,
      )
      const [states] = await trx.raw(
        `SELECT o.id, o.state FROM orders o LEFT JOIN stock_ledger r ON r.product_id = o.product_id AND r.order_id = o.id AND r.kind = 'RETURN'
          WHERE o.product_id IS NOT NULL AND ((o.state = 'RELEASED' AND r.order_id IS NULL)
             OR (o.state IN ('RESERVED', 'PAID') AND r.order_id IS NOT NULL)) LIMIT ${faultsMax}`,
      )
      const [ofItems] = await trx.raw(
        `SELECT DISTINCT o.id, o.state FROM order_items i JOIN orders o ON o.id = i.order_id
           LEFT JOIN stock_ledger r ON r.product_id = i.product_id AND r.order_id = i.order_id AND r.kind = 'RETURN'
          WHERE (o.state = 'RELEASED' AND r.order_id IS NULL)
             OR (o.state IN ('RESERVED', 'PAID') AND r.order_id IS NOT NULL) LIMIT ${faultsMax}`,
      )
      const [sums] = await trx.raw(
        `SELECT o.id FROM orders o LEFT JOIN (SELECT order_id, SUM(quantity) AS units, SUM(quantity * unit_amount) AS amount
                                                FROM order_items GROUP BY order_id) i ON i.order_id = o.id
          WHERE (o.product_id IS NULL) <> (i.units IS NOT NULL)
             OR i.units <> o.quantity OR i.amount + o.shipping_amount <> o.total_amount + o.discount_amount LIMIT ${faultsMax}`,
      )
      const [coupons] = await trx.raw(
        `SELECT c.id, c.used, COUNT(u.order_id) AS uses, COALESCE(SUM(o.id IS NULL OR o.state = 'RELEASED'), 0) AS idle
           FROM coupons c LEFT JOIN coupon_uses u ON u.coupon_id = c.id LEFT JOIN orders o ON o.id = u.order_id AND o.coupon_id = c.id
          GROUP BY c.id, c.used, c.total
         HAVING c.used <> uses OR uses > c.total OR (uses > 0 AND idle > 0) LIMIT ${faultsMax}`,
      )
      const [unused] = await trx.raw(
        `SELECT o.id FROM orders o LEFT JOIN coupon_uses u ON u.coupon_id = o.coupon_id AND u.order_id = o.id
          WHERE o.coupon_id IS NOT NULL AND o.state IN ('RESERVED', 'PAID') AND u.order_id IS NULL LIMIT ${faultsMax}`,
      )
      const [lists] = await trx.raw(
        `SELECT s.product_id, s.waiting, s.offered, COALESCE(w.places, 0) AS places, COALESCE(w.offers, 0) AS offers
           FROM product_stock s
           LEFT JOIN (SELECT product_id, COUNT(*) AS places, SUM(offered) AS offers FROM waiting_places GROUP BY product_id) w
             ON w.product_id = s.product_id
          WHERE s.waiting <> COALESCE(w.places, 0) OR s.offered <> COALESCE(w.offers, 0) LIMIT ${faultsMax}`,
      )
      const deals = await dealFaults(trx)
      return summarise({ totals, breaks, states: [...states, ...ofItems], sums, coupons, unused, lists, deals })
    },
    { isolationLevel: 'repeatable read' },
  )
}

interface Totals {
  product_id: string
  supplied: number
  stock: number
  offered: number
  version: number
  active: number
  ledger: number
  unmatched: number
}

interface Break {
  product_id: string
  version: number
  previous: number
  stock: number
  delta: number
  before_it: number
}

function summarise(found: {
  totals: Totals[]
  breaks: Break[]
  states: { id: string; state: string }[]
  sums: { id: string }[]
  coupons: { id: string; used: number; uses: number; idle: number }[]
  unused: { id: string }[]
  lists: { product_id: string; waiting: number; offered: number; places: number; offers: number }[]
  deals: string[]
}): Books {
  const { totals, breaks, states, sums, coupons, unused, lists, deals } = found
  const faults: string[] = []
  const books = { products: totals.length, supplied: 0, stock: 0, offered: 0, active: 0 }
  for (const row of totals) {
    books.supplied += row.supplied
    books.stock += row.stock
    books.offered += row.offered
    books.active += row.active
    const { product_id: id, supplied, stock, offered, active, ledger } = row
    const left = `${stock} left, ${offered} offered`
    if (supplied !== stock + offered + active) faults.push(`${id}: ${supplied} supplied, ${left}, ${active} active`)
    if (supplied + ledger !== stock + offered) faults.push(`${id}: ${supplied} supplied, ledger ${ledger}, ${left}`)
    if (stock < 0) faults.push(`${id}: stock ${stock}`)
    if (row.unmatched > 0) faults.push(`${id}: ${row.unmatched} ledger rows without an order`)
  }
  for (const { product_id: id, version, previous, stock, delta, before_it: before } of breaks) {
    faults.push(
      `${id}: version ${version} after ${previous}: ${before} ${delta < 0 ? '' : '+'}${delta} is not ${stock}`,
    )
  }
  for (const { id, state } of states)
    faults.push(`${id}: ${state}, ${state === 'RELEASED' ? 'not returned' : 'returned'}`)
  for (const { id } of sums) faults.push(`${id}: is not the sum of its products`)
  for (const { id, used, uses, idle } of coupons)
    faults.push(`${id}: says ${used} uses, has ${uses}, of which ${idle} are of no order`)
  for (const { id } of unused) faults.push(`${id}: has the discount of a coupon and no use of it`)
  for (const { product_id: id, waiting, offered, places, offers } of lists)
    faults.push(`${id}: says ${waiting} wait and ${offered} have offers, the list has ${places} and ${offers}`)
  return { ...books, faults: [...faults, ...deals].slice(0, faultsMax) }
}
