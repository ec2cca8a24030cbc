/** Images that nothing shows leave the bucket, a week after; what a product, a broadcast or an order shows stays. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { s3Of } from '@mytaek1/platform/env.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import { aBroadcast, aPicture, aProduct, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { createImageStore } from './image-store.ts'
import { removeUnusedImages } from './unused-images.ts'

const dayMs = 24 * 3_600_000
const app = await startTestApp({ LIMIT_UPLOADS_PER_MINUTE: '1000' })
const objects = connectObjectStore(s3Of(app.config))
const store = createImageStore(objects)
const log = createLogger({ service: 'test' }, { write: () => undefined })
test.after(() => objects.close())
const seller = await signedIn(app.url)

const clean = (days: number, on: typeof store = store) =>
  removeUnusedImages({ db: app.db, store: on, log }, new Date(Date.now() + days * dayMs))

/** Gives a product or a broadcast a picture; answers the path of its smallest file. */
async function upload(path: string, picture: Uint8Array, as: TestAccount = seller): Promise<string> {
  const { imageUrls } = await as.expect(200, 'PUT', `${path}/image`, picture, { 'content-type': 'image/jpeg' })
  return imageUrls.list.jpeg
}
const statusOf = async (file: string) => (await app.anonymous.get(file)).status
const filesOf = async (file: string) => (await objects.list(file.slice(1).replace('-list.jpeg', ''))).length
const order = async (buyer: TestAccount, productId: string) =>
  await buyer.expect(201, 'POST', '/orders', { productId, quantity: 1 }, { 'idempotency-key': randomUUID() })

test('a picture that another took the place of goes after a week, with all its files, and not before', async () => {
  const { id } = await aProduct(seller)
  const old = await upload(`/products/${id}`, await aPicture())
  const present = await upload(`/products/${id}`, await aPicture())
  assert.equal(await clean(6.9), 0)
  assert.equal(await statusOf(old), 200)
  assert.equal(await clean(7.1), 1)
  assert.equal(await statusOf(old), 404)
  assert.equal(await filesOf(old), 0)
  assert.equal(await statusOf(present), 200)
  assert.equal(await clean(700), 0)
  assert.equal(await filesOf(present), 9)
})

test('a broadcast’s picture goes likewise, and an equal one that a product shows stays', async () => {
  const show = await aBroadcast(seller)
  const [shown, own] = [await aPicture(), await aPicture()]
  const { id } = await aProduct(seller)
  const both = await upload(`/products/${id}`, shown)
  assert.equal(await upload(`/broadcasts/${show.id}`, shown), both)
  const alone = await upload(`/broadcasts/${show.id}`, own)
  await upload(`/broadcasts/${show.id}`, await aPicture())
  assert.equal(await clean(8), 1)
  assert.deepEqual([await statusOf(both), await statusOf(alone)], [200, 404])
})

test('what an order shows stays for ever, and what was never ordered goes', async () => {
  const buyer = await signedIn(app.url)
  const [ordered, never] = [await aProduct(seller), await aProduct(seller)]
  const bought = await upload(`/products/${ordered.id}`, await aPicture())
  const { id } = await order(buyer, ordered.id)
  await upload(`/products/${ordered.id}`, await aPicture())
  const passed = await upload(`/products/${never.id}`, await aPicture())
  await upload(`/products/${never.id}`, await aPicture())
  assert.equal(await clean(8), 1)
  assert.equal((await buyer.expect(200, 'GET', `/orders/${id}`)).imageUrls?.list.jpeg ?? bought, bought)
  assert.deepEqual([await statusOf(bought), await statusOf(passed)], [200, 404])
})

test('an upload of a picture whose files are being removed comes again; a removal that died is done again', async () => {
  const { id } = await aProduct(seller)
  const picture = await aPicture()
  const old = await upload(`/products/${id}`, picture)
  await upload(`/products/${id}`, await aPicture())
  const imageId = /i-[a-z2-7]{20}/.exec(old)?.[0]
  const failing = { ...store, remove: () => Promise.reject(new Error('no store')) }
  assert.equal(await clean(8, failing), 0)
  await app
    .db('images')
    .where('id', imageId)
    .update({ removing_since: new Date(Date.now() + 8 * dayMs) })
  const headers = { 'content-type': 'image/jpeg' }
  assert.equal((await seller.expect(503, 'PUT', `/products/${id}/image`, picture, headers)).code, 'busy')
  await app.db('images').where('id', imageId).update({ unused_since: new Date() }) // as if that upload had never been
  assert.equal(await clean(8), 0) // another process is at it
  assert.equal(await clean(8.1), 1)
  assert.equal(await upload(`/products/${id}`, picture), old)
  assert.equal(await clean(9), 1) // the one that it took the place of, not the picture that was marked anew
  assert.equal(await statusOf(old), 200)
})

test('a picture whose remover died can be uploaded again', async () => {
  const { id } = await aProduct(seller)
  const picture = await aPicture()
  const old = await upload(`/products/${id}`, picture)
  const imageId = /i-[a-z2-7]{20}/.exec(old)?.[0]
  const died = { removing_since: new Date(Date.now() - 11 * 60_000) }
  await app.db('images').where('id', imageId).update(died)
  assert.equal(await upload(`/products/${id}`, picture), old)
})

test('a process that stops begins with no further image', async () => {
  const { id } = await aProduct(seller)
  await upload(`/products/${id}`, await aPicture())
  await upload(`/products/${id}`, await aPicture())
  const later = new Date(Date.now() + 30 * dayMs)
  assert.equal(await removeUnusedImages({ db: app.db, store, log, signal: AbortSignal.abort() }, later), 0)
  assert.ok((await clean(30)) > 0)
})

test('a further picture stays while its product has it, in whatever place, and goes when it was removed', async () => {
  const { id } = await aProduct(seller)
  const [first, second] = [await upload(`/products/${id}`, await aPicture()), await further(id, await aPicture())]
  await seller.expect(200, 'PUT', `/products/${id}/pictures`, {
    pictures: [second, first].map((file) => ({ id: idOf(file), alt: '' })),
  })
  await clean(8)
  assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200])
  await seller.expect(200, 'DELETE', `/products/${id}/pictures/${idOf(first)}`)
  await clean(8)
  assert.deepEqual([await statusOf(first), await statusOf(second)], [404, 200])
})

const idOf = (file: string) => /i-[a-z2-7]{20}/.exec(file)?.[0] ?? ''
async function further(productId: string, picture: Uint8Array): Promise<string> {
  const headers = { 'content-type': 'image/jpeg' }
  const { pictures } = await seller.expect(201, 'POST', `/products/${productId}/pictures`, picture, headers)
  return pictures.at(-1).imageUrls.list.jpeg
}
