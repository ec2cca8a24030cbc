import type { Knex } from 'knex'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { releaseBaskets } from './return-baskets.ts'
import { releaseOrders } from './return-units.ts'
import type { StockChange } from './stock-row.ts'

const ordersPerTransaction = 500
const productsPerSweep = 200
const basketsPerTransaction = 20 // it holds the stock rows of all their products
const deadlineMs = 5_000

/**
 * Releases reservations whose time is over and that no payment claims. Any number of processes may sweep at once: an
 * order that another one holds is passed over (SKIP LOCKED).
 *
 * @param onChange told of each product's stock after its units came back
 * @returns how many orders it took up.
 */
export async function expireReservations(db: Knex, onChange: (change: StockChange) => void): Promise<number> {
  const [products] = await db.raw(
    `SELECT DISTINCT product_id FROM (SELECT product_id FROM orders
       WHERE state = 'RESERVED' AND expires_at <= UTC_TIMESTAMP(3) AND claimed_at IS NULL
       ORDER BY expires_at LIMIT ${ordersPerTransaction * 10}) AS expired LIMIT ${productsPerSweep}`,
  )
  let released = 0
  for (const { product_id: productId } of products as { product_id: string | null }[]) {
    const max = productId === null ? basketsPerTransaction : ordersPerTransaction
    for (;;) {
      const count =
        productId === null ? await expireBaskets(db, onChange) : await expireOfProduct(db, productId, onChange)
      released += count
      if (count < max) break
    }
  }
  return released
}

async function expireBaskets(db: Knex, onChange: (change: StockChange) => void): Promise<number> {
  const { count, stocks } = await inSession(db, deadlineMs, async (query) => {
    const { rows } = await query(
      `SELECT id FROM orders WHERE state = 'RESERVED' AND expires_at <= UTC_TIMESTAMP(3) AND claimed_at IS NULL
         AND product_id IS NULL ORDER BY expires_at LIMIT ${basketsPerTransaction} FOR UPDATE SKIP LOCKED`,
    )
    if (rows.length === 0) return { count: 0, stocks: [] }
    const released = await releaseBaskets(
      query,
      rows.map((row) => String(row.id)),
    )
    return { count: rows.length, stocks: released.stocks }
  })
  stocks.forEach(onChange)
  return count
}

async function expireOfProduct(db: Knex, productId: string, onChange: (change: StockChange) => void): Promise<number> {
  const { count, stock } = await inSession(db, deadlineMs, async (query) => {
    const { rows } = await query(
      `SELECT id FROM orders WHERE state = 'RESERVED' AND expires_at <= UTC_TIMESTAMP(3) AND claimed_at IS NULL
         AND product_id = '${productId}' ORDER BY expires_at LIMIT ${ordersPerTransaction} FOR UPDATE SKIP LOCKED`,
    )
    if (rows.length === 0) return { count: 0, stock: undefined }
    const released = await releaseOrders(query, { productId, orderIds: rows.map((row) => String(row.id)) })
    return { count: rows.length, stock: released.stock }
  })
  if (stock) onChange(stock)
  return count
}
