import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { connectMysql, inTransaction } from '@mytaek1/platform/mysql.ts'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { startMariadb, startRedis } from '@mytaek1/platform/testing/parts.ts'
import { addProduct, openEngine, prepareShop, testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { QueueDeadlineError, QueueFullError } from './batcher.ts'
import type { Inventory } from './engine.ts'
import { expireReservations } from './expire-reservations.ts'
import type { Outcome } from './order-request.ts'
import { stockOf } from './stock-levels.ts'
import { restock } from './stock.ts'
import type { StockChange } from './stock-row.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])

const order = (
  inventory: Inventory,
  productId: string,
  buyerId: string,
  more: { key?: string; quantity?: number; broadcastId?: string } = {},
) =>
  inventory.placeOrder({
    buyerId,
    productId,
    idempotencyKey: more.key ?? 'k1',
    quantity: more.quantity ?? 1,
    broadcastId: more.broadcastId ?? null,
  })
const reserved = (outcomes: readonly Outcome[]) => outcomes.filter(({ kind }) => kind === 'reserved').length
const idOf = (outcome: Outcome) => (outcome.kind === 'reserved' ? outcome.order.id : undefined)
const stockLeft = async (productId: string) => (await stockOf(shop.db, [productId])).get(productId)?.stock
const booksAreRight = async () => assert.deepEqual((await checkBooks(shop.db)).faults, [])

test('200 buyers race for 50 units through two engines: exactly 50 orders', async () => {
  const productId = await shop.addProduct({ units: 50 })
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, n) => order(n % 2 ? one.inventory : other.inventory, productId, `buyer_${n}`)),
  )
  assert.equal(reserved(outcomes), 50)
  assert.equal(outcomes.filter(({ kind }) => kind === 'sold_out').length, 150)
  assert.equal(await stockLeft(productId), 0)
  await booksAreRight()
})

test('within a batch the first to come are the winners', async () => {
  const productId = await shop.addProduct({ units: 3 })
  const outcomes = await Promise.all(Array.from({ length: 6 }, (_, n) => order(one.inventory, productId, `early_${n}`)))
  assert.deepEqual(
    outcomes.map(({ kind }) => kind === 'reserved'),
    [true, true, true, false, false, false],
  )
})

test('the rows of a batch say what each of its requests asked for, be they alike or not', async () => {
  for (const asked of [
    [{ quantity: 2 }, { quantity: 2 }],
    [
      { quantity: 1, broadcastId: 'b-1' },
      { quantity: 1, broadcastId: 'b-1' },
    ],
    [{ quantity: 1, broadcastId: 'b-1' }, { quantity: 3, broadcastId: 'b-1' }, { quantity: 3 }],
  ]) {
    const productId = await shop.addProduct({ units: 9 })
    const buyers = asked.map((more, n) => order(one.inventory, productId, `row_${n}`, { key: productId, ...more }))
    await Promise.all(buyers)
    const rows = await shop.db('orders').where({ product_id: productId }).orderBy('id')
    const entries = await shop.db('stock_ledger').where({ product_id: productId }).orderBy('order_id')
    assert.deepEqual(
      rows.map(({ buyer_id, broadcast_id, quantity }) => ({ buyer_id, broadcast_id, quantity })),
      asked.map(({ quantity, broadcastId = null }, n) => ({
        buyer_id: `row_${n}`,
        broadcast_id: broadcastId,
        quantity,
      })),
    )
    assert.deepEqual(
      entries.map(({ order_id, delta }) => [order_id, delta]),
      rows.map(({ id, quantity }) => [id, -quantity]),
    )
    assert.ok(rows.every(({ quantity, total_amount }) => total_amount % quantity === 0 && total_amount > 0))
  }
})

test('a request sent again, at once or later, to any engine, has one order', async () => {
  const productId = await shop.addProduct({ units: 5 })
  const atOnce = await Promise.all([one, other, one, other].map(({ inventory }) => order(inventory, productId, 'ann')))
  const later = await order(other.inventory, productId, 'ann')
  assert.equal(new Set([...atOnce, later].map(idOf)).size, 1)
  assert.equal(atOnce.filter((outcome) => outcome.kind === 'reserved' && !outcome.known).length, 1)
  assert.equal(await stockLeft(productId), 4)
})

test('a key used again for something else is refused, on the same product and on another', async () => {
  const [cup, hat] = [await shop.addProduct({ units: 5 }), await shop.addProduct({ units: 5 })]
  await order(one.inventory, cup, 'bo')
  assert.equal((await order(one.inventory, cup, 'bo', { quantity: 2 })).kind, 'key_reused')
  assert.equal((await order(other.inventory, hat, 'bo')).kind, 'key_reused')
  assert.equal(await stockLeft(hat), 5)
})

