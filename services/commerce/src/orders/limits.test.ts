/** How many units of a product one buyer may hold and buy, through the doors of the service. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const another = await app.another()
const seller = await signedIn(app.url)

const newKey = () => ({ 'idempotency-key': randomUUID() })
const limit = (productId: string, limitPerBuyer: number | null) =>
  seller.expect(200, 'PATCH', `/products/${productId}`, { limitPerBuyer })

test('40 orders of one buyer at once through two processes: as many units as the limit allows', async () => {
  const product = await aProduct(seller, { stock: 100 })
  const extra = await aProduct(seller, { stock: 100 })
  for (const { id } of [product, extra]) {
    await seller.expect(200, 'PATCH', `/products/${id}`, { unpaidOrdersPerBuyer: 100 })
  }
  await limit(product.id, 5)
  const buyer = await signedIn(app.url)
  const elsewhere = Object.assign(await signedIn(another.url), { token: buyer.token })
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => {
      const single = { productId: product.id, quantity: 1 }
      const basket = { items: [single, { productId: extra.id, quantity: 1 }] }
      return (n % 2 ? buyer : elsewhere).post('/orders', n % 4 < 2 ? single : basket, newKey())
    }),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 5)
  const refused = answers.filter(({ status, body }) => status === 409 && body.code === 'over_limit')
  assert.equal(refused.length, 35)
  assert.ok(refused.every(({ body }) => body.detail.includes(product.id)))
  assert.equal((await buyer.expect(200, 'GET', `/products/${product.id}`)).stock, 95)
})

test('units that a buyer gives back count no more, and another buyer has a limit of their own', async () => {
  const product = await aProduct(seller, { stock: 10 })
  await limit(product.id, 2)
  const [ann, bo] = [await signedIn(app.url), await signedIn(app.url)]
  const two = { productId: product.id, quantity: 2 }
  const order = await ann.expect(201, 'POST', '/orders', two, newKey())
  await bo.expect(201, 'POST', '/orders', two, newKey())
  assert.equal((await ann.expect(409, 'POST', '/orders', { ...two, quantity: 1 }, newKey())).code, 'over_limit')
  await ann.expect(200, 'POST', `/orders/${order.id}/cancel`)
  await ann.expect(201, 'POST', '/orders', two, newKey())
})

test('a limit is set when the product is made, is shown, changed, and taken away', async () => {
  const price = { amount: 100, currency: 'KRW' }
  const made = await seller.expect(201, 'POST', '/products', { name: 'Cup', price, stock: 10, limitPerBuyer: 1 })
  assert.equal(made.limitPerBuyer, 1)
  const buyer = await signedIn(app.url)
  const order = (status: number) =>
    buyer.expect(status, 'POST', '/orders', { productId: made.id, quantity: 1 }, newKey())
  await order(201)
  await order(409)
  assert.equal((await limit(made.id, 2)).limitPerBuyer, 2)
  await order(201)
  await order(409)
  assert.equal((await limit(made.id, null)).limitPerBuyer, null)
  await order(201)
  assert.equal((await buyer.expect(200, 'GET', `/products/${made.id}`)).limitPerBuyer, null)
  await seller.expect(400, 'PATCH', `/products/${made.id}`, { limitPerBuyer: 0 })
  await buyer.expect(403, 'PATCH', `/products/${made.id}`, { limitPerBuyer: 1 })
})
