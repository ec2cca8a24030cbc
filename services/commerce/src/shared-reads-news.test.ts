import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { patientRedisMs, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { SharedReadsNews } from './shared-reads-news.ts'
import { keyOf, SharedReads } from './shared-reads.ts'
import { eventually } from './testing/eventually.ts'

const url = await testRedisUrl()
const log = createLogger({ service: 'test' }, { write: () => undefined })

/** What one more Pod shares, which never gets old by itself. */
async function aPod() {
  const [redis, subscriber] = connectRedis([url, url], log, patientRedisMs)
  assert.ok(redis && subscriber)
  assert.ok(await redisReady([redis, subscriber], 60_000))
  after(() => closeRedis([redis, subscriber]))
  const reads = new SharedReads({}, () => 0)
  const news = new SharedReadsNews({ reads, redis, subscriber })
  const holds = async (key: string) => void (await reads.read(key, async () => ({ body: {} })))
  return { reads, news, holds, subscriber }
}

test('a change on one Pod is forgotten by all, and only what it made old', async () => {
  const [here, there] = [await aPod(), await aPod()]
  await there.subscriber.ping() // after the subscription, on the same connection
  for (const pod of [here, there]) {
    for (const id of ['b-1', 'b-2']) await pod.holds(keyOf('broadcast', { id }))
  }
  here.news.changed('b-1')
  assert.equal(here.reads.size.entries, 1) // at once
  await eventually('there, too', async () => (there.reads.size.entries === 1 ? true : undefined))
  here.news.changed()
  assert.equal(here.reads.size.entries, 0)
  await eventually('there, too', async () => (there.reads.size.entries === 0 ? true : undefined))
})
