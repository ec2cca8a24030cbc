import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { createLogger } from './logger.ts'
import { createRateLimits, type RateLimitedError } from './rate-limits.ts'
import { closeRedis, connectRedis, redisReady } from './redis.ts'
import { patientRedisMs, testRedisUrl } from './testing/database.ts'

const log = createLogger({ service: 'test', level: 'error' }, { write: () => undefined })
const clients = connectRedis([await testRedisUrl()], log, patientRedisMs)
assert.ok(await redisReady(clients, 60_000))
after(() => closeRedis(clients))
const limits = createRateLimits(first(clients))

function first<T>([value]: readonly T[]): T {
  assert.ok(value)
  return value
}

test('a check counts nothing and refuses who has spent all, of many that are asked about at once', async () => {
  const limit = limits(`test-${randomUUID()}`, { points: 2, seconds: 60 })
  for (let n = 0; n < 5; n += 1) await limit.check('ann')
  const since = Date.now()
  await Promise.all([limit.consume('ann'), limit.consume('ann'), limit.consume('bo')])
  const checked = await Promise.allSettled(['ann', 'bo', 'cho', 'ann'].map((key) => limit.check(key)))
  assert.deepEqual(
    checked.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled', 'rejected'],
  )
  await assert.rejects(limit.check('ann'), (error: RateLimitedError) => {
    assert.equal(error.code, 'rate_limited')
    const passed = (Date.now() - since) / 1_000
    assert.ok(error.retryAfterSeconds <= 60 && error.retryAfterSeconds >= 60 - passed, `${error.retryAfterSeconds} s`)
    return true
  })
  await limit.forget('ann')
  await limit.check('ann')
})

test('while Redis does not answer a Pod counts for itself, and its checks refuse', async () => {
  const gone = connectRedis(['redis://127.0.0.1:1'], log)
  const limit = createRateLimits(first(gone))(`test-${randomUUID()}`, { points: 1, seconds: 60 })
  await limit.check('ann')
  await limit.consume('ann')
  await assert.rejects(limit.check('ann'), { code: 'rate_limited' })
  for (const client of gone) client.disconnect()
})
