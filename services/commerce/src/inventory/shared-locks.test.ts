import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLocks, LockUnavailableError } from '@mytaek1/platform/lock.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { patientRedisMs, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { shareLocks } from './shared-locks.ts'

const redis = connectRedis(
  [await testRedisUrl()],
  createLogger({ service: 'test' }, { write: () => undefined }),
  patientRedisMs,
)
assert.ok(await redisReady(redis, 60_000))
after(() => closeRedis(redis))
const locks = createLocks(redis)
const options = { ttlMs: 60_000, waitMs: 20, joinMs: 500 }
const [mine, others] = [shareLocks(locks, options), shareLocks(locks, options)]
const isFree = (resource: string) =>
  others(resource, () => Promise.resolve(true)).catch((error: unknown) => {
    if (error instanceof LockUnavailableError) return false
    throw error
  })

test('work of one process holds a lock together, and another process gets it when the last has ended', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // it is joined for half a second, which does not pass here
  const [first, second, begun] = [gate(), gate(), gate()]
  const one = mine('a', async () => {
    begun.open()
    await first.opened
    return 1
  })
  await begun.opened
  const two = mine('a', async () => {
    await second.opened
    return 2
  })
  t.mock.timers.reset()
  first.open()
  assert.equal(await one, 1)
  assert.equal(await isFree('a'), false)
  second.open()
  assert.equal(await two, 2)
  assert.equal(await isFree('a'), true)
})

test('nobody joins a lock that has been held for a while, so that others get their turn', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const [first, begun] = [gate(), gate()]
  const one = mine('b', async () => {
    begun.open()
    await first.opened
  })
  await begun.opened
  t.mock.timers.tick(501)
  const late = mine('b', () => Promise.resolve('joined'))
  t.mock.timers.tick(21)
  await assert.rejects(late, LockUnavailableError)
  first.open()
  await one
})

test('work that fails fails alone and leaves the lock', async () => {
  await assert.rejects(
    mine('c', () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.equal(await isFree('c'), true)
})

function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  return { opened, open }
}
