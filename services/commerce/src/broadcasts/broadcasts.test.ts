import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aBroadcast, aPicture, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({
  PUBLIC_HTTP_URL: 'https://shop.example/',
  PUBLIC_RTMP_URL: 'rtmps://shop.example/live',
})

describe('broadcasts', () => {
  test('one without a time opens at once, with its products in order and its addresses', async () => {
    const seller = await signedIn(app.url, 'Hana')
    const products = [await aProduct(seller), await aProduct(seller, { stock: 3 })]
    const ids = products.map((product) => product.id).toReversed()
    const made = await aBroadcast(seller, ids)
    assert.match(made.id, /^b-[a-z0-9]{26}$/)
    assert.equal(made.state, 'open')
    assert.equal(made.rtmpUrl, 'rtmps://shop.example/live')
    assert.equal(made.hlsUrl, `https://shop.example/hls/${made.id}/index.m3u8`)
    assert.equal(made.hlsOrigin, null)
    assert.equal(made.sellerName, 'Hana')
    assert.deepEqual(
      made.products.map((product: { id: string }) => product.id),
      ids,
    )
    assert.equal(made.products[0].stock, 3)
    assert.ok(!JSON.stringify(made).includes(seller.streamKey))
    assert.deepEqual(await app.anonymous.expect(200, 'GET', `/broadcasts/${made.id}`), made)
  })

  test('where streams have an address of their own, that is handed out', async () => {
    const elsewhere = await startTestApp({
      PUBLIC_HTTP_URL: 'https://shop.example',
      PUBLIC_HLS_URL: 'https://live.example/',
    })
    const seller = await signedIn(elsewhere.url)
    const made = await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea', recording: true })
    assert.equal(made.hlsOrigin, 'https://live.example')
    assert.equal(made.hlsUrl, `https://live.example/hls/${made.id}/index.m3u8`)
    assert.equal(made.recordingUrl, `https://live.example/hls/${made.id}/recording/index.m3u8`)
  })

  test('one that is to be recorded says where', async () => {
    const seller = await signedIn(app.url)
    const made = await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea', recording: true })
    assert.equal(made.recordingUrl, `https://shop.example/hls/${made.id}/recording/index.m3u8`)
    await seller.expect(200, 'POST', `/broadcasts/${made.id}/end`)
    assert.equal((await seller.expect(201, 'POST', '/broadcasts', { title: 'Tea' })).recordingUrl, null)
  })

  test('a seller has one open broadcast, however many are created at once', async () => {
    const seller = await signedIn(app.url)
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => seller.post('/broadcasts', { title: 'Tea', productIds: [] })),
    )
    assert.equal(answers.filter((answer) => answer.status === 201).length, 1)
    for (const answer of answers) if (answer.status !== 201) assert.equal(answer.body.code, 'broadcast_open')
    const open = answers.find((answer) => answer.status === 201)?.body
    await seller.expect(200, 'POST', `/broadcasts/${open.id}/end`)
    await aBroadcast(seller)
  })

  test('a scheduled one opens when its seller opens it', async () => {
    const seller = await signedIn(app.url)
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString()
    const later = await seller.expect(201, 'POST', '/broadcasts', { title: 'Later', productIds: [], scheduledAt })
    assert.equal(later.state, 'scheduled')
    assert.equal(later.scheduledAt, scheduledAt)
    const now = await aBroadcast(seller)
    assert.equal((await seller.expect(409, 'POST', `/broadcasts/${later.id}/open`)).code, 'broadcast_open')
    await seller.expect(200, 'POST', `/broadcasts/${now.id}/end`)
    assert.equal((await seller.expect(200, 'POST', `/broadcasts/${later.id}/open`)).state, 'open')
    assert.equal((await seller.expect(200, 'POST', `/broadcasts/${later.id}/open`)).state, 'open')
    const ended = await seller.expect(200, 'POST', `/broadcasts/${later.id}/end`)
    assert.deepEqual([ended.state, ended.endedBy], ['ended', 'seller'])
    assert.equal((await seller.expect(200, 'POST', `/broadcasts/${later.id}/end`)).endedAt, ended.endedAt)
    assert.equal((await seller.expect(409, 'POST', `/broadcasts/${later.id}/open`)).code, 'broadcast_state')
  })

  test('a time that is over, and products of others, are refused', async () => {
    const [seller, other] = [await signedIn(app.url), await signedIn(app.url)]
    const { id } = await aProduct(other)
    const past = { title: 'Tea', productIds: [], scheduledAt: '2020-01-01T00:00:00Z' }
    assert.equal((await seller.expect(422, 'POST', '/broadcasts', past)).code, 'scheduled_in_past')
    const never = { title: 'Tea', productIds: [], scheduledAt: '9999-12-31T23:59:59-05:00' }
    await seller.expect(400, 'POST', '/broadcasts', never)
    const foreign = { title: 'Tea', productIds: [id] }
    assert.equal((await seller.expect(422, 'POST', '/broadcasts', foreign)).code, 'product_not_offered')
    await seller.expect(400, 'POST', '/broadcasts', { title: 'Tea', productIds: [id, id] })
    assert.equal((await seller.expect(200, 'GET', '/broadcasts?seller=me')).items.length, 0)
  })

  test('only its seller or an admin ends it', async () => {
    const [seller, other] = [await signedIn(app.url), await signedIn(app.url)]
    const { id } = await aBroadcast(seller)
    await other.expect(403, 'POST', `/broadcasts/${id}/end`)
    await app.db('accounts').where('id', other.id).update({ role: 'admin' })
    other.token = (await other.expect(201, 'POST', '/sessions/refresh')).accessToken
    assert.equal((await other.expect(200, 'POST', `/broadcasts/${id}/end`)).endedBy, 'admin')
  })

  test('a product of it is pinned and the pin taken away', async () => {
    const seller = await signedIn(app.url)
    const [shown, other] = [await aProduct(seller), await aProduct(seller)]
    const { id } = await aBroadcast(seller, [shown.id])
    const pin = await seller.expect(201, 'POST', `/broadcasts/${id}/pins`, { productId: shown.id })
    assert.equal(pin.productId, shown.id)
    assert.equal((await seller.expect(200, 'GET', `/broadcasts/${id}`)).pinnedProductId, shown.id)
    const refusal = await seller.expect(422, 'POST', `/broadcasts/${id}/pins`, { productId: other.id })
    assert.equal(refusal.code, 'product_not_shown')
    await seller.expect(201, 'POST', `/broadcasts/${id}/pins`, { productId: null })
    assert.equal((await seller.expect(200, 'GET', `/broadcasts/${id}`)).pinnedProductId, null)
    assert.equal((await app.db('broadcast_pins').where('broadcast_id', id)).length, 2)
  })
})