test('two products raced for with one key: one order', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [cup, hat] = [await shop.addProduct({ units: 5 }), await shop.addProduct({ units: 5 })]
    const outcomes = await Promise.all([
      order(one.inventory, cup, `racer_${round}`),
      order(other.inventory, hat, `racer_${round}`),
    ])
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['key_reused', 'reserved'])
  }
  await booksAreRight()
})

test('a sold-out product answers a repeated request with its order, and others without the database', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // it is known for a second, which does not pass here
  const productId = await shop.addProduct({ units: 1 })
  const first = await order(one.inventory, productId, 'cho')
  await order(one.inventory, productId, 'late_0')
  const before = await one.batches()
  const refused = await Promise.all(Array.from({ length: 100 }, (_, n) => order(one.inventory, productId, `late_${n}`)))
  assert.equal(reserved(refused), 0)
  assert.equal(await one.batches(), before)
  assert.equal(idOf(await order(one.inventory, productId, 'cho')), idOf(first))
})

test('units put back by one engine open the latch of the other', async () => {
  const productId = await shop.addProduct({ units: 1 })
  const first = await order(one.inventory, productId, 'dan')
  await order(other.inventory, productId, 'eve', { key: 'too_late' })
  const heard = Promise.withResolvers<StockChange>()
  other.inventory.onChange((change) => {
    if (change.productId === productId && change.stock === 1) heard.resolve(change)
  })
  assert.equal((await one.inventory.release({ orderId: idOf(first) ?? '', productId }))?.state, 'RELEASED')
  await heard.promise
  assert.equal((await order(other.inventory, productId, 'eve')).kind, 'reserved')
})

test('a buyer gets no more than the limit, whatever the keys and the engines', async () => {
  const productId = await shop.addProduct({ units: 100, limitPerBuyer: 3 })
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      order(n % 2 ? one.inventory : other.inventory, productId, 'hoarder', { key: `k${n}` }),
    ),
  )
  assert.equal(reserved(outcomes), 3)
  assert.equal(outcomes.filter(({ kind }) => kind === 'over_limit').length, 17)
})

test('an order for more than is left is refused and a smaller one behind it is not', async () => {
  const productId = await shop.addProduct({ units: 3 })
  const [large, small] = await Promise.all([
    order(one.inventory, productId, 'fay', { quantity: 4 }),
    order(one.inventory, productId, 'gil', { quantity: 3 }),
  ])
  assert.deepEqual(large, { kind: 'sold_out', available: 3 })
  assert.equal(small.kind, 'reserved')
})

test('an unknown product and an id that is none are not for sale', async () => {
  assert.equal((await order(one.inventory, 'prd_none', 'hal')).kind, 'not_for_sale')
  assert.equal((await order(one.inventory, "' OR 1 = 1 -- ", 'hal')).kind, 'not_for_sale')
})

test('the price is the one at the time of the order, times the quantity', async () => {
  const productId = await shop.addProduct({ units: 10, amount: 2_500 })
  const before = await order(one.inventory, productId, 'ida', { quantity: 2 })
  await shop.db('products').where('id', productId).update({ price_amount: 3_000 })
  const after = await order(one.inventory, productId, 'ida', { key: 'k2', quantity: 2 })
  const total = (outcome: Outcome) => (outcome.kind === 'reserved' ? outcome.order.totalAmount : undefined)
  assert.deepEqual([total(before), total(after)], [5_000, 6_000])
})

test('an order released at once by everybody returns its units once', async () => {
  const productId = await shop.addProduct({ units: 5 })
  const orderId = idOf(await order(one.inventory, productId, 'jo', { quantity: 2 })) ?? ''
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => (n % 2 ? one : other).inventory.release({ orderId, productId })),
  )
  assert.ok(answers.every((answer) => answer?.state === 'RELEASED'))
  assert.equal(await stockLeft(productId), 5)
  await booksAreRight()
})

test('a claimed or paid order is not released', async () => {
  const productId = await shop.addProduct({ units: 5 })
  const claimed = idOf(await order(one.inventory, productId, 'kim')) ?? ''
  const paid = idOf(await order(one.inventory, productId, 'lee')) ?? ''
  await shop.db('orders').whereIn('id', [claimed, paid]).update({ claimed_at: new Date() })
  await shop.db('orders').where('id', paid).update({ state: 'PAID' })
  assert.deepEqual(await one.inventory.release({ orderId: claimed, productId }), { state: 'RESERVED', claimed: true })
  assert.deepEqual(await one.inventory.release({ orderId: paid, productId }), { state: 'PAID', claimed: true })
  assert.equal(await stockLeft(productId), 3)
})

