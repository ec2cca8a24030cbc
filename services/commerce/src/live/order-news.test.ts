/** Who hears of orders, for how long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Redis } from 'ioredis'
import { testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { eventually } from '../testing/eventually.ts'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, signedIn, testPassword } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()

test('a session that ends hears no more of orders: its streams of them end, those of broadcasts go on without', async (t) => {
  const redis = new Redis(await testRedisUrl())
  t.after(() => redis.disconnect())
  const buyer = await signedIn(app.url)
  const other = Object.assign(await signedIn(app.url), { cookie: undefined as string | undefined })
  await other.expect(201, 'POST', '/sessions', { email: buyer.email, password: testPassword })
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  const [ended, stays] = [{ cookie: buyer.cookie ?? '' }, { cookie: other.cookie ?? '' }]
  await using alone = await EventReader.openAt(app.url, '/orders/events', ended)
  await using watching = await EventReader.openAt(app.url, `/broadcasts/${id}/events`, ended)
  await using others = await EventReader.openAt(app.url, '/orders/events', stays)
  const tell = (orderId: string) => redis.publish(`buyer:${buyer.id}:orders`, JSON.stringify({ orderId }))
  const heard = async (reader: EventReader) => (await reader.next('order')).data.orderId

  await tell('o-1')
  assert.deepEqual(await Promise.all([alone, watching, others].map(heard)), ['o-1', 'o-1', 'o-1'])
  await buyer.expect(204, 'DELETE', '/sessions/current')
  await tell('o-2')
  assert.equal(await heard(others), 'o-2')
  await alone.closed
  await seller.expect(200, 'POST', `/broadcasts/${id}/end`)
  await eventually('the end is told', () => Promise.resolve(watching.events.find(({ data }) => data.state === 'ended')))
  const left = [...alone.events, ...watching.events].filter(({ type }) => type === 'order')
  assert.deepEqual(left, [])
})
