/** That nobody keeps units from those who would pay: holds per buyer, per address, per minute, and sellers' bars. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aProduct, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp() // default settings
const seller = await signedIn(app.url)

const order = (buyer: TestAccount, productId: string, quantity: number, address = '203.0.113.7') =>
  buyer.post('/orders', { productId, quantity }, { 'idempotency-key': randomUUID(), 'x-forwarded-for': address })

test('one account presses 300 times for 100 units: it holds ten, and whoever comes second gets a unit', async () => {
  const product = await aProduct(seller, { stock: 100 })
  const hoarder = await signedIn(app.url)
  const answers = []
  for (let n = 0; n < 300; n += 1) answers.push(await order(hoarder, product.id, 1 + (n % 10)))
  const codes = new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))
  assert.ok(answers.filter(({ status }) => status === 201).length <= 3)
  assert.deepEqual(codes, new Set(['rate_limited', 'unpaid_limit']))
  assert.ok((await hoarder.expect(200, 'GET', `/products/${product.id}`)).stock >= 90)
  assert.equal((await order(await signedIn(app.url), product.id, 1)).status, 201)
})

test('50 accounts from one address press for 100 units: an honest buyer from there or elsewhere gets one', async () => {
  const product = await aProduct(seller, { stock: 100 })
  const hoarders = await Promise.all(Array.from({ length: 50 }, () => signedIn(app.url)))
  for (const quantity of [10, 5, 1, 1]) {
    await Promise.all(hoarders.map((hoarder) => order(hoarder, product.id, quantity)))
  }
  const { stock } = await seller.expect(200, 'GET', `/products/${product.id}`)
  assert.ok(stock >= 10 && stock < 60, `${stock} of 100 left`)
  assert.equal((await order(await signedIn(app.url), product.id, 1)).status, 201)
  assert.equal((await order(await signedIn(app.url), product.id, 2, '198.51.100.9')).status, 201)
})

test('a product may have limits of its own, and what is given back may be ordered again', async () => {
  const product = await aProduct(seller, { stock: 100 })
  assert.equal(product.unpaidUnitsPerBuyer, null)
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { unpaidUnitsPerBuyer: 40, unpaidOrdersPerBuyer: 1 })
  const buyer = await signedIn(app.url)
  assert.equal((await order(buyer, product.id, 41)).body.code, 'unpaid_limit')
  const made = await order(buyer, product.id, 40)
  assert.equal(made.status, 201)
  assert.equal((await order(buyer, product.id, 1)).body.code, 'unpaid_limit')
  await buyer.expect(200, 'POST', `/orders/${made.body.id}/cancel`)
  assert.equal((await order(buyer, product.id, 1)).status, 201)
})

test('what is paid for counts no more, and an order of several products holds each of them', async () => {
  const [tea, cup] = [await aProduct(seller, { stock: 50 }), await aProduct(seller, { stock: 50 })]
  const buyer = await signedIn(app.url)
  const items = [tea, cup].map(({ id: productId }) => ({ productId, quantity: 8 }))
  const basket = await buyer.post('/orders', { items }, { 'idempotency-key': randomUUID() })
  assert.equal(basket.status, 201)
  assert.equal((await order(buyer, tea.id, 3)).body.code, 'unpaid_limit')
  assert.equal((await order(buyer, tea.id, 2)).status, 201)
  await app.db('orders').where('id', basket.body.id).update({ state: 'PAID' })
  assert.equal((await order(buyer, cup.id, 10)).status, 201)
})

test('40 orders of one buyer at once through two processes hold no more than three orders', async () => {
  const product = await aProduct(seller, { stock: 100 })
  const another = await app.another()
  const buyer = await signedIn(app.url)
  const elsewhere = Object.assign(await signedIn(another.url), { token: buyer.token })
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => order(n % 2 ? buyer : elsewhere, product.id, 1)),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 3)
})

test('a repeated request is answered with its order, whatever its buyer holds by now', async () => {
  const product = await aProduct(seller, { stock: 100 })
  const buyer = await signedIn(app.url)
  const key = { 'idempotency-key': randomUUID() }
  const first = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 10 }, key)
  assert.equal((await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 10 }, key)).id, first.id)
})

test('a seller bars a buyer, who hears so, and takes their orders again', async () => {
  const product = await aProduct(seller, { stock: 10 })
  const buyer = await signedIn(app.url, 'Bo')
  const whose = `/orders/${(await order(buyer, product.id, 1)).body.id}/buyer`
  assert.deepEqual(await seller.expect(200, 'GET', whose), { id: buyer.id, displayName: 'Bo' })
  await buyer.expect(404, 'GET', whose) // it is asked for by whose products they are
  await seller.expect(404, 'GET', '/orders/o_nothing/buyer')
  await seller.expect(204, 'PUT', `/barred-buyers/${buyer.id}`)
  const { items } = await seller.expect(200, 'GET', '/barred-buyers')
  assert.deepEqual(
    items.map(({ id, displayName }: { id: string; displayName: string }) => [id, displayName]),
    [[buyer.id, 'Bo']],
  )
  const refused = await order(buyer, product.id, 1)
  assert.deepEqual([refused.status, refused.body.code], [403, 'barred'])
  assert.equal((await order(buyer, (await aProduct(await signedIn(app.url))).id, 1)).status, 201)
  await seller.expect(204, 'DELETE', `/barred-buyers/${buyer.id}`)
  assert.equal((await order(buyer, product.id, 1)).status, 201)
  await seller.expect(404, 'PUT', '/barred-buyers/acc_nobody')
})
