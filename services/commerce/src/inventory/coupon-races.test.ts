/** Coupons inside the engine's transactions, on a real database, raced for by several processes' engines. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSession } from '@mytaek1/platform/mysql-session.ts'
import { expireAll } from '../testing/expire-all.ts'
import { addCoupon, testShop } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { expireReservations } from './expire-reservations.ts'
import { checkRequest } from './order-request.ts'
import { reserveBatch } from './reserve-batch.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])
const engines = [one, other]
const engineOf = (n: number) => (n % 2 === 0 ? one : other)

const aCoupon = (total: number | null) => addCoupon(shop.db, { total })
const order = (n: number, productId: string, couponId: string | undefined, key = `key ${n}`) =>
  engineOf(n).inventory.placeOrder({
    buyerId: `buyer_${n}`,
    idempotencyKey: key,
    productId,
    quantity: 1,
    broadcastId: null,
    couponId,
  })
const usedOf = async (id: string) => {
  const uses = await shop.db('coupon_uses').where('coupon_id', id).count('* as n')
  const row = await shop.db('coupons').where('id', id).first('used')
  assert.equal(Number(uses[0]?.n), row?.used)
  return row?.used as number
}
const kinds = (outcomes: readonly ({ kind: string } | undefined)[]) =>
  Object.fromEntries(
    [...Map.groupBy(outcomes, (outcome) => outcome?.kind ?? '')].map(([kind, of]) => [kind, of.length]),
  )
const booksAreRight = async () => assert.deepEqual((await checkBooks(shop.db)).faults, [])

test('120 buyers of four products race through two engines for a coupon of 25: 25 have it, and nobody else has an order', async () => {
  const products = await Promise.all(Array.from({ length: 4 }, () => shop.addProduct({ units: 100 })))
  const coupon = await aCoupon(25)
  const outcomes = await Promise.all(Array.from({ length: 120 }, (_, n) => order(n, products[n % 4] ?? '', coupon)))
  assert.deepEqual(kinds(outcomes), { reserved: 25, coupon_used_up: 95 })
  for (const outcome of outcomes) {
    if (outcome?.kind !== 'reserved') continue
    assert.deepEqual([outcome.order.totalAmount, outcome.order.coupon], [700, { id: coupon, discountAmount: 300 }])
  }
  assert.equal(await usedOf(coupon), 25)
  await booksAreRight()
})

test('one buyer presses at once for four products with one coupon: one order has it', async () => {
  const products = await Promise.all(Array.from({ length: 4 }, () => shop.addProduct({ units: 10 })))
  const coupon = await aCoupon(null)
  const outcomes = await Promise.all(
    products.flatMap((productId, n) =>
      engines.map(({ inventory }, m) =>
        inventory.placeOrder({
          buyerId: 'eager',
          idempotencyKey: `eager ${n} ${m}`,
          productId,
          quantity: 1,
          broadcastId: null,
          couponId: coupon,
        }),
      ),
    ),
  )
  assert.deepEqual(kinds(outcomes), { reserved: 1, coupon_used: 7 })
  assert.equal(await usedOf(coupon), 1)
  await booksAreRight()
})

test('an order that is released by everybody at once, or runs out, gives its use back once, for the next buyer', async () => {
  const productId = await shop.addProduct({ units: 10 })
  const coupon = await aCoupon(2)
  const [first, second] = [await order(300, productId, coupon), await order(301, productId, coupon)]
  assert.deepEqual(kinds([first, second, await order(302, productId, coupon)]), { reserved: 2, coupon_used_up: 1 })
  assert.ok(first?.kind === 'reserved' && second?.kind === 'reserved')
  await shop
    .db('orders')
    .where('id', second.order.id)
    .update({ expires_at: new Date(Date.now() - 1_000) })
  const releases = Array.from({ length: 8 }, (_, n) =>
    engineOf(n).inventory.release({ orderId: first.order.id, productId }),
  )
  await Promise.all([...releases, ...engines.map(({ db }) => expireReservations(db, () => undefined))])
  await expireAll(shop.db)
  assert.equal(await usedOf(coupon), 0)
  const again = [await order(300, productId, coupon, 'again'), await order(303, productId, coupon)]
  assert.deepEqual(kinds([...again, await order(304, productId, coupon)]), { reserved: 2, coupon_used_up: 1 })
  await booksAreRight()
})

test('a request with a coupon that is sent again has its order; with another coupon, or without, the key is another’s', async () => {
  const productId = await shop.addProduct({ units: 10 })
  const [coupon, another] = [await aCoupon(1), await aCoupon(1)]
  const [made, same] = [await order(400, productId, coupon), await order(400, productId, coupon)]
  assert.ok(made?.kind === 'reserved' && same?.kind === 'reserved' && same.known)
  assert.equal(same.order.id, made.order.id)
  assert.deepEqual(same.order.coupon, made.order.coupon)
  const others = [await order(400, productId, another), await order(400, productId, undefined)]
  assert.deepEqual(kinds(others), { key_reused: 2 })
  assert.equal(await usedOf(another), 0)
})

test('baskets and variants use coupons by the same count, beside orders of one product, and what is refused takes no unit', async () => {
  const [tea, cup] = await Promise.all([shop.addProduct({ units: 50 }), shop.addProduct({ units: 50 })])
  const { productId: shirt, variantIds } = await shop.addVariants({ units: [50] })
  const coupon = await aCoupon(10)
  const basket = (n: number, items: { productId: string; variantOf?: string }[]) =>
    engineOf(n).inventory.placeBasket({
      buyerId: `mixed_${n}`,
      idempotencyKey: 'k',
      items: items.map((item) => ({ ...item, quantity: 1 })),
      broadcastId: null,
      couponId: coupon,
    })
  const outcomes = await Promise.all(
    Array.from({ length: 45 }, (_, n) => {
      if (n % 3 === 0) return order(1_000 + n, tea, coupon)
      if (n % 3 === 1) return basket(n, [{ productId: tea }, { productId: cup }])
      return basket(n, [{ productId: variantIds[0] ?? '', variantOf: shirt }])
    }),
  )
  assert.deepEqual(kinds(outcomes), { reserved: 10, coupon_used_up: 35 })
  assert.equal(await usedOf(coupon), 10)
  for (const outcome of outcomes) {
    if (outcome?.kind !== 'reserved') continue
    const { productId, id } = outcome.order
    await Promise.all(engines.map(({ inventory }) => inventory.release({ orderId: id, productId })))
  }
  assert.equal(await usedOf(coupon), 0)
  const left = await shop
    .db('product_stock')
    .whereIn('product_id', [tea, cup, ...variantIds])
    .pluck('stock')
  assert.deepEqual(left, [50, 50, 50])
  await booksAreRight()
})

test('orders without a coupon cost the three round trips that they did, and ask nothing about coupons', async () => {
  const productId = await shop.addProduct({ units: 10 })
  const statementsOf = async (couponId: string | undefined) => {
    const sent: string[] = []
    const asked = { idempotencyKey: 'k', productId, quantity: 1, broadcastId: null, couponId }
    const request = checkRequest({ ...asked, buyerId: `counted_${couponId ?? 'none'}`.slice(0, 32) })
    assert.ok(request)
    const limits = {
      holdMs: 600_000,
      holdLimits: { units: 10, orders: 10 },
      lookUp: 'refused',
      wantBuyers: false,
    } as const
    await inSession(shop.db, 60_000, (query) =>
      reserveBatch(
        (sql, options) => {
          sent.push(sql)
          return query(sql, options)
        },
        { productId, requests: [request], ...limits },
      ),
    )
    return sent
  }
  const plain = await statementsOf(undefined)
  assert.equal(plain.length, 3)
  assert.doesNotMatch(plain.join(), /coupon/)
  assert.match((await statementsOf(await aCoupon(5))).join(), /FROM coupons .* FOR UPDATE/s)
})
