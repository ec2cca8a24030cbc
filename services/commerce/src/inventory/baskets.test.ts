import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { startRedis } from '@mytaek1/platform/testing/parts.ts'
import { eventually } from '../testing/eventually.ts'
import { testShop, type Engine } from '../testing/shop.ts'
import type { BasketOutcome } from './basket.ts'
import { checkBooks } from './books.ts'
import { expireReservations } from './expire-reservations.ts'
import type { Outcome } from './order-request.ts'
import { stockOf } from './stock-levels.ts'
import { lockStock, type StockChange } from './stock-row.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])
// holds rows for as long as the engines take to meet them, which the server gives others a few seconds for
const strangers = connectMysql({ url: shop.url, idleTransactionSeconds: 120 })
after(() => strangers.destroy())
const engineOf = (n: number) => (n % 2 ? one : other)

type Items = { productId: string; quantity: number }[]
const basket = ({ inventory }: Engine, buyerId: string, items: Items, key = 'k1') =>
  inventory.placeBasket({ buyerId, idempotencyKey: key, items, broadcastId: null })
const single = ({ inventory }: Engine, buyerId: string, productId: string, key = 'k1') =>
  inventory.placeOrder({ buyerId, idempotencyKey: key, productId, quantity: 1, broadcastId: null })
const each = (productIds: string[], quantity = 1): Items => productIds.map((productId) => ({ productId, quantity }))
const products = (...units: number[]) => Promise.all(units.map((count) => shop.addProduct({ units: count })))
const reserved = (outcomes: readonly { kind: string }[]) => outcomes.filter(({ kind }) => kind === 'reserved').length
const idOf = (outcome: Outcome | BasketOutcome) => (outcome.kind === 'reserved' ? outcome.order.id : '')
const stocks = async (productIds: string[]) => {
  const found = await stockOf(shop.db, productIds)
  return productIds.map((id) => found.get(id)?.stock)
}
const booksAreRight = async () => assert.deepEqual((await checkBooks(shop.db)).faults, [])

test('a basket takes all its units, tells everybody of each product, and is priced over its items', async () => {
  const ids = await Promise.all([shop.addProduct({ units: 5, amount: 300 }), shop.addProduct({ units: 5, amount: 7 })])
  const heard = new Map<string, StockChange>()
  one.inventory.onChange((change) => heard.set(change.productId, change))
  const outcome = await basket(one, 'ann', each(ids, 2))
  assert.equal(outcome.kind === 'reserved' && outcome.order.totalAmount, 614)
  assert.deepEqual(await stocks(ids), [3, 3])
  assert.deepEqual(
    ids.map((id) => heard.get(id)?.stock),
    [3, 3],
  )
  await booksAreRight()
})

test('a basket that is short of one product takes nothing, and says which is short', async () => {
  const [cup = '', hat = '', mug = ''] = await products(5, 1, 0)
  const items = [
    { productId: mug, quantity: 1 },
    { productId: cup, quantity: 1 },
    { productId: hat, quantity: 2 },
  ]
  const outcome = await basket(one, 'bo', items)
  assert.deepEqual(
    outcome.kind === 'sold_out' && new Map(outcome.short.map(({ productId, available }) => [productId, available])),
    new Map([
      [hat, 1],
      [mug, 0],
    ]),
  )
  assert.deepEqual(await stocks([cup, hat, mug]), [5, 1, 0])
})

test('baskets in every order of their products and single orders race through two engines: exact, and none fails', async () => {
  const ids = await products(60, 45, 30)
  const [cup = '', hat = '', mug = ''] = ids
  const pairs = [
    [cup, hat],
    [hat, cup],
    [mug, hat],
    [hat, mug],
    [mug, cup, hat],
    [cup, mug],
  ]
  const all = await Promise.all([
    ...Array.from({ length: 180 }, (_, n) => basket(engineOf(n), `racer_${n}`, each(pairs[n % 6] ?? []))),
    ...Array.from({ length: 120 }, (_, n) => single(engineOf(n), `solo_${n}`, ids[n % 3] ?? '')),
  ])
  assert.ok(all.every(({ kind }) => kind === 'reserved' || kind === 'sold_out'))
  assert.ok(reserved(all) < all.length)
  assert.ok((await stocks(ids)).includes(0))
  await booksAreRight()
})

