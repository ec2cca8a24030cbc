import type { Knex } from 'knex'
import { idFloor } from '@mytaek1/platform/ids.ts'

/** Up to where the books were checked. */
export interface BooksPosition {
  orderId: string // the last order
  eventSeq: number // the last change of stock
}

/** What one step over the books found. */
export interface BooksStep {
  next: BooksPosition
  /** What does not add up, at most a hundred lines. */
  faults: string[]
  isAtEnd: boolean
}

const rowsMax = 5_000 // of each kind in a step: some tens of milliseconds, however many orders there are
const faultsMax = 100
const commitMs = 30_000 // a transaction is over long before; until then its rows may appear behind later ones

const beginsMs = 900_000
const eventsLookedAt = 1_000
const stepsMax = 20 // of one check; a rush is caught up with in the checks after it

/** One process's reading of the books, step by step from a quarter of an hour before its start. */
export class RecentBooks {
  readonly #db: Knex
  readonly #settledMs: number
  #position: BooksPosition | undefined

  constructor(db: Knex, settledMs: number) {
    this.#db = db
    this.#settledMs = settledMs
  }

  /** Goes on to what is old enough by now; answers what does not add up. */
  async check(now: number = Date.now()): Promise<string[]> {
    const faults: string[] = []
    for (let step = 0; step < stepsMax; step += 1) {
      this.#position ??= await booksPositionAt(this.#db, now, beginsMs + this.#settledMs)
      const found = await checkRecentBooks(this.#db, this.#position, { now, settledMs: this.#settledMs })
      this.#position = found.next
      faults.push(...found.faults)
      if (found.isAtEnd || faults.length >= faultsMax) break
    }
    return faults.slice(0, faultsMax)
  }
}

/** Where a process begins: it leaves to the whole audit what is older than `ageMs`. */
export async function booksPositionAt(db: Knex, now: number, ageMs: number): Promise<BooksPosition> {
  return { orderId: idFloor('o', now - ageMs), eventSeq: await lastEventBefore(db, new Date(now - ageMs)) }
}

// Changes of stock have no index by time, and get none. They are written in its order, but for seconds: so it is halved
// where to look until little is left, which in a rush of a million is twenty rows and not all of them.
async function lastEventBefore(db: Knex, time: Date): Promise<number> {
  const [ends] = await db('stock_events').min('seq as first').max('seq as last')
  let [low, high] = [Number(ends?.first ?? 0), Number(ends?.last ?? 0)]
  while (high - low > eventsLookedAt) {
    const middle = Math.floor((low + high) / 2)
    const row = await db('stock_events').where('seq', '>=', middle).orderBy('seq').first('seq', 'at')
    if (row !== undefined && row.at < time) low = middle
    else high = middle
  }
  const [row] = await db('stock_events')
    .where('at', '<', time)
    .whereBetween('seq', [low - eventsLookedAt, high + eventsLookedAt])
    .orderBy('seq', 'desc')
    .limit(1)
    .select('seq')
  return Number(row?.seq ?? 0)
}

/**
 * Checks the orders and the changes of stock that follow a position, in one consistent snapshot and in time that does not
 * grow with the shop: every order left the stock as often and returned to it as its state says, every basket is the
 * sum of its products, and every change of stock follows from the one before and ends in the stock row.
 *
 * What it cannot see is an old order that changes again (a refund); `checkBooks` reads everything.
 *
 * @param options.settledMs orders are looked at when they are so old: most are paid or released by then
 */
export async function checkRecentBooks(
  db: Knex,
  from: BooksPosition,
  options: { now: number; settledMs: number },
): Promise<BooksStep> {
  const untilOrder = idFloor('o', options.now - Math.max(options.settledMs, commitMs))
  const untilEvent = new Date(options.now - commitMs)
  return await db.transaction(
    async (trx) => {
      const orders = await lastOf(trx, { table: 'orders', key: 'id', from: from.orderId }, 'id < ?', untilOrder)
      const events = await lastOf(trx, { table: 'stock_events', key: 'seq', from: from.eventSeq }, 'at < ?', untilEvent)
      const faults = [
        ...(orders.count > 0 ? await orderFaults(trx, from.orderId, orders.last) : []),
        ...(events.count > 0 ? await eventFaults(trx, from.eventSeq, Number(events.last)) : []),
      ]
      return {
        next: {
          orderId: orders.count > 0 ? orders.last : from.orderId,
          eventSeq: events.count > 0 ? Number(events.last) : from.eventSeq,
        },
        faults: faults.slice(0, faultsMax),
        isAtEnd: orders.count < rowsMax && events.count < rowsMax,
      }
    },
    { isolationLevel: 'repeatable read' },
  )
}

async function lastOf(
  trx: Knex.Transaction,
  rows: { table: 'orders' | 'stock_events'; key: 'id' | 'seq'; from: string | number },
  condition: 'id < ?' | 'at < ?',
  until: string | Date,
): Promise<{ count: number; last: string }> {
  const { table, key, from } = rows
  const [[row]] = await trx.raw(
    `SELECT COUNT(*) AS count, MAX(${key}) AS last FROM
       (SELECT ${key} FROM ${table} WHERE ${key} > ? AND ${condition} ORDER BY ${key} LIMIT ${rowsMax}) AS slice`,
    [from, until],
  )
  return { count: Number(row.count), last: String(row.last ?? from) }
}

async function orderFaults(trx: Knex.Transaction, after: string, last: string): Promise<string[]> {
  const movements = (items: string) =>
    `SELECT i.id, i.state, i.quantity, e.delta, r.delta AS returned FROM (${items}) AS i
       LEFT JOIN stock_ledger e ON e.product_id = i.product_id AND e.order_id = i.id AND e.kind = 'RESERVE'
       LEFT JOIN stock_ledger r ON r.product_id = i.product_id AND r.order_id = i.id AND r.kind = 'RETURN'
      WHERE e.delta IS NULL OR e.delta <> -i.quantity OR r.delta <> i.quantity
         OR (i.state = 'RELEASED' AND r.delta IS NULL) OR (i.state IN ('RESERVED', 'PAID') AND r.delta IS NOT NULL)
      LIMIT ${faultsMax}`
  const [ofOne] = await trx.raw(
    movements(`SELECT id, state, product_id, CAST(quantity AS SIGNED) AS quantity FROM orders
                WHERE id > ? AND id <= ? AND product_id IS NOT NULL`),
    [after, last],
  )
  const [ofSeveral] = await trx.raw(
    movements(`SELECT o.id, o.state, p.product_id, CAST(p.quantity AS SIGNED) AS quantity
                 FROM order_items p JOIN orders o ON o.id = p.order_id WHERE p.order_id > ? AND p.order_id <= ?`),
    [after, last],
  )
  const [sums] = await trx.raw(
    `SELECT o.id FROM orders o LEFT JOIN
       (SELECT order_id, SUM(quantity) AS units, SUM(quantity * unit_amount) AS amount FROM order_items
         WHERE order_id > ? AND order_id <= ? GROUP BY order_id) i ON i.order_id = o.id
      WHERE o.id > ? AND o.id <= ?
        AND ((o.product_id IS NULL) <> (i.units IS NOT NULL) OR i.units <> o.quantity OR i.amount + o.shipping_amount <> o.total_amount + o.discount_amount)
      LIMIT ${faultsMax}`,
    [after, last, after, last],
  )
  return [
    ...[...ofOne, ...ofSeveral].map(
      (row: { id: string; state: string; quantity: number; delta: number | null; returned: number | null }) =>
        `${row.id}: ${row.state}, ${row.quantity} ordered, ledger ${row.delta ?? 'has nothing'}, ${row.returned ?? 0} returned`,
    ),
    ...sums.map((row: { id: string }) => `${row.id}: is not the sum of its products`),
  ]
}

async function eventFaults(trx: Knex.Transaction, after: number, last: number): Promise<string[]> {
  const [breaks] = await trx.raw(
    `SELECT e.product_id, e.version, e.stock, e.delta, p.stock AS before_it FROM stock_events e
       LEFT JOIN stock_events p ON p.product_id = e.product_id AND p.version = e.version - 1
      WHERE e.seq > ? AND e.seq <= ?
        AND (p.stock + e.delta <> e.stock OR (p.stock IS NULL AND EXISTS
              (SELECT 1 FROM stock_events q WHERE q.product_id = e.product_id AND q.version < e.version))
             OR EXISTS (SELECT 1 FROM stock_events q
                         WHERE q.product_id = e.product_id AND q.version = e.version AND q.seq <> e.seq))
      LIMIT ${faultsMax}`,
    [after, last],
  )
  const [ends] = await trx.raw(
    `SELECT s.product_id, s.version, s.stock, e.stock AS said FROM stock_events e
       JOIN product_stock s ON s.product_id = e.product_id AND s.version = e.version
      WHERE e.seq > ? AND e.seq <= ? AND s.stock <> e.stock LIMIT ${faultsMax}`,
    [after, last],
  )
  return [
    ...breaks.map(
      (row: { product_id: string; version: number; stock: number; delta: number; before_it: number | null }) =>
        `${row.product_id}: version ${row.version}: ${row.before_it ?? 'nothing'} and ${row.delta} is not ${row.stock}`,
    ),
    ...ends.map(
      (row: { product_id: string; version: number; stock: number; said: number }) =>
        `${row.product_id}: ${row.stock} left, version ${row.version} said ${row.said}`,
    ),
  ]
}
