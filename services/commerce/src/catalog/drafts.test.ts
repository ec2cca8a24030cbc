/** A draft is its seller's alone until it is published; copies begin as drafts. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const seller = await signedIn(app.url)
const stranger = await signedIn(app.url)
const price = { amount: 9_000, currency: 'KRW' }
const aDraft = () => seller.expect(201, 'POST', '/products', { name: '유자차', price, stock: 5, draft: true })
const order = (productId: string) => ({ productId, quantity: 1 })
const key = () => ({ 'idempotency-key': randomUUID() })

test('a draft is there for its seller alone: not shown, listed, ordered, changed or broadcast', async () => {
  const { id, draft, listed } = await aDraft()
  assert.deepEqual([draft, listed], [true, false])
  assert.equal((await seller.expect(200, 'GET', `/products/${id}`)).draft, true)
  for (const who of [app.anonymous, stranger]) await who.expect(404, 'GET', `/products/${id}`)
  for (const path of [`/products?seller=${seller.id}`, '/products']) {
    const { items } = await stranger.expect(200, 'GET', path)
    assert.ok(!items.some((each: { id: string }) => each.id === id))
  }
  // answered as what was never there
  assert.equal((await stranger.expect(404, 'POST', '/orders', order(id), key())).code, 'not_found')
  assert.equal((await seller.expect(404, 'POST', '/orders', order(id), key())).code, 'not_found')
  await stranger.expect(404, 'PATCH', `/products/${id}`, { name: 'x' })
  await stranger.expect(404, 'POST', `/products/${id}/copies`)
  const show = { title: 'Tonight', productIds: [id] }
  assert.equal((await seller.expect(422, 'POST', '/broadcasts', show)).code, 'product_not_offered')
  const own = await seller.expect(200, 'GET', '/products?seller=me')
  assert.ok(own.items.some((each: { id: string }) => each.id === id))
})

test('published it is sold, and no draft again', async () => {
  const { id } = await aDraft()
  await seller.expect(200, 'PATCH', `/products/${id}`, { name: '유자차 1kg' })
  await app.anonymous.expect(404, 'GET', `/products/${id}`)
  const published = await seller.expect(200, 'PATCH', `/products/${id}`, { draft: false })
  assert.deepEqual([published.draft, published.listed], [false, true])
  await stranger.expect(201, 'POST', '/orders', order(id), key())
  await seller.expect(400, 'PATCH', `/products/${id}`, { draft: true })
  await seller.expect(200, 'PATCH', `/products/${id}`, { listed: false })
  assert.equal((await app.anonymous.expect(200, 'GET', `/products/${id}`)).listed, false)
})

test('who lists a draft publishes it, also a process of the version before', async () => {
  const [one, other] = [await aDraft(), await aDraft()]
  assert.equal((await seller.expect(200, 'PATCH', `/products/${one.id}`, { listed: true })).draft, false)
  await app.db('products').where({ id: other.id }).update({ listed: true })
  assert.equal((await app.anonymous.expect(200, 'GET', `/products/${other.id}`)).draft, false)
  await seller.expect(200, 'PATCH', `/products/${other.id}`, { listed: false })
  await app.anonymous.expect(200, 'GET', `/products/${other.id}`)
})

test('a copy is a draft with everything but stock', async () => {
  const model = await aProduct(seller, { name: '감귤', stock: 7 })
  await seller.expect(200, 'PATCH', `/products/${model.id}`, { category: 'food-fresh', limitPerBuyer: 2 })
  const headers = { 'content-type': 'image/jpeg' }
  await seller.expect(201, 'POST', `/products/${model.id}/pictures`, await aPicture('jpeg', 20, 20), headers)
  await seller.expect(201, 'POST', `/products/${model.id}/pictures`, await aPicture('jpeg', 20, 20), headers)
  const now = await seller.expect(200, 'GET', `/products/${model.id}`)
  const copy = await seller.expect(201, 'POST', `/products/${model.id}/copies`)
  assert.deepEqual([copy.stock, copy.draft, copy.listed], [0, true, false])
  const kept = [
    'name',
    'description',
    'price',
    'category',
    'requiresShipping',
    'limitPerBuyer',
    'imageUrls',
    'pictures',
  ]
  for (const field of kept) assert.deepEqual(copy[field], now[field], field)
  assert.equal(copy.pictures.length, 2)
  assert.equal(now.category, 'food-fresh')
})

test('categories have names in both languages, and nothing else is taken', async () => {
  const { items } = await app.anonymous.expect(200, 'GET', '/categories')
  assert.ok(items.every((each: { ko: string; en: string }) => each.ko && each.en))
  const { id } = await aProduct(seller)
  await seller.expect(400, 'PATCH', `/products/${id}`, { category: 'weapons' })
  for (const category of [items[0].id, items[0].children[0].id, null]) {
    assert.equal((await seller.expect(200, 'PATCH', `/products/${id}`, { category })).category, category)
  }
})

test('variants follow: those of a draft cannot be ordered, a copy has them without stock and codes, a new lead shows on all', async () => {
  const options = [{ name: '색상', values: ['빨강', '파랑'] }]
  const variants = options[0]?.values.map((value) => ({ values: [value], stock: 3, sku: `S-${value}-${randomUUID()}` }))
  const model = await seller.expect(201, 'POST', '/products', { name: '모자', price, draft: true, options, variants })
  const [red] = (await seller.expect(200, 'GET', `/products/${model.id}/variants`)).variants
  const wanted = { productId: model.id, variantId: red.id, quantity: 1 }
  await stranger.expect(404, 'POST', '/orders', wanted, key())
  await app.anonymous.expect(404, 'GET', `/products/${model.id}/variants`)
  const headers = { 'content-type': 'image/jpeg' }
  const picture = await aPicture('jpeg', 20, 20)
  const { pictures } = await seller.expect(201, 'POST', `/products/${model.id}/pictures`, picture, headers)
  await seller.expect(200, 'PATCH', `/products/${model.id}`, { draft: false })
  const order = await stranger.expect(201, 'POST', '/orders', wanted, key())
  assert.deepEqual(order.items[0].imageUrls, pictures[0].imageUrls)
  const copy = await seller.expect(201, 'POST', `/products/${model.id}/copies`)
  const copied = (await seller.expect(200, 'GET', `/products/${copy.id}/variants`)).variants
  assert.deepEqual(
    copied.map(({ values, stock, sku }: { values: string[]; stock: number; sku: string | null }) => [
      values,
      stock,
      sku,
    ]),
    [
      [['빨강'], 0, null],
      [['파랑'], 0, null],
    ],
  )
  assert.deepEqual((await app.anonymous.expect(200, 'GET', '/products?q=모자')).items.length, 1)
})