test('a row that another transaction holds is waited for, and none of the basket is lost to the wait', async () => {
  const ids = (await products(5, 5)).toSorted()
  const engine = await shop.addEngine({ transactionMs: 500 })
  const retries = async () => (await engine.registry.getSingleMetric('inventory_batch_retries_total')?.get())?.values
  const { promise: freed, resolve: free } = Promise.withResolvers<void>()
  const { promise: held, resolve: isHeld } = Promise.withResolvers<void>()
  const holder = inSession(strangers, 120_000, async (query) => {
    await lockStock(query, ids[1] ?? '')
    isHeld()
    await freed
  })
  await held
  const placed = basket(engine, 'cho', each(ids)) // holds the first row, waits for the second past its own deadline
  await eventually('the wait is over, and begins again', async () => ((await retries())?.length ? true : undefined))
  free()
  await holder
  assert.equal((await placed).kind, 'reserved')
  assert.deepEqual(await stocks(ids), [4, 4])
  assert.ok((await retries())?.some(({ labels }) => labels.reason === 'connection'))
})

test('a basket that a deadlock undoes runs again', async () => {
  const ids = (await products(5, 5)).toSorted()
  const [first = '', second = ''] = ids
  const engine = await shop.addEngine()
  const stranger = inSession(strangers, 120_000, async (query) => {
    // the server undoes who has written less
    const rows = Array.from({ length: 50 }, (_, n) => `('prd_other', ${n}, 0, 0, UTC_TIMESTAMP(3))`)
    await query(`INSERT INTO stock_events (product_id, version, stock, delta, at) VALUES ${rows.join()}`)
    await lockStock(query, second)
    const placed = basket(engine, 'ben', each(ids))
    await eventually('the basket waits', async () => {
      const [waits] = await shop.db.raw(
        'SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE ? AND TIME_MS > 100',
        [`%${second}%FOR UPDATE`],
      )
      return waits.length > 0 ? true : undefined
    })
    await lockStock(query, first) // against the order of ids, which nobody else does
    throw Object.assign(new Error('rolled back'), { placed })
  })
  const { placed } = (await stranger.catch((error: unknown) => error)) as { placed: Promise<BasketOutcome> }
  assert.equal((await placed).kind, 'reserved')
  assert.deepEqual(await stocks(ids), [4, 4])
  const retries = await engine.registry.getSingleMetric('inventory_batch_retries_total')?.get()
  assert.deepEqual(
    retries?.values.map(({ labels, value }) => [labels.reason, value]),
    [['contention', 1]],
  )
})

test('a basket sent again, at once or later, in another order, to any engine, has one order', async () => {
  const ids = await products(5, 5)
  const answers = await Promise.all([0, 1, 2, 3].map((n) => basket(engineOf(n), 'dan', each(ids))))
  answers.push(await basket(other, 'dan', each(ids.toReversed())))
  assert.equal(new Set(answers.map(idOf)).size, 1)
  assert.equal(answers.filter((answer) => answer.kind === 'reserved' && !answer.known).length, 1)
  assert.deepEqual(await stocks(ids), [4, 4])
})

test('a key is one order: another basket, or a single product, under it is refused, also when raced', async () => {
  const [cup = '', hat = '', mug = ''] = await products(50, 50, 50)
  const first = await basket(one, 'eve', each([cup, hat]))
  assert.equal(first.kind, 'reserved')
  assert.equal((await basket(other, 'eve', each([cup, hat], 2))).kind, 'key_reused')
  assert.equal((await basket(other, 'eve', each([cup, mug]))).kind, 'key_reused')
  assert.equal((await single(one, 'eve', cup)).kind, 'key_reused')
  for (let round = 0; round < 10; round += 1) {
    const buyer = `raced_${round}`
    const outcomes = await Promise.all([basket(one, buyer, each([cup, hat])), single(other, buyer, mug)])
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['key_reused', 'reserved'])
  }
  await booksAreRight()
})

test('a buyer gets no more than the limit of a product, by baskets and single orders together', async () => {
  const limited = await shop.addProduct({ units: 100, limitPerBuyer: 3 })
  const free = await shop.addProduct({ units: 100 })
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      n % 3 === 0
        ? single(engineOf(n), 'hoarder', limited, `k${n}`)
        : basket(engineOf(n), 'hoarder', each([limited, free]), `k${n}`),
    ),
  )
  assert.equal(reserved(outcomes), 3)
  assert.ok(outcomes.every(({ kind }) => kind === 'reserved' || kind === 'over_limit'))
  const over = await basket(one, 'hoarder', each([limited, free]), 'k_last')
  assert.deepEqual(over, { kind: 'over_limit', productId: limited, limit: 3 })
  assert.deepEqual(await stocks([limited]), [97])
})