test('expired reservations come back, claimed ones do not, and two sweepers count each once', async () => {
  const productId = await shop.addProduct({ units: 700 })
  const brief = await shop.addEngine({ reservationSeconds: 600 })
  const outcomes = await Promise.all(
    Array.from({ length: 600 }, (_, n) => order(brief.inventory, productId, `slow_${n}`)),
  )
  const claimed = idOf(outcomes[0] ?? { kind: 'not_for_sale' }) ?? ''
  await shop.db('orders').where('id', claimed).update({ claimed_at: new Date() })
  await shop
    .db('orders')
    .where('product_id', productId)
    .update({ expires_at: new Date(Date.now() - 1_000) })
  const heard: StockChange[] = []
  while (await shop.db('orders').where({ product_id: productId, state: 'RESERVED' }).whereNull('claimed_at').first()) {
    await Promise.all([one, other].map(({ db }) => expireReservations(db, (change) => heard.push(change))))
  }
  assert.equal(await stockLeft(productId), 699)
  await booksAreRight()
})

test('units added, and units taken back down to none, keep the books right', async () => {
  const productId = await shop.addProduct({ units: 5 })
  await order(one.inventory, productId, 'mia', { quantity: 2 })
  const change = (units: number) => inTransaction(shop.db, (trx) => restock(trx, { productId, units }))
  assert.equal((await change(10))?.stock, 13)
  assert.equal((await change(-100))?.stock, 0)
  assert.equal((await order(other.inventory, productId, 'ned')).kind, 'sold_out')
  await booksAreRight()
})

test('a queue has a bound and says so', async () => {
  const productId = await shop.addProduct({ units: 100 })
  const narrow = await shop.addEngine({ limits: { maxWaitingPerKey: 10 } })
  const answers = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => order(narrow.inventory, productId, `crowd_${n}`)),
  )
  const full = answers.filter((answer) => answer.status === 'rejected' && answer.reason instanceof QueueFullError)
  assert.equal(full.length, 20)
})

test('an engine that stops answers the orders that it took', async () => {
  const productId = await shop.addProduct({ units: 100 })
  const leaving = await shop.addEngine()
  const placed = Array.from({ length: 50 }, (_, n) => order(leaving.inventory, productId, `last_${n}`))
  await leaving.stop()
  assert.equal(reserved(await Promise.all(placed)), 50)
  await assert.rejects(order(leaving.inventory, productId, 'after_all'), /closed/)
})

test('without Redis orders are exact all the same', async (t) => {
  const redis = await startRedis()
  t.after(() => redis.stop())
  const options = { redisUrls: [redis.url] }
  const [left, right] = await Promise.all([shop.addEngine(options), shop.addEngine(options)])
  await redis.kill()
  const productId = await shop.addProduct({ units: 50 })
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, n) => order(n % 2 ? left.inventory : right.inventory, productId, `dark_${n}`)),
  )
  assert.equal(reserved(outcomes), 50)
  await booksAreRight()
})

test('without MariaDB an order fails within its deadline; after a kill and restart the same request has one order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-mariadb-'))
  const first = await startMariadb({ folder })
  t.after(() => first.stop())
  const url = Object.assign(new URL(first.url), { pathname: '/shop' }).href
  const admin = connectMysql({ url: first.url })
  await admin.raw('CREATE DATABASE shop')
  await admin.destroy()
  const db = connectMysql({ url })
  await prepareShop(db)
  const productId = await addProduct(db, { units: 5 })
  const [engine, hasty] = await Promise.all(
    [120_000, 1_000].map((deadlineMs) =>
      openEngine({ log: shop.log, mysqlUrl: url, redisUrls: [shop.redisUrl], limits: { deadlineMs } }),
    ),
  )
  assert.ok(engine && hasty)
  t.after(async () => {
    await Promise.all([engine.stop(), hasty.stop()])
    await db.destroy()
  })
  const before = await order(engine.inventory, productId, 'zoe')
  await first.kill()
  const since = livedTime()
  await assert.rejects(order(hasty.inventory, productId, 'yan'), QueueDeadlineError)
  assert.ok(since.ms() < 6_000, `${since.ms()} ms`)
  since.stop()
  const second = await startMariadb({ folder, port: first.port })
  t.after(() => second.stop())
  assert.equal(idOf(await order(engine.inventory, productId, 'zoe')), idOf(before))
  assert.equal((await order(engine.inventory, productId, 'yan')).kind, 'reserved')
  assert.deepEqual((await checkBooks(db)).faults, [])
})
