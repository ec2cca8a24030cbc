/** Orders of variants, over HTTP. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, aProduct, aShirt, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, buyer] = await Promise.all([signedIn(app.url), signedIn(app.url)])
const won = (amount: number) => ({ amount, currency: 'KRW' })
const order = (status: number, body: Record<string, unknown>, key: string = randomUUID()) =>
  buyer.expect(status, 'POST', '/orders', body, { 'idempotency-key': key })
const choicesOf = async (productId: string) =>
  (await buyer.expect(200, 'GET', `/products/${productId}/variants`)).variants as {
    id: string
    values: string[]
    stock: number
  }[]
const read = (productId: string) => buyer.expect(200, 'GET', `/products/${productId}`)

test('an order of a variant costs its price, takes its units, and keeps its words whatever the seller changes later', async () => {
  const { product, ids } = await aShirt(seller)
  const [, redL = ''] = ids
  const asked = { productId: product.id, variantId: redL, quantity: 2, expectedTotal: won(44_000) }
  const made = await order(201, asked)
  assert.deepEqual([made.productId, made.total], [product.id, won(44_000)])
  const bought = {
    productId: product.id,
    variantId: redL,
    name: 'Shirt',
    options: [
      { name: '색상', value: '빨강' },
      { name: '사이즈', value: 'L' },
    ],
    imageUrls: null,
    quantity: 2,
    unitPrice: won(22_000),
    dealId: null,
  }
  assert.deepEqual(made.items, [bought])
  await eventually('the choices say what is left', async () => {
    const left = (await choicesOf(product.id)).map(({ stock }) => stock) // a read is shared for a second
    return left.join() === '4,2,4' ? left : undefined
  })
  assert.equal((await read(product.id)).stock, 10)
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { name: 'Blouse', price: won(1_000) })
  await seller.expect(200, 'PUT', `/products/${product.id}/variants`, {
    options: [
      { name: 'Colour', values: ['빨강'] },
      { name: 'Size', values: ['L'] },
    ],
    variants: [{ values: ['빨강', 'L'] }],
  })
  assert.deepEqual((await buyer.expect(200, 'GET', `/orders/${made.id}`)).items, [bought])
  const next = await order(201, { productId: product.id, variantId: redL, quantity: 1 })
  assert.deepEqual([next.items[0].name, next.items[0].options[0].name, next.total], ['Blouse', 'Colour', won(1_000)])
})

test('without a variant an order is answered with the choices; where there is but one, that is meant', async () => {
  const { product, ids } = await aShirt(seller)
  const refused = await order(400, { productId: product.id, quantity: 1 })
  assert.equal(refused.code, 'variant_required')
  assert.deepEqual(
    refused.variants.map(({ id }: { id: string }) => id),
    ids,
  )
  assert.deepEqual(refused.variants[1].price, won(22_000))
  const tea = await aProduct(seller)
  const items = [
    { productId: tea.id, quantity: 1 },
    { productId: product.id, quantity: 1 },
  ]
  const ofBasket = await order(400, { items })
  assert.equal(ofBasket.errors[0].path, 'items.1.variantId')
  await seller.expect(200, 'PUT', `/products/${product.id}/variants`, {
    options: [
      { name: '색상', values: ['검정'] },
      { name: '사이즈', values: ['L'] },
    ],
    variants: [{ values: ['검정', 'L'] }],
  })
  const made = await order(201, { productId: product.id, quantity: 1 })
  assert.equal(made.items[0].variantId, ids[2])
  const basket = await order(201, { items })
  assert.equal(basket.items.length, 2)
})

test('an order that named no variant is answered again when it is sent again, whatever is sold of the product by then', async () => {
  const { product, ids } = await aShirt(seller)
  const tea = await aProduct(seller)
  const options = [
    { name: '색상', values: ['검정'] },
    { name: '사이즈', values: ['L', 'M'] },
  ]
  const sell = (...values: string[][]) =>
    seller.expect(200, 'PUT', `/products/${product.id}/variants`, {
      options,
      variants: values.map((each) => ({ values: each })),
    })
  await sell(['검정', 'L'])
  const alone = { productId: product.id, quantity: 1 }
  const items = [{ productId: tea.id, quantity: 1 }, alone]
  const [one, two] = [randomUUID(), randomUUID()]
  const [first, basket] = [await order(201, alone, one), await order(201, { items }, two)]
  assert.deepEqual([(await order(201, alone, one)).id, (await order(201, { items }, two)).id], [first.id, basket.id])
  await sell(['검정', 'L'], ['검정', 'M'])
  assert.deepEqual([(await order(201, alone, one)).id, (await order(201, { items }, two)).id], [first.id, basket.id])
  assert.equal((await order(422, { ...alone, quantity: 2 }, one)).code, 'idempotency_key_reused')
  assert.equal((await choicesOf(product.id)).find(({ id }) => id === ids[2])?.stock, 2)
})

test('the only variant of a product, once by its name and once without, is no order', async () => {
  const { product } = await aShirt(seller)
  await seller.expect(200, 'PUT', `/products/${product.id}/variants`, {
    options: [{ name: '색상', values: ['검정'] }],
    variants: [{ values: ['검정'], stock: 5 }],
  })
  const [only] = await choicesOf(product.id)
  const items = [
    { productId: product.id, quantity: 1 },
    { productId: product.id, variantId: only?.id, quantity: 1 },
  ]
  const refused = await order(400, { items })
  assert.deepEqual([refused.code, refused.errors[0].path], ['variant_required', 'items.0.variantId'])
})

test('units that come back to a variant that is sold no more are not among those of its product', async () => {
  const owner = await signedIn(app.url) // a seller has one open broadcast at a time
  const { product, ids } = await aShirt(owner)
  const held = await order(201, { productId: product.id, variantId: ids[0], quantity: 3 })
  const sell = (variants: object[]) =>
    owner.expect(200, 'PUT', `/products/${product.id}/variants`, {
      options: [
        { name: '색상', values: ['검정', '빨강'] },
        { name: '사이즈', values: ['L', 'M'] },
      ],
      variants,
    })
  await sell([{ values: ['검정', 'L'] }])
  const before = await read(product.id)
  await buyer.expect(200, 'POST', `/orders/${held.id}/cancel`)
  const after = await read(product.id)
  assert.deepEqual([before.stock, after.stock], [4, 4])
  assert.ok(after.version > before.version)
  const broadcast = await aBroadcast(owner, [product.id])
  assert.equal((await buyer.expect(200, 'GET', `/broadcasts/${broadcast.id}`)).products[0].stock, 4)
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a product without options is ordered as before, with its own id for a variant or with none', async () => {
  const tea = await aProduct(seller)
  const made = await order(201, { productId: tea.id, quantity: 1 })
  assert.deepEqual([made.items[0].variantId, made.items[0].options], [tea.id, []])
  await order(201, { productId: tea.id, variantId: tea.id, quantity: 1 })
  assert.deepEqual([(await read(tea.id)).stock, (await read(tea.id)).options], [8, []])
})

test('two variants of a product in one order, sold out one by one, and released together', async () => {
  const { product, ids } = await aShirt(seller, { stock: 2 })
  const [redM = '', redL = ''] = ids
  const items = [redM, redL].map((variantId) => ({ productId: product.id, variantId, quantity: 2 }))
  const made = await order(201, { items, expectedTotal: won(84_000) })
  const again = await order(409, { items })
  assert.equal(again.code, 'sold_out')
  assert.deepEqual(
    again.errors.map(({ path }: { path: string }) => path),
    ['items.0', 'items.1'],
  )
  await buyer.expect(200, 'POST', `/orders/${made.id}/cancel`)
  assert.equal((await read(product.id)).stock, 6)
  const twice = [items[0], items[0]]
  assert.equal((await order(400, { items: twice })).errors[0].path, 'items.1.productId')
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a limit per buyer is of the product, and a price that changed is told', async () => {
  const { product, ids } = await aShirt(seller, { limitPerBuyer: 2 })
  const [redM = '', redL = ''] = ids
  await order(201, { productId: product.id, variantId: redM, quantity: 2 })
  assert.equal((await order(409, { productId: product.id, variantId: redL, quantity: 1 })).code, 'over_limit')
  const { product: other, ids: others } = await aShirt(seller)
  const late = { productId: other.id, variantId: others[1], quantity: 1, expectedTotal: won(20_000) }
  const changed = await order(409, late)
  assert.deepEqual([changed.code, changed.total], ['price_changed', won(22_000)])
})

test('what is no variant of the product, or is sold no more, is not for sale', async () => {
  const [{ product, ids }, { ids: strangers }] = await Promise.all([aShirt(seller), aShirt(seller)])
  await order(404, { productId: product.id, variantId: strangers[0], quantity: 1 })
  await order(404, { productId: ids[0], quantity: 1 })
  await seller.expect(200, 'PUT', `/products/${product.id}/variants`, {
    options: [
      { name: '색상', values: ['검정'] },
      { name: '사이즈', values: ['L'] },
    ],
    variants: [{ values: ['검정', 'L'] }],
  })
  await order(404, { productId: product.id, variantId: ids[0], quantity: 1 })
  await buyer.expect(404, 'GET', `/products/${ids[2]}`)
})

test('a broadcast that shows a product offers its variants', async () => {
  const { product, ids } = await aShirt(seller)
  const broadcast = await aBroadcast(seller, [product.id])
  const asked = { productId: product.id, variantId: ids[0], quantity: 1, broadcastId: broadcast.id }
  assert.equal((await order(201, asked)).broadcastId, broadcast.id)
  const { product: other, ids: others } = await aShirt(seller)
  const stranger = { productId: other.id, variantId: others[0], quantity: 1, broadcastId: broadcast.id }
  assert.equal((await order(422, stranger)).code, 'not_in_broadcast')
  assert.equal((await buyer.expect(200, 'GET', `/broadcasts/${broadcast.id}`)).products[0].stock, 11)
  const variantOnShow = { title: 'No', productIds: [ids[0]] }
  await seller.expect(422, 'POST', '/broadcasts', variantOnShow)
})
