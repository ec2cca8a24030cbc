/** What an order promises: the price that was agreed to, what was bought, and the broadcast it came from. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aBroadcast, aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { EventReader } from '../testing/event-reader.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const seller = await signedIn(app.url)
const newKey = () => ({ 'idempotency-key': randomUUID() })
const krw = (amount: number) => ({ amount, currency: 'KRW' })

test('a price that changed between view and press is told with the new one, and nothing is reserved', async () => {
  const product = await aProduct(seller, { stock: 10, amount: 12_900 })
  const other = await aProduct(seller, { stock: 10, amount: 1_000 })
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { price: krw(19_900) })
  const buyer = await signedIn(app.url)
  const wanted = { productId: product.id, quantity: 2 }
  const key = newKey()
  const refused = await buyer.expect(409, 'POST', '/orders', { ...wanted, expectedTotal: krw(25_800) }, key)
  assert.deepEqual([refused.code, refused.total], ['price_changed', krw(39_800)])
  const items = [wanted, { productId: other.id, quantity: 1 }]
  const basket = await buyer.expect(409, 'POST', '/orders', { items, expectedTotal: krw(26_800) }, newKey())
  assert.deepEqual([basket.code, basket.total], ['price_changed', krw(40_800)])
  assert.equal((await buyer.expect(200, 'GET', `/products/${product.id}`)).stock, 10)

  const agreed = { ...wanted, expectedTotal: krw(39_800) }
  const order = await buyer.expect(201, 'POST', '/orders', agreed, key)
  assert.deepEqual(order.total, krw(39_800))
  assert.equal((await buyer.expect(201, 'POST', '/orders', agreed, key)).id, order.id)
  const otherwise = { ...wanted, expectedTotal: krw(25_800) }
  assert.equal((await buyer.expect(422, 'POST', '/orders', otherwise, key)).code, 'idempotency_key_reused')
})

test('whoever watches is told of a new price by an event, and who comes later hears the same', async () => {
  const product = await aProduct(seller, { stock: 10, amount: 12_900 })
  const broadcast = await aBroadcast(seller, [product.id])
  const another = await app.another()
  await using viewer = await EventReader.open(another.url, broadcast.id)
  const first = await viewer.next('price')
  assert.deepEqual(first.data, { productId: product.id, price: krw(12_900), revision: 1 })
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { name: 'Renamed' })
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { price: krw(19_900) })
  const told = await viewer.next('price')
  assert.deepEqual(told.data, { productId: product.id, price: krw(19_900), revision: 3 })
  await using later = await EventReader.open(app.url, broadcast.id)
  assert.deepEqual((await later.next('price')).data, told.data)
  await seller.expect(200, 'POST', `/broadcasts/${broadcast.id}/end`)
})

test('an order keeps the name and the image of what was bought', async () => {
  const product = await aProduct(seller, { stock: 10, name: 'Citron tea' })
  const image = await seller.expect(200, 'PUT', `/products/${product.id}/image`, await aPicture('jpeg', 40, 40), {
    'content-type': 'image/jpeg',
  })
  const buyer = await signedIn(app.url)
  const wanted = { productId: product.id, quantity: 1 }
  const other = await aProduct(seller, { name: 'Cup' })
  const single = await buyer.expect(201, 'POST', '/orders', wanted, newKey())
  const items = [wanted, { productId: other.id, quantity: 1 }]
  const basket = await buyer.expect(201, 'POST', '/orders', { items }, newKey())
  await seller.expect(200, 'PUT', `/products/${product.id}/image`, await aPicture('png', 30, 30), {
    'content-type': 'image/png',
  })
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { name: 'Ginger tea' })
  const again = await buyer.expect(200, 'GET', `/orders/${single.id}`)
  assert.deepEqual([again.items[0].name, again.items[0].imageUrls], ['Citron tea', image.imageUrls])
  const names = (await buyer.expect(200, 'GET', `/orders/${basket.id}`)).items.map(
    (item: { name: string }) => item.name,
  )
  assert.deepEqual(names.toSorted(), ['Citron tea', 'Cup'])
  const later = await buyer.expect(201, 'POST', '/orders', wanted, newKey())
  assert.equal(later.items[0].name, 'Ginger tea')
})

test('an order names a broadcast that shows its products, or none; a repeated one is answered although it shows them no more', async () => {
  const [shown, hidden] = [await aProduct(seller), await aProduct(seller)]
  const broadcast = await aBroadcast(await signedIn(app.url))
  await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea', productIds: [shown.id] })
  const own = (await seller.expect(200, 'GET', '/broadcasts?seller=me')).items[0].id
  const buyer = await signedIn(app.url)
  const order = (status: number, productId: string, broadcastId: string, key = newKey()) =>
    buyer.expect(status, 'POST', '/orders', { productId, quantity: 1, broadcastId }, key)
  assert.equal((await order(422, shown.id, broadcast.id)).code, 'not_in_broadcast')
  assert.equal((await order(422, hidden.id, own)).code, 'not_in_broadcast')
  assert.equal((await order(422, shown.id, 'bc_nothing')).code, 'not_in_broadcast')
  const key = newKey()
  const made = await order(201, shown.id, own, key)
  await app.db('broadcast_products').where('broadcast_id', own).delete()
  const another = await app.another() // which remembers nothing
  const elsewhere = Object.assign(await signedIn(another.url), { token: buyer.token })
  const body = { productId: shown.id, quantity: 1, broadcastId: own }
  assert.equal((await elsewhere.expect(201, 'POST', '/orders', body, key)).id, made.id)
})

test('an order whose money all went back by a process of the version before says so', async () => {
  const product = await aProduct(seller, { amount: 12_900 })
  const buyer = await signedIn(app.url)
  const order = await buyer.expect(201, 'POST', '/orders', { productId: product.id, quantity: 2 }, newKey())
  await app.db('orders').where('id', order.id).update({ state: 'REFUNDED' })
  assert.deepEqual((await buyer.expect(200, 'GET', `/orders/${order.id}`)).refunded, krw(25_800))
})
