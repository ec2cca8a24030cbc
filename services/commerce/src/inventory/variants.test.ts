/** Variants in the engine: each has its own units, limits per buyer are those of the product. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../testing/eventually.ts'
import { expireAll } from '../testing/expire-all.ts'
import { testShop, type Engine } from '../testing/shop.ts'
import { checkBooks } from './books.ts'
import { stockOf } from './stock-levels.ts'
import type { StockChange } from './stock-row.ts'

const shop = await testShop()
const [one, other] = await Promise.all([shop.addEngine(), shop.addEngine()])
const engineOf = (n: number) => (n % 2 ? one : other)

interface Wanted {
  productId: string
  variantOf?: string
  quantity: number
}
const place = ({ inventory }: Engine, buyerId: string, items: Wanted[], key = 'k1') =>
  inventory.placeBasket({ buyerId, idempotencyKey: key, items, broadcastId: null })
const kindsOf = (outcomes: readonly { kind: string }[], kind: string) =>
  outcomes.filter((outcome) => outcome.kind === kind).length
const stockLeft = async (productId: string) => (await stockOf(shop.db, [productId])).get(productId)?.stock
const booksAreRight = async () => assert.deepEqual((await checkBooks(shop.db)).faults, [])

test('a rush on the variants of a product, through two engines: each sells its own units exactly', async () => {
  const units = [40, 25, 10]
  const { productId, variantIds } = await shop.addVariants({ units })
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, async (_, n) => {
      const variantId = variantIds[n % 3] ?? ''
      const items = [{ productId: variantId, variantOf: productId, quantity: 1 }]
      return { variantId, ...(await place(engineOf(n), `rush_${n}`, items)) }
    }),
  )
  for (const [n, variantId] of variantIds.entries()) {
    const own = outcomes.filter((outcome) => outcome.variantId === variantId)
    assert.deepEqual([kindsOf(own, 'reserved'), kindsOf(own, 'sold_out')], [units[n], 100 - (units[n] ?? 0)])
  }
  assert.equal(await stockLeft(productId), 0)
  await booksAreRight()
})

test('a limit per buyer counts all variants, whatever comes at once and by whichever engine', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [50, 50, 50, 50], limitPerBuyer: 3 })
  const [cup, hat] = await Promise.all([shop.addProduct({ units: 50 }), shop.addProduct({ units: 50 })])
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, n) => {
      const variant = { productId: variantIds[n % 4] ?? '', variantOf: productId, quantity: 1 }
      const beside = n % 3 === 0 ? [{ productId: n % 2 ? cup : hat, quantity: 1 }] : []
      return place(engineOf(n), 'greedy', [variant, ...beside], `k${n}`)
    }),
  )
  assert.deepEqual([kindsOf(outcomes, 'reserved'), kindsOf(outcomes, 'over_limit')], [3, 37])
  assert.equal(await stockLeft(productId), 197)
  await booksAreRight()
})

test('two variants in one basket count together', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [5, 5], limitPerBuyer: 3 })
  const items = variantIds.map((id) => ({ productId: id, variantOf: productId, quantity: 2 }))
  assert.deepEqual(await place(one, 'ann', items), { kind: 'over_limit', productId, limit: 3 })
  const fewer = items.map((item, n) => ({ ...item, quantity: n + 1 }))
  const made = await place(one, 'ann', fewer, 'k2')
  assert.equal(made.kind, 'reserved')
  const again = await place(other, 'ann', fewer.slice(0, 1), 'k3')
  assert.equal(again.kind, 'over_limit')
})

test('what was held of a product before it had options counts still', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [5], limitPerBuyer: 2 })
  await shop.db('orders').insert({
    id: `o_before_${productId.slice(-8)}`,
    request_id: 'r'.repeat(22),
    buyer_id: 'early',
    product_id: productId,
    quantity: 2,
    total_amount: 2_000,
    currency: 'KRW',
    state: 'RELEASED',
    created_at: new Date(),
    expires_at: new Date(Date.now() + 600_000),
  })
  const item = { productId: variantIds[0] ?? '', variantOf: productId, quantity: 1 }
  await shop.db('orders').where('buyer_id', 'early').update({ state: 'PAID' })
  assert.equal((await place(one, 'early', [item])).kind, 'over_limit')
  await shop.db('orders').where('buyer_id', 'early').delete()
})

test('a request seen before has its order; the same key for another variant is refused', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [5, 5] })
  const [first = '', second = ''] = variantIds
  const of = (id: string) => [{ productId: id, variantOf: productId, quantity: 1 }]
  const made = await place(one, 'bo', of(first))
  assert.ok(made.kind === 'reserved' && made.order.productId === first && made.order.productRevision === 1)
  const again = await place(other, 'bo', of(first))
  assert.deepEqual(again.kind === 'reserved' && [again.order.id, again.known], [made.order.id, true])
  assert.equal((await place(other, 'bo', of(second))).kind, 'key_reused')
  assert.equal(await stockLeft(productId), 9)
})

test('a product with options is not ordered itself, and a variant not by another product’s name', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [5] })
  const { productId: stranger } = await shop.addVariants({ units: [5] })
  const cup = await shop.addProduct({ units: 5 })
  const [variantId = ''] = variantIds
  const bare = { buyerId: 'cho', idempotencyKey: 'k1', productId, quantity: 1, broadcastId: null }
  assert.deepEqual(await one.inventory.placeOrder(bare), { kind: 'variant_required' })
  const items = [
    { productId, quantity: 1 },
    { productId: cup, quantity: 1 },
  ]
  assert.deepEqual(await place(one, 'cho', items), { kind: 'variant_required', productId })
  const alone = { ...bare, productId: variantId }
  assert.deepEqual(await one.inventory.placeOrder(alone), { kind: 'not_for_sale' })
  for (const variantOf of [stranger, cup, 'nothing']) {
    const wrong = [{ productId: variantId, variantOf, quantity: 1 }]
    assert.deepEqual(await place(one, 'cho', wrong, variantOf), { kind: 'not_for_sale', productId: variantId })
  }
  await shop.db('products').where('id', productId).update({ listed: false })
  const hidden = [{ productId: variantId, variantOf: productId, quantity: 1 }]
  assert.equal((await place(one, 'cho', hidden)).kind, 'not_for_sale')
})

test('units of a variant come back to it, by its buyer and by time, and everybody hears of it and of the product', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [2, 2] })
  const [first = ''] = variantIds
  const heard: StockChange[] = []
  other.inventory.onChange((change) => heard.push(change))
  // of any order, as they come
  const newest = (id: string) =>
    heard
      .filter((change) => change.productId === id)
      .toSorted((a, b) => a.version - b.version)
      .at(-1)
  const told = (stocks: [number, number]) =>
    eventually(`news of ${stocks.join()}`, async () =>
      newest(first)?.stock === stocks[0] && newest(productId)?.stock === stocks[1] ? true : undefined,
    )
  const item = { productId: first, variantOf: productId, quantity: 1 }
  const [made, late] = await Promise.all([place(one, 'dan', [item]), place(one, 'eve', [item])])
  assert.ok(made.kind === 'reserved' && late.kind === 'reserved')
  await told([0, 2])
  assert.equal(newest(first)?.variantOf, productId)
  await one.inventory.release({ orderId: made.order.id, productId: made.order.productId })
  await shop
    .db('orders')
    .where('id', late.order.id)
    .update({ expires_at: new Date(0) })
  await expireAll(one.db, (change) => one.inventory.announce(change))
  await told([2, 4])
  await booksAreRight()
})

test('who comes late for a variant is answered without the database, and others are not', async () => {
  const { productId, variantIds } = await shop.addVariants({ units: [1, 1] })
  const [first = '', second = ''] = variantIds
  const of = (id: string) => [{ productId: id, variantOf: productId, quantity: 1 }]
  assert.equal((await place(one, 'fay', of(first))).kind, 'reserved')
  const batches = async () => /^inventory_batch_orders_count (\d+)/m.exec(await one.registry.metrics())?.[1]
  await eventually('a refusal without a batch', async () => {
    const before = await batches()
    assert.equal((await place(one, 'gus', of(first))).kind, 'sold_out')
    return (await batches()) === before ? true : undefined
  })
  assert.equal((await place(one, 'fay', of(first))).kind, 'reserved')
  assert.equal((await place(one, 'gus', of(second), 'k2')).kind, 'reserved')
})