test('a basket released at once by everybody returns its units once', async () => {
  const ids = await products(5, 5, 5)
  const orderId = idOf(await basket(one, 'fay', each(ids, 2)))
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => engineOf(n).inventory.release({ orderId, productId: null })),
  )
  assert.ok(answers.every((answer) => answer?.state === 'RELEASED'))
  assert.deepEqual(await stocks(ids), [5, 5, 5])
  assert.equal(await one.inventory.release({ orderId: 'o_none', productId: null }), undefined)
  await booksAreRight()
})

test('expired baskets come back once with two sweepers, claimed ones do not', async () => {
  const ids = await products(100, 100)
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => basket(one, `slow_${n}`, each(ids))))
  const orderIds = outcomes.map(idOf)
  await shop.db('orders').where('id', orderIds[0]).update({ claimed_at: new Date() })
  await shop
    .db('orders')
    .whereIn('id', orderIds)
    .update({ expires_at: new Date(Date.now() - 1_000) })
  const open = () => shop.db('orders').whereIn('id', orderIds).whereNull('claimed_at').where('state', 'RESERVED')
  while (await open().first()) {
    await Promise.all([one, other].map(({ db }) => expireReservations(db, () => undefined)))
  }
  assert.deepEqual(await stocks(ids), [99, 99])
  await booksAreRight()
})

test('products of two sellers, or priced in two currencies, or not for sale, are no basket', async () => {
  const ids = await products(5, 5)
  const [cup = '', hat = ''] = ids
  await shop.db('products').where('id', hat).update({ price_currency: 'USD' })
  assert.equal((await basket(one, 'gil', each(ids))).kind, 'mixed_currencies')
  const seller = await shop.db('accounts').first()
  await shop.db('accounts').insert({ ...seller, id: 'acc_second', email: 'second@example.test' })
  await shop.db('products').where('id', hat).update({ seller_id: 'acc_second' })
  assert.equal((await basket(one, 'gil', each(ids))).kind, 'mixed_sellers')
  await shop.db('products').where('id', hat).update({ listed: false })
  assert.deepEqual(await basket(one, 'gil', each(ids)), { kind: 'not_for_sale', productId: hat })
  const injected = "' OR 1 = 1 -- "
  assert.deepEqual(await basket(one, 'gil', each([cup, injected])), { kind: 'not_for_sale', productId: injected })
  assert.deepEqual(await stocks(ids), [5, 5])
})

test('an order is answered as before when a product of it is no longer listed', async () => {
  const ids = await products(5, 5)
  const first = await basket(one, 'hal', each(ids))
  await shop.db('products').where('id', ids[1]).update({ listed: false })
  assert.equal(idOf(await basket(other, 'hal', each(ids))), idOf(first))
  assert.equal((await basket(other, 'hal', each(ids, 2))).kind, 'key_reused')
})

test('a product known to be sold out refuses baskets without the database, but not one that has its order', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // it is known for a second, which does not pass here
  const [cup = '', hat = ''] = await products(1, 5)
  const first = await basket(one, 'ida', each([cup, hat]))
  await single(one, 'late_0', cup) // finds nothing left: the latch closes
  const before = await one.batches()
  const refused = await Promise.all(Array.from({ length: 50 }, (_, n) => basket(one, `late_${n}`, each([hat, cup]))))
  assert.deepEqual(refused[49], { kind: 'sold_out', short: [{ productId: cup, available: 0 }] })
  assert.equal(await one.batches(), before)
  assert.equal(idOf(await basket(one, 'ida', each([cup, hat]))), idOf(first))
})

test('without Redis baskets are exact all the same', async (t) => {
  const redis = await startRedis()
  t.after(() => redis.stop())
  const options = { redisUrls: [redis.url] }
  const [left, right] = await Promise.all([shop.addEngine(options), shop.addEngine(options)])
  await redis.kill()
  const ids = await products(20, 30)
  const outcomes = await Promise.all(
    Array.from({ length: 80 }, (_, n) =>
      basket(n % 2 ? left : right, `dark_${n}`, each(n % 4 < 2 ? ids : ids.toReversed())),
    ),
  )
  assert.equal(reserved(outcomes), 20)
  assert.deepEqual(await stocks(ids), [0, 10])
  await booksAreRight()
})

test('an engine that stops answers the baskets that it took', async () => {
  const ids = await products(100, 100)
  const leaving = await shop.addEngine()
  const placed = Array.from({ length: 30 }, (_, n) => basket(leaving, `last_${n}`, each(ids)))
  await leaving.stop()
  assert.equal(reserved(await Promise.all(placed)), 30)
  await assert.rejects(basket(leaving, 'after_all', each(ids)), /closed/)
})
