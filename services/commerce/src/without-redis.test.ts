/** What goes on while Redis is away: everything but the chat. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startRedis } from '@mytaek1/platform/testing/parts.ts'
import { EventReader } from './testing/event-reader.ts'
import { eventually } from './testing/eventually.ts'
import { aBroadcast, aProduct, signedIn, testPassword } from './testing/factories.ts'
import { startTestApp } from './testing/test-app.ts'

const redis = await startRedis()
after(() => redis.stop())
const app = await startTestApp({ REDIS_URLS: redis.url })

test('without Redis people sign in and buy, viewers see stock and state move, and the chat says it is away', async () => {
  const seller = await signedIn(app.url)
  const product = await aProduct(seller, { stock: 5 })
  const broadcast = await aBroadcast(seller, [product.id])
  const buyer = await signedIn(app.url)
  await using viewer = await EventReader.open(app.url, broadcast.id)
  const first = await viewer.next('stock')

  await redis.kill()
  await eventually('the service notices', async () => (app.redis.status === 'ready' ? undefined : true))

  await app.anonymous.expect(201, 'POST', '/sessions', { email: buyer.email, password: testPassword })
  const order = { productId: product.id, quantity: 2 }
  await buyer.expect(201, 'POST', '/orders', order, { 'idempotency-key': 'without-redis' })
  const second = await viewer.next('stock')
  assert.equal(second.data.stock, 3)
  assert.ok(second.data.version > first.data.version)

  await seller.expect(201, 'POST', `/broadcasts/${broadcast.id}/pins`, { productId: product.id })
  assert.equal((await viewer.next('pin')).data.productId, product.id) // by the rows

  await using late = await EventReader.open(app.url, broadcast.id)
  assert.equal((await late.next('stock')).data.stock, 3)

  const refusal = await buyer.expect(503, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'hello?' })
  assert.equal(refusal.code, 'chat_unavailable')

  const guess = () => app.anonymous.post('/sessions', { email: buyer.email, password: 'wrong password' })
  const statuses: number[] = []
  for (let index = 0; index < 12; index += 1) statuses.push((await guess()).status)
  assert.equal(statuses.filter((status) => status === 429).length, 2, 'each process counts for itself')
})

test('when Redis is back, empty, the chat goes on for viewers who never left', async () => {
  const seller = await signedIn(app.url)
  const broadcast = await aBroadcast(seller)
  await using viewer = await EventReader.open(app.url, broadcast.id) // joined while Redis is away
  const again = await startRedis({ port: redis.port })
  try {
    await eventually('the service is connected', async () => (app.redis.status === 'ready' ? true : undefined))
    await eventually('the channel is subscribed', async () => {
      const [, listeners] = (await app.redis.pubsub('NUMSUB', `live:${broadcast.id}:events`)) as [string, number]
      return listeners > 0 ? true : undefined
    })
    await seller.expect(202, 'POST', `/broadcasts/${broadcast.id}/chat`, { text: 'back again' })
    assert.equal((await viewer.next('chat')).data.text, 'back again')
  } finally {
    await again.stop()
  }
})
