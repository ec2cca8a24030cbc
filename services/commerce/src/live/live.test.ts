import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { livedTime } from '@mytaek1/platform/testing/lived-time.ts'
import { ApiClient } from '../testing/api-client.ts'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, aProduct, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const other = await app.another()

async function aShow(stock = 5) {
  const seller = await signedIn(app.url, 'Seller')
  const product = await aProduct(seller, { stock })
  const broadcast = await aBroadcast(seller, [product.id])
  return { seller, product, broadcast }
}

describe('live events', () => {
  test('a newcomer is told what there is now', async () => {
    const { product, broadcast } = await aShow(5)
    await using viewer = await EventReader.open(app.url, broadcast.id)
    assert.deepEqual((await viewer.next('state')).data, { state: 'open' })
    assert.deepEqual((await viewer.next('viewers')).data, { viewers: 0 })
    assert.deepEqual((await viewer.next('stock')).data, { productId: product.id, stock: 5, version: product.version })
  })

  test('an order through one process is told to viewers of another, and versions only grow', async () => {
    const { product, broadcast } = await aShow(5)
    await using viewer = await EventReader.open(other.url, broadcast.id)
    const first = await viewer.next('stock')
    const buyer = await signedIn(app.url)
    const order = { productId: product.id, quantity: 2, broadcastId: broadcast.id }
    const { id } = await buyer.expect(201, 'POST', '/orders', order, { 'idempotency-key': 'one' })
    const second = await viewer.next('stock')
    assert.equal(second.data.stock, 3)
    await buyer.expect(200, 'POST', `/orders/${id}/cancel`)
    const third = await viewer.next('stock')
    assert.equal(third.data.stock, 5)
    assert.ok(first.data.version < second.data.version && second.data.version < third.data.version)
  })

  test('pins, chat and the end are told in order, each with an id', async () => {
    const { seller, product, broadcast } = await aShow()
    await using viewer = await EventReader.open(other.url, broadcast.id)
    await viewer.next('stock')
    const buyer = await signedIn(app.url, '민아')
    await seller.expect(201, 'POST', `/broadcasts/${broadcast.id}/pins`, { productId: product.id })
    const { id } = await buyer.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: '안녕하세요 👋' })
    await seller.expect(200, 'POST', `/broadcasts/${broadcast.id}/end`)
    const events = [await viewer.nextOfLog('pin'), await viewer.nextOfLog('chat'), await viewer.nextOfLog('state')]
    assert.equal(events[0]?.data.productId, product.id)
    const author = { id: buyer.id, role: 'viewer' }
    assert.deepEqual({ ...events[1]?.data, at: '' }, { id, displayName: '민아', text: '안녕하세요 👋', at: '', author })
    assert.deepEqual(events[2]?.data, { state: 'ended' })
    for (const { id } of events) assert.match(id ?? '', /^\d+-\d+$/)
    await buyer.expect(409, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'late' })
  })

  test('what the seller says is the host’s, whoever else takes the same name', async () => {
    const { seller, broadcast } = await aShow()
    await using viewer = await EventReader.open(other.url, broadcast.id)
    const namesake = await signedIn(app.url, 'Seller')
    for (const one of [seller, namesake])
      await one.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: '지금 할인해요' })
    const roles = [await viewer.nextOfLog('chat'), await viewer.nextOfLog('chat')].map(({ data }) => data.author?.role)
    assert.deepEqual(roles, ['host', 'viewer'])
  })

  test('a listener that comes back to another process with its last id misses nothing and gets nothing twice', async () => {
    const { broadcast } = await aShow()
    const buyers = await Promise.all(Array.from({ length: 4 }, () => signedIn(app.url)))
    const say = async (from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        const text = `message ${index}`
        await buyers[index % 4]?.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text })
      }
    }
    const heard: string[] = []
    let lastId: string | undefined
    {
      await using viewer = await EventReader.open(app.url, broadcast.id)
      await say(0, 5)
      for (let index = 0; index < 5; index += 1) {
        const event = await viewer.next('chat')
        heard.push(event.data.text)
        lastId = event.id
      }
    }
    await say(5, 9)
    await using viewer = await EventReader.open(other.url, broadcast.id, lastId)
    const rest = say(9, 12)
    while (heard.length < 12) heard.push((await viewer.next('chat')).data.text)
    await rest
    assert.deepEqual(
      heard,
      Array.from({ length: 12 }, (_, index) => `message ${index}`),
    )
  })

  test('a hidden message goes from every screen and is not shown to those who come later', async () => {
    const { seller, broadcast } = await aShow()
    const buyer = await signedIn(app.url)
    await using viewer = await EventReader.open(other.url, broadcast.id)
    const { id } = await buyer.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'spam' })
    await buyer.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'fine' })
    await buyer.expect(403, 'DELETE', `/broadcasts/${broadcast.id}/chat/${id}`)
    await seller.expect(204, 'DELETE', `/broadcasts/${broadcast.id}/chat/${id}`)
    assert.deepEqual((await viewer.next('chat_hidden')).data, { id })
    await buyer.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'after' })
    await viewer.next('chat')
    await using late = await EventReader.open(other.url, broadcast.id)
    assert.equal((await late.next('chat')).data.text, 'fine')
    // a page that opened its stream anew may still show it, and does not say where it was
    assert.deepEqual((await late.next('chat_hidden')).data, { id })
    await seller.expect(404, 'DELETE', `/broadcasts/${broadcast.id}/chat/${id}`)
  })

  test('who comes right after another is told what was said between, once', async () => {
    const { broadcast } = await aShow()
    const buyer = await signedIn(app.url)
    const say = (text: string) => buyer.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text })
    await using first = await EventReader.open(other.url, broadcast.id)
    await first.next('stock') // the log was read, and nothing was in it
    await say('one')
    await first.next('chat')
    await using second = await EventReader.open(other.url, broadcast.id)
    assert.equal((await second.next('chat')).data.text, 'one')
    await say('two')
    assert.equal((await second.next('chat')).data.text, 'two')
  })

  test('who writes too fast is told to wait, and bad messages are refused', async () => {
    const { broadcast } = await aShow()
    const buyer = await signedIn(app.url)
    const path = `/broadcasts/${broadcast.id}/chat`
    const since = performance.now()
    const answers = await Promise.all(Array.from({ length: 30 }, () => buyer.post(path, { text: 'hi' })))
    const windows = 1 + Math.floor((performance.now() - since) / 5_000) // five messages in five seconds
    const refused = answers.filter((answer) => answer.status === 429)
    assert.ok(
      refused.length <= 25 && refused.length >= 30 - 5 * windows,
      `${refused.length} in ${windows} times five s`,
    )
    assert.equal(refused[0]?.body.code, 'rate_limited')
    assert.ok(Number(refused[0]?.headers.get('retry-after')) >= 1)
    const another = await signedIn(app.url)
    for (const text of ['', '   ', 'x'.repeat(201), 'a\u0000b']) await another.expect(400, 'POST', path, { text })
    await app.anonymous.expect(401, 'POST', path, { text: 'hi' })
    await another.expect(404, 'POST', '/broadcasts/b-nothing/chat', { text: 'hi' })
  })

  test('products that come into a show while it is on are told with their stock, and orders of them, too, on every process', async () => {
    const { seller, product, broadcast } = await aShow(5)
    const added = await aProduct(seller, { stock: 7 })
    await using viewer = await EventReader.open(other.url, broadcast.id)
    await viewer.next('stock')
    const items = [{ productId: added.id }, { productId: product.id }]
    const since = livedTime()
    await seller.expect(200, 'PUT', `/broadcasts/${broadcast.id}/products`, { items })
    const tray = await viewer.next('tray')
    assert.ok(since.ms() < 1_000, 'within a second')
    since.stop()
    assert.deepEqual(tray.data, { revision: 1, productIds: [added.id, product.id] })
    assert.equal((await viewer.next('stock')).data.stock, 7)
    const buyer = await signedIn(app.url)
    const order = { productId: added.id, quantity: 2, broadcastId: broadcast.id }
    await buyer.expect(201, 'POST', '/orders', order, { 'idempotency-key': 'one' })
    assert.equal((await viewer.next('stock')).data.stock, 5)
    await seller.expect(200, 'PUT', `/broadcasts/${broadcast.id}/pins`, { productIds: [product.id, added.id] })
    assert.deepEqual((await viewer.nextOfLog('pin')).data.productIds, [product.id, added.id])
  })

  test('viewers counted by the edge are summed and told', async () => {
    const { broadcast } = await aShow()
    const redis = app.redis
    await redis.hset(`viewers:${broadcast.id}`, { 'edge-1': '40', 'edge-2': '2' })
    await using viewer = await EventReader.open(app.url, broadcast.id)
    let last = 0
    while (last !== 42) last = (await viewer.next('viewers')).data.viewers
    await app.db('broadcasts').where('id', broadcast.id).update({ state: 'live' })
    assert.equal((await app.anonymous.expect(200, 'GET', `/broadcasts/${broadcast.id}`)).viewers, 42)
  })

  test('what is written to the rows alone is told too: no event is needed', async () => {
    const { broadcast } = await aShow()
    await using viewer = await EventReader.open(app.url, broadcast.id)
    await viewer.next('stock')
    await app.db('broadcasts').where('id', broadcast.id).update({ state: 'live' })
    assert.deepEqual((await viewer.next('state')).data, { state: 'live' })
  })

  test('there are no events of an unknown broadcast', async () => {
    const answer = await new ApiClient(app.url).get('/broadcasts/b-nothing/events')
    assert.deepEqual([answer.status, answer.body.code], [404, 'not_found'])
  })
})
