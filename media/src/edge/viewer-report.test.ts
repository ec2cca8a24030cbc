import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { reportViewers } from './viewer-report.ts'

const clients = connectRedis([await testRedisUrl()], createLogger({ service: 'test' }, { write: () => {} }))
const [redis] = clients
assert.ok(redis)
assert.ok(await redisReady(clients, 30_000))

test('viewers whose requests go to several edge Pods are counted once, within two percent', async (t) => {
  t.after(() => closeRedis(clients))
  const broadcast = `b-${randomUUID()}`
  const ids = Array.from({ length: 5_000 }, (_, index) => `viewer ${index}`)
  const at = 6_000 * 1_000_000 + 4_000
  await reportViewers(redis, new Map([[broadcast, ids]]), at)
  await reportViewers(redis, new Map([[broadcast, ids.slice(1_000)]]), at + 10)
  const [counted] = await redis.hvals(viewersKey(broadcast))
  assert.ok(Math.abs(Number(counted) - 5_000) <= 100, `${counted} viewers`)
  const ttl = await redis.ttl(viewersKey(broadcast))
  assert.ok(ttl > 0 && ttl <= 10)

  await reportViewers(redis, new Map([[broadcast, []]]), at + 12_000)
  assert.deepEqual(await redis.hvals(viewersKey(broadcast)), ['0'], 'all of them left')
})
