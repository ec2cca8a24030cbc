/** Where a process begins to read the books, found without reading all that came before or since. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testShop } from '../testing/shop.ts'
import { booksPositionAt } from './recent-books.ts'
import { pruneStockEvents } from './upkeep.ts'

const shop = await testShop()
const now = Date.now()
const dayMs = 24 * 3_600_000

/** Changes of stock of given ages; the numbers between them have gaps, as those of batches that were rolled back leave. */
async function events(agesMs: readonly number[]): Promise<void> {
  await shop.db('stock_events').delete()
  const rows = agesMs.map((age, n) => ({ seq: 1 + n * 7, version: n + 1, at: new Date(now - age) }))
  for (let from = 0; from < rows.length; from += 1_000) {
    const some = rows.slice(from, from + 1_000)
    await shop.db('stock_events').insert(some.map((row) => ({ ...row, product_id: 'prd_any', stock: 1, delta: 0 })))
  }
}

test('the last change before a time is where the reading begins, wherever that is', async () => {
  const count = 6_000
  await events(Array.from({ length: count }, (_, n) => (count - n) * 1_000))
  let queries = 0
  shop.db.on('query', () => (queries += 1))
  for (const [ageSeconds, seq] of [
    [0, 1 + (count - 1) * 7],
    [1, 1 + (count - 2) * 7],
    [1_234, 1 + (count - 1_235) * 7],
    [5_999, 1],
    [6_000, 0],
    [9_999, 0],
  ] as const) {
    queries = 0
    assert.equal((await booksPositionAt(shop.db, now, ageSeconds * 1_000)).eventSeq, seq, `${ageSeconds} s`)
    assert.ok(queries < 12)
  }
  await shop.db('stock_events').delete()
  assert.equal((await booksPositionAt(shop.db, now, 0)).eventSeq, 0)
})

test('what is too old goes in one call, however much it is within reason, and nothing younger', async () => {
  await events([...Array.from({ length: 25_000 }, () => 8 * dayMs), 6 * dayMs, 0])
  assert.equal(await pruneStockEvents(shop.db), 25_000)
  assert.equal((await shop.db('stock_events')).length, 2)
})
