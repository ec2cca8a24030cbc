import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ LIMIT_UPLOADS_PER_MINUTE: '1000' })
const seller = await signedIn(app.url)

const headers = { 'content-type': 'image/jpeg' }
const small = () => aPicture('jpeg', 20, 20)
interface Picture {
  id: string
  alt: string
  imageUrls: { list: { jpeg: string } }
}
const add = async (productId: string, picture: Uint8Array): Promise<Picture[]> =>
  (await seller.expect(201, 'POST', `/products/${productId}/pictures`, picture, headers)).pictures
const read = (productId: string) => app.anonymous.expect(200, 'GET', `/products/${productId}`)
const picturesOf = async (productId: string): Promise<Picture[]> => (await read(productId)).pictures
const ids = (pictures: readonly Picture[]) => pictures.map(({ id }) => id)

test('pictures come in the order in which they were added, and the first is the product’s image', async () => {
  const { id } = await aProduct(seller)
  await add(id, await small())
  const two = await add(id, await small())
  const product = await read(id)
  assert.deepEqual(product.pictures, two)
  assert.deepEqual(product.imageUrls, two[0]?.imageUrls)
})

test('they are put in another order, called, and removed; lists show the new lead', async () => {
  const { id, sellerId } = await aProduct(seller)
  await add(id, await small())
  await add(id, await small())
  const [a, b, c] = ids(await add(id, await small()))
  const pictures = [
    { id: c, alt: '앞에서 본 모습' },
    { id: a, alt: '' },
    { id: b, alt: 'From behind' },
  ]
  const answer = await seller.expect(200, 'PUT', `/products/${id}/pictures`, { pictures })
  assert.deepEqual(
    answer.pictures.map(({ id: each, alt }: Picture) => ({ id: each, alt })),
    pictures,
  )
  assert.deepEqual(await picturesOf(id), answer.pictures)
  const listed = await app.anonymous.expect(200, 'GET', `/products?seller=${sellerId}`)
  assert.deepEqual(listed.items[0].imageUrls, answer.pictures[0].imageUrls)
  await seller.expect(200, 'DELETE', `/products/${id}/pictures/${c}`)
  assert.deepEqual(ids(await picturesOf(id)), [a, b])
  assert.equal((await seller.expect(404, 'DELETE', `/products/${id}/pictures/${c}`)).code, 'not_found')
  await seller.expect(200, 'DELETE', `/products/${id}/pictures/${a}`)
  await seller.expect(200, 'DELETE', `/products/${id}/pictures/${b}`)
  assert.deepEqual([(await read(id)).imageUrls, await picturesOf(id)], [null, []])
})

test('an order that names other pictures than there are is refused, and nothing changes', async () => {
  const { id } = await aProduct(seller)
  await add(id, await small())
  const [a = '', b = ''] = ids(await add(id, await small()))
  for (const named of [[a], [a, a], [a, b, 'i-aaaaaaaaaaaaaaaaaaaa']]) {
    const pictures = named.map((each) => ({ id: each, alt: '' }))
    const refusal = await seller.expect(409, 'PUT', `/products/${id}/pictures`, { pictures })
    assert.equal(refusal.code, 'pictures_changed')
  }
  assert.deepEqual(ids(await picturesOf(id)), [a, b])
})

test('a product has eight at most; the same one again changes nothing', async () => {
  const { id } = await aProduct(seller)
  const first = await small()
  await add(id, first)
  for (let n = 1; n < 8; n += 1) await add(id, await small())
  const refusal = await seller.expect(409, 'POST', `/products/${id}/pictures`, await small(), headers)
  assert.equal(refusal.code, 'too_many_pictures')
  assert.equal((await add(id, first)).length, 8)
})

test('the single image goes on: it takes the place of the lead, and the others stay', async () => {
  const { id } = await aProduct(seller)
  const [a] = ids(await add(id, await small()))
  const [, b] = ids(await add(id, await small()))
  await seller.expect(200, 'PUT', `/products/${id}/image`, await small(), headers)
  const [lead, ...rest] = ids(await picturesOf(id))
  assert.notEqual(lead, a)
  assert.deepEqual(rest, [b])
})

test('what a process of the version before sets leads, whatever the list says', async () => {
  const { id } = await aProduct(seller)
  const [a = ''] = ids(await add(id, await small()))
  const [, b = ''] = ids(await add(id, await small()))
  const other = await aProduct(seller)
  const [c = ''] = ids(await add(other.id, await small()))
  await app.db('products').where({ id }).update({ image_id: c })
  assert.deepEqual(ids(await picturesOf(id)), [c, b])
  await app.db('products').where({ id }).update({ image_id: b })
  assert.deepEqual(ids(await picturesOf(id)), [b])
  await app.db('products').where({ id }).update({ image_id: a })
  assert.deepEqual(ids(await picturesOf(id)), [a, b])
})

test('an order keeps the picture that led when it was placed', async () => {
  const buyer = await signedIn(app.url)
  const { id } = await aProduct(seller)
  const [a] = await add(id, await small())
  const [, b] = await add(id, await small())
  const order = await buyer.expect(
    201,
    'POST',
    '/orders',
    { productId: id, quantity: 1 },
    {
      'idempotency-key': randomUUID(),
    },
  )
  const pictures = [b, a].map((each) => ({ id: each?.id, alt: '' }))
  await seller.expect(200, 'PUT', `/products/${id}/pictures`, { pictures })
  const kept = await buyer.expect(200, 'GET', `/orders/${order.id}`)
  assert.deepEqual(kept.items[0].imageUrls, a?.imageUrls)
})

test('nobody else changes them', async () => {
  const { id } = await aProduct(seller)
  const [a = ''] = ids(await add(id, await small()))
  const other = await signedIn(app.url)
  await other.expect(403, 'POST', `/products/${id}/pictures`, await small(), headers)
  await other.expect(403, 'PUT', `/products/${id}/pictures`, { pictures: [{ id: a, alt: 'mine' }] })
  await other.expect(403, 'DELETE', `/products/${id}/pictures/${a}`)
})
