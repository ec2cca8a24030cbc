import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { ViewerReport } from './viewer-report.ts'
import { Viewers } from './viewers.ts'

const clients = connectRedis([await testRedisUrl()], createLogger({ service: 'test' }, { write: () => {} }))
const [redis] = clients
assert.ok(redis)
assert.ok(await redisReady(clients, 30_000))

after(() => closeRedis(clients))
const report = new ViewerReport(redis)

test('viewers whose requests go to several edge Pods are counted once, within two percent', async () => {
  const broadcast = `b-${randomUUID()}`
  const ids = Array.from({ length: 5_000 }, (_, index) => `viewer ${index}`)
  const at = 6_000 * 1_000_000 + 4_000
  await report.send(new Map([[broadcast, ids]]), at)
  await report.send(new Map([[broadcast, ids.slice(1_000)]]), at + 10)
  const [counted] = await redis.hvals(viewersKey(broadcast))
  assert.ok(Math.abs(Number(counted) - 5_000) <= 100, `${counted} viewers`)
  const ttl = await redis.ttl(viewersKey(broadcast))
  assert.ok(ttl > 0 && ttl <= 10)

  await report.send(new Map([[broadcast, []]]), at + 12_000)
  assert.deepEqual(await redis.hvals(viewersKey(broadcast)), ['0'], 'all of them left')
})

test('all broadcasts are two round trips, and one that fails does not cost the others their count', async (t) => {
  const names = [`b-${randomUUID()}`, `b-${randomUUID()}`, `b-${randomUUID()}`] as const
  const at = 6_000 * 1_000_000
  await redis.set(`viewers-seen:${names[1]}:1000000`, 'no count')
  const pipelines = t.mock.method(redis, 'pipeline')
  const transactions = t.mock.method(redis, 'multi')
  await report.send(new Map(names.map((name, index) => [name, ids(10 + index)])), at)
  assert.deepEqual([pipelines.mock.callCount(), transactions.mock.callCount()], [1, 1])
  const counted = await Promise.all(names.map((name) => redis.hvals(viewersKey(name))))
  assert.deepEqual(counted, [['10'], [], ['12']])
})

test('a block of addresses counts 256 viewers at most, however many Pods they ask', async () => {
  const broadcast = `b-${randomUUID()}`
  const at = 6_000 * 1_000_000 + 4_000
  const few = Array.from({ length: 40 }, (_, index) => `another ${index}`)
  const pods = [0, 1, 2].map(() => new Viewers())
  for (const [index, viewers] of pods.entries()) {
    for (let viewer = 0; viewer < 200; viewer++) viewers.seen(broadcast, `${index} ${viewer}`, 0, '203.0.113.0/24')
    for (const viewer of few) viewers.seen(broadcast, viewer, 0, '198.51.100.0/24')
  }
  const report = new ViewerReport(redis)
  const tell = async (nowMs: number) => {
    for (const viewers of pods) await report.send(viewers.sweep(0), nowMs, viewers.crowds())
    return Number((await redis.hvals(viewersKey(broadcast)))[0])
  }
  const within = (counted: number) => assert.ok(Math.abs(counted - 296) <= 12, `${counted} viewers`)
  within(await tell(at))
  within(await tell(at + 2_100)) // early in the next bucket
  await new ViewerReport(redis).send(new Map([[broadcast, few]]), at + 2_200)
  within(Number((await redis.hvals(viewersKey(broadcast)))[0])) // told by one who has no such crowd
})

test('a crowd is as large as the setting lets it be', async () => {
  const broadcast = `b-${randomUUID()}`
  const crowd = ids(150_000)
  const large = new ViewerReport(redis, { mostPerBlock: 1_000_000 })
  for (let pod = 0; pod < 10; pod++) {
    const seen = crowd.slice(pod * 15_000, (pod + 1) * 15_000) // more than one Pod has viewers
    const crowds = new Map([[broadcast, new Map([['203.0.113.0/24', seen]])]])
    assert.equal(await large.send(new Map([[broadcast, seen]]), 6_000 * 1_000_000 + 4_000, crowds), true)
  }
  const [counted] = await redis.hvals(viewersKey(broadcast))
  assert.ok(Math.abs(Number(counted) - 150_000) <= 6_000, `${counted} viewers`)
})

test('nothing is reported while a report is on its way', async () => {
  const present = new Map([[`b-${randomUUID()}`, ids(3)]])
  const first = report.send(present, 0)
  assert.equal(await report.send(present, 2_000), false)
  assert.equal(await first, true)
  assert.equal(await report.send(present, 4_000), true)
})

const ids = (count: number) => Array.from({ length: count }, (_, index) => `viewer ${index}`)