describe('lists', () => {
  test('live has the live and the interrupted, with pictures, newest first, by cursor', async () => {
    const ids: string[] = []
    for (const state of ['live', 'open', 'interrupted', 'live']) {
      const seller = await signedIn(app.url)
      const { id } = await aBroadcast(seller)
      await app.db('broadcasts').where({ id }).update({ state })
      const picture = await aPicture('webp', 64, 36)
      const { imageUrls } = await seller.expect(200, 'PUT', `/broadcasts/${id}/image`, picture, {
        'content-type': 'image/webp',
      })
      assert.equal((await fetch(app.url + imageUrls.list.webp)).status, 200)
      if (state !== 'open') ids.push(id)
    }
    const first = await app.anonymous.expect(200, 'GET', '/broadcasts?state=live&limit=2')
    const second = await app.anonymous.expect(200, 'GET', `/broadcasts?state=live&limit=2&cursor=${first.nextCursor}`)
    const items = [...first.items, ...second.items]
    assert.deepEqual(
      items.map((each) => each.id),
      ids.toReversed(),
    )
    assert.ok(items.every((each) => each.imageUrls.list.avif.startsWith('/images/i-')))
    assert.equal(second.nextCursor, null)
    await app.anonymous.expect(400, 'GET', '/broadcasts?state=sleeping')
    await app.anonymous.expect(401, 'GET', '/broadcasts?seller=me')
  })
})
