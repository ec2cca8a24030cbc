/** Waiting lists over HTTP, with the whole service. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkBooks } from '../inventory/books.ts'
import { EventReader } from '../testing/event-reader.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, aProduct, aShirt, signedIn, testPassword, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const [seller, holder, first, second] = await Promise.all(Array.from({ length: 4 }, () => signedIn(app.url)))
assert.ok(seller && holder && first && second)

const order = (buyer: TestAccount, status: number, productId: string, variantId?: string) =>
  buyer.expect(status, 'POST', '/orders', { productId, variantId, quantity: 1 }, { 'idempotency-key': randomUUID() })
const join = (buyer: TestAccount, status: number, productId: string, variantId?: string) =>
  buyer.expect(status, 'POST', '/waiting-places', { productId, variantId })
const places = async (buyer: TestAccount) => (await buyer.expect(200, 'GET', '/waiting-places')).items

test('who waits sees their position, is told of the unit that is kept for them on the show’s stream, and orders it', async () => {
  const product = await aProduct(seller, { stock: 1 })
  const { id: broadcastId } = await aBroadcast(seller, [product.id])
  const held = await order(holder, 201, product.id)
  const place = { productId: product.id, variantId: product.id, position: 1, offeredUntil: null }
  assert.deepEqual(await join(first, 201, product.id), place)
  assert.deepEqual(await join(first, 201, product.id), place)
  assert.equal((await join(second, 201, product.id)).position, 2)

  const watching = { cookie: first.cookie ?? '' }
  await using stream = await EventReader.openAt(app.url, `/broadcasts/${broadcastId}/events`, watching)
  await using others = await EventReader.openAt(app.url, '/orders/events', { cookie: second.cookie ?? '' })
  await holder.expect(200, 'POST', `/orders/${held.id}/cancel`)
  const { data } = await stream.next('offer')
  assert.deepEqual([data.productId, data.variantId], [product.id, product.id])
  const [kept] = await places(first) // as after any reconnect
  assert.deepEqual([kept.position, kept.offeredUntil], [0, data.offeredUntil])
  assert.equal((await places(second))[0].position, 1)
  assert.equal((await first.expect(200, 'GET', `/products/${product.id}`)).stock, 0)
  assert.equal((await order(second, 409, product.id)).code, 'sold_out')

  const taken = await order(first, 201, product.id)
  assert.equal(taken.state, 'RESERVED')
  assert.deepEqual(await places(first), [])
  await first.expect(200, 'POST', `/orders/${taken.id}/cancel`)
  assert.equal((await others.next('offer')).data.productId, product.id)
  await second.expect(204, 'DELETE', `/waiting-places/${product.id}`)
  await second.expect(204, 'DELETE', `/waiting-places/${product.id}`)
  await eventually('the unit is for everybody', async () =>
    (await first.expect(200, 'GET', `/products/${product.id}`)).stock === 1 ? true : undefined,
  )
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a variant is waited for by its id, and stock that the seller adds is offered first', async () => {
  const { product, ids } = await aShirt(seller, { stock: 1 })
  const [redM = ''] = ids
  await order(holder, 201, product.id, redM)
  assert.equal((await join(first, 400, product.id)).code, 'variant_required')
  const place = await join(first, 201, product.id, redM)
  assert.deepEqual([place.productId, place.variantId, place.position], [product.id, redM, 1])
  await using stream = await EventReader.openAt(app.url, '/orders/events', { cookie: first.cookie ?? '' })
  const { variants, options } = await seller.expect(200, 'GET', `/products/${product.id}/variants`)
  const more = variants.map(({ values }: { values: string[] }, n: number) => ({ values, ...(n === 0 && { stock: 2 }) }))
  await seller.expect(200, 'PUT', `/products/${product.id}/variants`, { options, variants: more })
  const { data } = await stream.next('offer')
  assert.deepEqual([data.productId, data.variantId], [product.id, redM])
  await order(first, 201, product.id, redM)
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('what is on sale again after it was not is offered to who waited meanwhile, before anybody can order it', async () => {
  const product = await aProduct(seller, { stock: 1 })
  const held = await order(holder, 201, product.id)
  await join(first, 201, product.id)
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { listed: false })
  await holder.expect(200, 'POST', `/orders/${held.id}/cancel`)
  assert.equal((await places(first))[0].position, 1) // nobody is told of what they cannot order
  await using stream = await EventReader.openAt(app.url, '/orders/events', { cookie: first.cookie ?? '' })
  await seller.expect(200, 'PATCH', `/products/${product.id}`, { listed: true })
  assert.equal((await stream.next('offer')).data.productId, product.id)
  assert.equal((await order(second, 409, product.id)).code, 'sold_out')
  await order(first, 201, product.id)

  const { product: shirt, ids } = await aShirt(seller, { stock: 1 })
  const { variants, options } = await seller.expect(200, 'GET', `/products/${shirt.id}/variants`)
  const [redM = ''] = ids
  await order(holder, 201, shirt.id, redM)
  await join(first, 201, shirt.id, redM)
  const values = variants.map((variant: { values: string[] }) => ({ values: variant.values }))
  const change = (sold: object[]) =>
    seller.expect(200, 'PUT', `/products/${shirt.id}/variants`, { options, variants: sold })
  await change(values.slice(1))
  await change([{ ...values[0], stock: 1 }, ...values.slice(1)])
  assert.equal((await stream.next('offer')).data.variantId, redM)
  assert.equal((await order(second, 409, shirt.id, redM)).code, 'sold_out')

  const taken = await order(first, 201, shirt.id, redM)
  await join(second, 201, shirt.id, redM)
  await seller.expect(200, 'PATCH', `/products/${shirt.id}`, { listed: false })
  await first.expect(200, 'POST', `/orders/${taken.id}/cancel`)
  const level = () => app.db('product_stock').where('product_id', redM).first('stock', 'version', 'offered')
  const before = await level()
  await change(values)
  assert.deepEqual(await level(), before) // nothing is offered while it is off sale, and nothing told
  assert.deepEqual([before.stock, before.offered], [1, 0])
  assert.deepEqual((await checkBooks(app.db)).faults, [])
})

test('a place is refused with the reason that an order, or the list, has for it', async () => {
  const product = await aProduct(seller, { stock: 1 })
  const refused = async (status: number, productId: string) => (await join(first, status, productId)).code
  assert.equal(await refused(409, product.id), 'in_stock')
  assert.equal(await refused(404, 'prd_none'), 'not_found')
  assert.equal(
    (await app.anonymous.expect(401, 'POST', '/waiting-places', { productId: product.id })).code,
    'unauthenticated',
  )
  await app.anonymous.expect(401, 'GET', '/waiting-places')
  await order(holder, 201, product.id)
  await seller.expect(204, 'PUT', `/barred-buyers/${first.id}`)
  assert.equal(await refused(403, product.id), 'barred')
})

test('who deletes the account waits no more', async () => {
  const product = await aProduct(seller, { stock: 1 })
  const held = await order(holder, 201, product.id)
  const gone = await signedIn(app.url)
  await join(gone, 201, product.id)
  await join(second, 201, product.id)
  await gone.expect(204, 'POST', '/accounts/me/deletion', { password: testPassword })
  await eventually('the place is gone', async () => ((await places(second))[0].position === 1 ? true : undefined))
  await holder.expect(200, 'POST', `/orders/${held.id}/cancel`)
  assert.equal((await places(second))[0].position, 0)
})
