/** Adding units: once for a request, however often it is sent, and never more than the books can count. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const seller = await signedIn(app.url)

test('a request to add units that is sent again, at once or later, adds them once', async () => {
  const { id } = await aProduct(seller, { stock: 10 })
  const key = { 'idempotency-key': 'a delivery' }
  const add = (status: number, units: number) => seller.expect(status, 'POST', `/products/${id}/stock`, { units }, key)
  await Promise.all(Array.from({ length: 5 }, () => add(200, 7)))
  assert.equal((await add(200, 7)).stock, 17)
  assert.equal((await add(422, 8)).code, 'idempotency_key_reused')
  assert.equal((await seller.expect(200, 'POST', `/products/${id}/stock`, { units: 7 })).stock, 24)
})

test('more units than the books can count are refused with a reason', async () => {
  const { id } = await aProduct(seller, { stock: 10 })
  await app.db('product_stock').where('product_id', id).update({ supplied: 2_147_483_000 })
  const refused = await seller.expect(422, 'POST', `/products/${id}/stock`, { units: 1_000 })
  assert.equal(refused.code, 'stock_too_large')
  assert.equal((await seller.expect(422, 'PATCH', `/products/${id}`, { stock: 10_000 })).code, 'stock_too_large')
  assert.equal((await seller.expect(200, 'GET', `/products/${id}`)).stock, 10)
})
