/** Products with options, over HTTP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { aProduct, aShirt, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, stranger] = await Promise.all([signedIn(app.url), signedIn(app.url)])
const won = (amount: number) => ({ amount, currency: 'KRW' })
const put = (status: number, productId: string, plan: object, as = seller) =>
  as.expect(status, 'PUT', `/products/${productId}/variants`, plan)
const colours = (...values: string[]) => [{ name: 'Colour', values }]

test('a product is made with options and variants: order, prices, codes and stock are kept', async () => {
  const { product, variants } = await aShirt(seller)
  assert.deepEqual([product.stock, product.price], [12, won(20_000)])
  assert.deepEqual(product.options, [
    { name: '색상', values: ['빨강', '검정'] },
    { name: '사이즈', values: ['M', 'L'] },
  ])
  const shown = variants.map(({ values, price, stock }: Record<string, unknown>) => [values, price, stock])
  assert.deepEqual(shown, [
    [['빨강', 'M'], won(20_000), 4],
    [['빨강', 'L'], won(22_000), 4],
    [['검정', 'L'], won(20_000), 4],
  ])
  assert.match(variants[0].sku, /^RM-/)
  const { items } = await seller.expect(200, 'GET', '/products?seller=me')
  assert.equal(items.filter(({ name }: { name: string }) => name === 'Shirt').length, 1)
})

test('a product gets options later; a variant that is left out is sold no more, and comes back as the same', async () => {
  const tea = await aProduct(seller, { stock: 7 })
  const options = colours('red', 'blue')
  const red = { values: ['red'], stock: 3, price: won(9_000) }
  const blue = { values: ['blue'], stock: 5, price: won(8_000) }
  const made = await put(200, tea.id, { options, variants: [red, blue] })
  const now = async () => await seller.expect(200, 'GET', `/products/${tea.id}`)
  assert.deepEqual([(await now()).stock, (await now()).price], [8, won(8_000)])
  assert.ok((await now()).version > tea.version)
  const fewer = await put(200, tea.id, { options, variants: [{ values: ['red'] }] })
  assert.deepEqual(fewer.variants, [made.variants[0]])
  assert.deepEqual([(await now()).stock, (await now()).price], [3, won(9_000)])
  const back = await put(200, tea.id, { options, variants: [{ values: ['blue'], stock: 2 }, { values: ['red'] }] })
  assert.deepEqual(
    back.variants.map(({ id, stock }: { id: string; stock: number }) => [id, stock]),
    [
      [made.variants[1].id, 2],
      [made.variants[0].id, 3],
    ],
  )
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a code is one variant’s among all that its seller sells, and may change hands in one request', async () => {
  const [one, other] = await Promise.all([aProduct(seller), aProduct(seller)])
  const options = colours('red', 'blue')
  const codes = (red: string | null, blue: string | null) => ({
    options,
    variants: [
      { values: ['red'], sku: red },
      { values: ['blue'], sku: blue },
    ],
  })
  await put(200, one.id, codes('T-1', 'T-2'))
  const swapped = await put(200, one.id, codes('T-2', 'T-1'))
  assert.deepEqual(
    swapped.variants.map(({ sku }: { sku: string }) => sku),
    ['T-2', 'T-1'],
  )
  assert.equal((await put(409, other.id, codes('T-1', null))).code, 'sku_taken')
  await put(200, other.id, codes('T-3', null))
})

test('a new price is that of all variants, a new name theirs, and their stock is changed by naming them', async () => {
  const { product, ids } = await aShirt(seller)
  const patch = (status: number, change: object) => seller.expect(status, 'PATCH', `/products/${product.id}`, change)
  await patch(200, { price: won(15_000) })
  const read = () => seller.expect(200, 'GET', `/products/${product.id}/variants`)
  const prices = (await read()).variants.map(({ price }: { price: object }) => price)
  assert.deepEqual(prices, [won(15_000), won(15_000), won(15_000)])
  assert.equal((await patch(400, { stock: 3 })).code, 'variant_required')
  const add = (status: number, body: object) => seller.expect(status, 'POST', `/products/${product.id}/stock`, body)
  assert.equal((await add(400, { units: 3 })).code, 'variant_required')
  assert.equal((await add(200, { units: 3, variantId: ids[1] })).stock, 15)
  await add(404, { units: 3, variantId: (await aShirt(seller)).ids[1] })
  assert.equal((await read()).variants[1].stock, 7)
})

test('options and variants that do not fit are refused where they do not', async () => {
  const tea = await aProduct(seller)
  const variants = [{ values: ['red'] }]
  const cases: [object, string][] = [
    [{ options: colours('red'), variants: [{ values: ['green'] }] }, 'variants.0.values.0'],
    [{ options: colours('red', 'red'), variants }, 'options.0.values.1'],
    [{ options: [], variants }, 'options'],
    [{ options: colours('red'), variants: [] }, 'variants'],
    [
      { options: colours('red'), variants: [{ values: ['red'], price: { amount: 100, currency: 'USD' } }] },
      'variants.0.price.currency',
    ],
  ]
  for (const [plan, path] of cases) {
    const { errors } = await put(400, tea.id, plan)
    assert.equal(errors[0].path, path)
  }
  const newProduct = { name: 'Cap', price: won(1_000) }
  for (const more of [{}, { stock: 1, options: colours('red'), variants }, { options: colours('red') }]) {
    await seller.expect(400, 'POST', '/products', { ...newProduct, ...more })
  }
  await put(403, tea.id, { options: colours('red'), variants }, stranger)
  const { ids } = await aShirt(seller)
  await put(404, ids[0] ?? '', { options: colours('red'), variants })
  await seller.expect(404, 'PATCH', `/products/${ids[0]}`, { name: 'Mine' })
})
