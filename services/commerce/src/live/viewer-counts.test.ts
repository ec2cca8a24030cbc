import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { newTestRedisUrl, patientRedisMs } from '@mytaek1/platform/testing/database.ts'
import { viewersOf } from './viewer-counts.ts'

const urls = [await newTestRedisUrl(), await newTestRedisUrl(), await newTestRedisUrl()]
const masters = connectRedis(urls, createLogger({ service: 'test' }, { write: () => {} }), patientRedisMs)
assert.ok(await redisReady(masters, 30_000))
after(() => closeRedis(masters))

test('whichever Redis master is left tells the viewers; one that came back without them does not hide them', async () => {
  const [first, second, third] = masters
  assert.ok(first && second && third)
  const id = `b-${randomUUID()}`
  await second.hset(viewersKey(id), { all: '40' })
  await third.hset(viewersKey(id), { all: '38' })
  assert.deepEqual(await viewersOf(masters, [id]), new Map([[id, 40]]))
  second.disconnect()
  assert.deepEqual(
    await viewersOf(masters, [id, 'b-none']),
    new Map([
      [id, 38],
      ['b-none', 0],
    ]),
  )
  for (const master of masters) master.disconnect()
  assert.deepEqual(await viewersOf(masters, [id]), new Map())
})
