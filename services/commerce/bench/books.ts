/**
 * The check of the books that one process makes every minute, beside ORDERS (1,000,000) orders of a year and a shop that
 * takes ten more a second; then the audit that reads everything, for comparison.
 *
 *   node services/commerce/bench/books.ts [orders]
 */
import type { Knex } from 'knex'
import { newId } from '@mytaek1/platform/ids.ts'
import { connectMysql, maintenanceSeconds } from '@mytaek1/platform/mysql.ts'
import { checkBooks } from '../src/inventory/books.ts'
import { RecentBooks } from '../src/inventory/recent-books.ts'
import { pruneStockEvents } from '../src/inventory/upkeep.ts'
import { addProduct } from '../src/testing/shop.ts'
import { printTable, round, startServers } from './stock-parts.ts'

const [orders = 1_000_000] = process.argv.slice(2).map(Number)
const ordersPerSecond = 10
const settledMs = 660_000 // as the engine has it, with reservations of ten minutes
const minutes = 10
const products = 100
const dayMs = 24 * 3_600_000
const eventsKeptMs = 7 * dayMs

const servers = await startServers()
const db = connectMysql({ url: servers.mysqlUrl, poolMax: 2, statementSeconds: maintenanceSeconds })
try {
  await run()
} finally {
  await db.destroy()
  await servers.stop()
}

async function run(): Promise<void> {
  const ids: string[] = []
  const now = Date.now()
  const recent = Math.min(orders, ((settledMs + 30 * 60_000) / 1_000) * ordersPerSecond)
  while (ids.length < products) ids.push(await addProduct(db, { units: orders }))
  await db('stock_events').delete() // of products that were opened long ago
  const sold = new Map(ids.map((id) => [id, 0]))
  const add = (made: number[]) => addOrders(db, made, { ids, sold })
  const old = orders - recent
  for (let from = 0; from < old; from += 5_000) {
    const count = Math.min(5_000, old - from)
    await add(Array.from({ length: count }, (_, n) => now - dayMs * 365 + ((from + n) / old) * dayMs * 364))
  }
  for (let from = 0; from < recent; from += 5_000) {
    const count = Math.min(5_000, recent - from)
    await add(Array.from({ length: count }, (_, n) => now - ((recent - from - n) * 1_000) / ordersPerSecond))
  }

  // a process began before and checks once a minute; what it looks at in one is a minute's orders
  const books = new RecentBooks(db, settledMs)
  const began = performance.now()
  const faults = await books.check(now - minutes * 60_000)
  const firstMs = performance.now() - began
  const eachMs: number[] = []
  for (let minute = minutes - 1; minute >= 0; minute -= 1) {
    const startedAt = performance.now()
    await pruneStockEvents(db)
    faults.push(...(await books.check(now - minute * 60_000)))
    eachMs.push(performance.now() - startedAt)
  }
  const startedAt = performance.now()
  const whole = await checkBooks(db)
  const wholeMs = performance.now() - startedAt
  printTable(
    ['', 'ms'],
    [
      ['a minute’s check, the slowest', Math.max(...eachMs)],
      ['the first of a process: a quarter of an hour', firstMs],
      ['everything, as `main.ts books` does', wholeMs],
    ],
  )
  const all = [...faults, ...whole.faults]
  for (const fault of all.slice(0, 5)) console.log(fault)
  const figures = { minuteMs: round(Math.max(...eachMs)), firstMs: round(firstMs), wholeMs: round(wholeMs) }
  console.log(JSON.stringify({ orders, faults: all.length, ...figures }))
  if (all.length > 0) process.exitCode = 1
}

// As the engine leaves them: the order, the ledger's row, and one change of stock a batch.
async function addOrders(
  on: Knex,
  made: readonly number[],
  { ids, sold }: { ids: readonly string[]; sold: Map<string, number> },
): Promise<void> {
  const time = (at: number) => new Date(at).toISOString().slice(0, 23).replace('T', ' ')
  const orderRows: string[] = []
  const ledgerRows: string[] = []
  const eventRows: string[] = []
  const changed = new Set<string>()
  for (const [index, at] of made.entries()) {
    const [id, productId] = [newId('o', Math.floor(at)), ids[index % ids.length] ?? '']
    const units = (sold.get(productId) ?? 0) + 1
    sold.set(productId, units)
    changed.add(productId)
    const version = units + 1
    orderRows.push(
      `('${id}', '${id.slice(-22)}', 'acc_${index}', '${productId}', 1, 1000, 'KRW', 'PAID', '${time(at)}', '${time(at + 600_000)}')`,
    )
    ledgerRows.push(`('${id}', 'RESERVE', '${productId}', -1, ${version})`)
    if (at > Date.now() - eventsKeptMs)
      eventRows.push(`('${productId}', ${version}, ${orders - units}, -1, '${time(at)}')`)
  }
  await on.raw(
    `INSERT INTO orders (id, request_id, buyer_id, product_id, quantity, total_amount, currency, state, created_at, expires_at)
       VALUES ${orderRows.join(', ')}`,
  )
  await on.raw(`INSERT INTO stock_ledger (order_id, kind, product_id, delta, version) VALUES ${ledgerRows.join(', ')}`)
  const events = 'INSERT INTO stock_events (product_id, version, stock, delta, at) VALUES '
  if (eventRows.length > 0) await on.raw(events + eventRows.join(', '))
  for (const productId of changed) {
    const units = sold.get(productId) ?? 0
    await on('product_stock')
      .where('product_id', productId)
      .update({ stock: orders - units, version: units + 1 })
  }
}
