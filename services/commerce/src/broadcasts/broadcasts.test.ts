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

  test('one that is not listed is in its seller’s list alone, and is seen by who has its address', async () => {
    const seller = await signedIn(app.url)
    const rehearsal = await seller.expect(201, 'POST', '/broadcasts', { title: 'Rehearsal', listed: false })
    assert.equal(rehearsal.listed, false)
    await app.db('broadcasts').where('id', rehearsal.id).update({ state: 'live' })
    const idsOf = async (client: typeof app.anonymous, query: string): Promise<string[]> =>
      (await client.expect(200, 'GET', `/broadcasts?${query}`)).items.map(({ id }: { id: string }) => id)
    for (const query of ['state=live&limit=100', `seller=${seller.id}`])
      assert.ok(!(await idsOf(app.anonymous, query)).includes(rehearsal.id), query)
    assert.deepEqual(await idsOf(seller, 'seller=me'), [rehearsal.id])
    assert.equal((await app.anonymous.expect(200, 'GET', `/broadcasts/${rehearsal.id}`)).title, 'Rehearsal')
    await seller.expect(200, 'POST', `/broadcasts/${rehearsal.id}/end`)
    const show = await aBroadcast(seller)
    assert.equal(show.listed, true)
    assert.deepEqual(await idsOf(app.anonymous, `seller=${seller.id}`), [show.id])
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

describe('the tray of a show that is on', () => {
  async function aShow() {
    const seller = await signedIn(app.url)
    const products = await Promise.all([1, 2, 3, 4, 5].map((n) => aProduct(seller, { name: `Tea ${n}` })))
    const ids = products.map((each) => each.id as string)
    const { id } = await aBroadcast(seller, ids.slice(0, 4))
    const read = async () => await app.anonymous.expect(200, 'GET', `/broadcasts/${id}`)
    return { seller, ids, id, path: `/broadcasts/${id}`, read }
  }

  test('up to three products are pinned, in order; the old way of one pin is the first', async () => {
    const { seller, ids, path, read } = await aShow()
    const [a = '', b = '', c = '', d = ''] = ids
    const pins = await seller.expect(200, 'PUT', `${path}/pins`, { productIds: [b, a, c] })
    assert.deepEqual([pins.productId, pins.productIds], [b, [b, a, c]])
    const shown = await read()
    assert.deepEqual([shown.pinnedProductId, shown.pinnedProductIds], [b, [b, a, c]])
    await seller.expect(400, 'PUT', `${path}/pins`, { productIds: [a, b, c, d] })
    await seller.expect(400, 'PUT', `${path}/pins`, { productIds: [a, a] })
    await seller.expect(422, 'PUT', `${path}/pins`, { productIds: [a, ids[4]] })
    await seller.expect(201, 'POST', `${path}/pins`, { productId: d })
    assert.deepEqual((await read()).pinnedProductIds, [d])
    await seller.expect(201, 'POST', `${path}/pins`, { productId: null })
    assert.deepEqual((await read()).pinnedProductIds, [])
  })

  test('what a process of the version before pinned is the one pin', async () => {
    const { seller, ids, id, path } = await aShow()
    await seller.expect(200, 'PUT', `${path}/pins`, { productIds: ids.slice(0, 3) })
    await app
      .db('broadcasts')
      .where({ id })
      .update({ pinned_product_id: ids[3], pinned_at: new Date(Date.now() + 5) })
    // its own seller is answered from the rows
    assert.deepEqual((await seller.expect(200, 'GET', path)).pinnedProductIds, [ids[3]])
  })

  test('products come, move, hide and go; what is hidden only its seller sees, nobody orders it, and its pin goes', async () => {
    const { seller, ids, path, read } = await aShow()
    const [a = '', b = '', c = '', d = '', e = ''] = ids
    await seller.expect(200, 'PUT', `${path}/pins`, { productIds: [a, b] })
    const items = [e, { productId: a, hidden: true }, c, b].map((one) =>
      typeof one === 'string' ? { productId: one } : one,
    )
    const own = await seller.expect(200, 'PUT', `${path}/products`, { items })
    const idsOf = (products: { id: string }[]) => products.map((each) => each.id)
    assert.deepEqual([idsOf(own.products), idsOf(own.hiddenProducts), own.trayRevision], [[e, c, b], [a], 1])
    const shown = await read()
    assert.deepEqual([idsOf(shown.products), shown.hiddenProducts, shown.pinnedProductIds], [[e, c, b], [], [b]])
    assert.deepEqual(idsOf((await seller.expect(200, 'GET', path)).hiddenProducts), [a])
    const buyer = await signedIn(app.url)
    for (const productId of [a, d]) {
      const order = { productId, quantity: 1, broadcastId: own.id }
      const refusal = await buyer.expect(422, 'POST', '/orders', order, { 'idempotency-key': productId })
      assert.equal(refusal.code, 'not_in_broadcast')
    }
    await seller.expect(422, 'PUT', `${path}/pins`, { productIds: [a] })
    const stranger = await signedIn(app.url)
    const strange = await aProduct(stranger)
    await seller.expect(422, 'PUT', `${path}/products`, { items: [{ productId: strange.id }] })
    await seller.expect(400, 'PUT', `${path}/products`, { items: [{ productId: a }, { productId: a }] })
    await stranger.expect(403, 'PUT', `${path}/products`, { items: [] })
    await seller.expect(200, 'POST', `${path}/end`)
    await seller.expect(409, 'PUT', `${path}/products`, { items: [] })
  })

  test('a product that is not on offer any more stays in the show that has it', async () => {
    const { seller, ids, path, read } = await aShow()
    await seller.expect(200, 'PATCH', `/products/${ids[0]}`, { listed: false })
    await seller.expect(200, 'PUT', `${path}/products`, { items: [{ productId: ids[1] }, { productId: ids[0] }] })
    assert.equal((await read()).products.length, 2)
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
