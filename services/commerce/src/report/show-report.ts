/** What became of a show, for its seller: sales beside viewers by the minute, buyers, products. Only what was paid counts. */
import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import { idFloor } from '@mytaek1/platform/ids.ts'
import type { Broadcast } from '../broadcasts/broadcast.ts'

const afterEndMs = 7 * 86_400_000 // a recording sells on
const minutesMax = 2_000
const productsMax = 20
const orderPrefix = 'o'

/** One minute; `viewers` is null where nobody counted. */
export interface ReportMinute {
  at: Date
  viewers: number | null
  orders: number
  units: number
  sales: Money[]
}

/** A product and what was sold of it, in the currency of its price. */
export interface ReportProduct {
  productId: string
  name: string
  units: number
  sales: Money
}

/** All of it. */
export interface ShowReport {
  minutes: ReportMinute[]
  peakViewers: number
  orders: number
  units: number
  buyers: number
  /** By currency, as it was paid. */
  sales: Money[]
  /** What of that went back. */
  refunded: Money[]
  /** What of the sales is for sending. */
  shipping: Money[]
  /** What coupons took off: the sales are without it. */
  discounts: Money[]
  products: ReportProduct[]
}

/** Reads the report of a broadcast; bounded, however much was sold. */
export async function readReport(db: Knex, broadcast: Broadcast): Promise<ShowReport> {
  const { id, sellerId, openedAt, createdAt, endedAt } = broadcast
  const from = idFloor(orderPrefix, (openedAt ?? createdAt).getTime())
  const to = idFloor(orderPrefix, (endedAt?.getTime() ?? Date.now()) + afterEndMs)
  const sold = [sellerId, from, to, id]
  const [[sales], [products], [buyers], watched] = (await Promise.all([
    db.raw(salesQuery, sold),
    db.raw(productsQuery, [...sold, ...sold]),
    db.raw(buyersQuery, sold),
    db('broadcast_minutes').where('broadcast_id', id).orderBy('minute').limit(minutesMax).select('minute', 'viewers'),
  ])) as [[SalesRow[]], [ProductRow[]], [{ buyers: number }[]], { minute: Date; viewers: number }[]]
  return {
    minutes: minutesOf(sales, watched),
    peakViewers: Math.max(0, ...watched.map(({ viewers }) => viewers)),
    orders: sum(sales.map(({ orders }) => orders)),
    units: sum(sales.map(({ units }) => units)),
    buyers: buyers[0]?.buyers ?? 0,
    sales: byCurrency(sales, 'amount'),
    refunded: byCurrency(sales, 'refunded').filter(({ amount }) => amount > 0),
    shipping: byCurrency(sales, 'shipping').filter(({ amount }) => amount > 0),
    discounts: byCurrency(sales, 'discount').filter(({ amount }) => amount > 0),
    products: products.map((row) => ({
      productId: row.product_id,
      name: row.name,
      units: Number(row.units),
      sales: { amount: Number(row.amount), currency: row.currency },
    })),
  }
}

interface SalesRow {
  minute: Date
  currency: string
  orders: number | string
  units: number | string
  amount: number | string
  refunded: number | string
  shipping: number | string
  discount: number | string
}

interface ProductRow {
  product_id: string
  name: string
  currency: string
  units: number | string
  amount: number | string
}

// Orders have no index by broadcast, for it would cost each sale; a seller's paid ones are found by theirs, within the ids of
// the show's time.
const paid = `fulfilments f JOIN orders o ON o.id = f.order_id
   WHERE f.seller_id = ? AND f.order_id >= ? AND f.order_id < ? AND o.broadcast_id = ?`
const salesQuery = `
  SELECT CAST(DATE_FORMAT(f.paid_at, '%Y-%m-%d %H:%i:00') AS DATETIME) AS minute, o.currency, COUNT(*) AS orders,
         SUM(o.quantity) AS units, SUM(o.total_amount) AS amount, SUM(o.refunded_amount) AS refunded,
         SUM(o.shipping_amount) AS shipping,
         SUM(o.discount_amount) AS discount
    FROM ${paid} GROUP BY minute, o.currency ORDER BY minute LIMIT ${minutesMax}`
const buyersQuery = `SELECT COUNT(DISTINCT o.buyer_id) AS buyers FROM ${paid}`
const productsQuery = `
  SELECT sold.product_id, p.name, sold.currency, SUM(sold.units) AS units, SUM(sold.amount) AS amount FROM (
    SELECT o.product_id, o.currency, o.quantity AS units, o.total_amount + o.discount_amount - o.shipping_amount AS amount FROM ${paid} AND o.product_id IS NOT NULL
    UNION ALL
    SELECT i.product_id, o.currency, i.quantity, i.quantity * i.unit_amount
      FROM ${paid.replace('WHERE', 'JOIN order_items i ON i.order_id = o.id WHERE')}
       AND o.product_id IS NULL
  ) sold JOIN products p ON p.id = sold.product_id
   GROUP BY sold.product_id, p.name, sold.currency ORDER BY units DESC, sold.product_id LIMIT ${productsMax}`

function minutesOf(sales: readonly SalesRow[], watched: readonly { minute: Date; viewers: number }[]): ReportMinute[] {
  const minutes = new Map<number, ReportMinute>()
  const of = (at: Date) => {
    const known = minutes.get(at.getTime()) ?? { at, viewers: null, orders: 0, units: 0, sales: [] }
    minutes.set(at.getTime(), known)
    return known
  }
  for (const { minute, viewers } of watched) of(minute).viewers = viewers
  for (const row of sales) {
    const minute = of(row.minute)
    minute.orders += Number(row.orders)
    minute.units += Number(row.units)
    minute.sales.push({ amount: Number(row.amount), currency: row.currency })
  }
  return [...minutes.values()].toSorted((a, b) => a.at.getTime() - b.at.getTime()).slice(0, minutesMax)
}

function byCurrency(rows: readonly SalesRow[], what: 'amount' | 'refunded' | 'shipping' | 'discount'): Money[] {
  const sums = new Map<string, number>()
  for (const row of rows) sums.set(row.currency, (sums.get(row.currency) ?? 0) + Number(row[what]))
  return [...sums].map(([currency, amount]) => ({ amount, currency }))
}

const sum = (values: readonly (number | string)[]) => values.reduce<number>((total, value) => total + Number(value), 0)
