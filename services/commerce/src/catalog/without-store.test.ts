import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ S3_ENDPOINT: 'http://127.0.0.1:9' }) // nobody listens there

test('without the image store an upload is refused clearly, nothing half-made is left, and the shop goes on', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aProduct(seller)
  const picture = await aPicture('png', 40, 40)
  const answer = await seller.call('PUT', `/products/${id}/image`, picture, { 'content-type': 'image/png' })
  assert.deepEqual([answer.status, answer.body.code], [503, 'image_store_unavailable'])
  assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  assert.equal((await seller.expect(200, 'GET', `/products/${id}`)).imageUrls, null)
  assert.equal((await app.db('images').whereNull('unused_since')).length, 0) // whatever was stored goes again
  const file = await fetch(`${app.url}/images/i-aaaaaaaaaaaaaaaaaaaa-list.avif`)
  assert.deepEqual([file.status, file.headers.get('cache-control')], [503, 'no-store'])
  await seller.expect(201, 'POST', '/orders', { productId: id, quantity: 1 }, { 'idempotency-key': 'no-store' })
})
