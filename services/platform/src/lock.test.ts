import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test, type TestContext } from 'node:test'
import { createLogger } from './logger.ts'
import { createLocks, LockUnavailableError } from './lock.ts'
import { closeRedis, connectRedis, redisReady } from './redis.ts'
import { patientRedisMs } from './testing/database.ts'
import { startRedis, type Part } from './testing/parts.ts'

const log = createLogger({ service: 'test', level: 'error' })
const servers = await Promise.all([startRedis(), startRedis(), startRedis()])
after(() => Promise.all(servers.map((server) => server.stop())))

async function connect(t: TestContext, parts: readonly Part[]) {
  const clients = connectRedis(
    parts.map((part) => part.url),
    log,
    patientRedisMs,
  )
  t.after(() => closeRedis(clients))
  assert.ok(await redisReady(clients, 60_000))
  return clients
}

for (const masters of [1, 3]) {
  test(`over ${masters} master(s) two processes never hold one lock at a time`, async (t) => {
    const parts = servers.slice(0, masters)
    const [one, other] = [createLocks(await connect(t, parts)), createLocks(await connect(t, parts))]
    let holders = 0
    let most = 0
    const hold = async () => {
      holders += 1
      most = Math.max(most, holders)
      await new Promise(setImmediate)
      holders -= 1
    }
    const rounds = Array.from({ length: 20 }, async (_, index) => {
      const locks = index % 2 === 0 ? one : other
      await locks.withLock(`exclusive-${masters}`, { ttlMs: 60_000, waitMs: 60_000 }, hold)
    })
    await Promise.all(rounds)
    assert.equal(most, 1)
  })
}

test('a lock that somebody holds is contended, after the wait', async (t) => {
  const locks = createLocks(await connect(t, servers.slice(0, 1)))
  await locks.withLock('busy', { ttlMs: 60_000 }, async () => {
    const second = locks.withLock('busy', { ttlMs: 5_000, waitMs: 30 }, () => Promise.resolve('ran'))
    await assert.rejects(second, (error) => error instanceof LockUnavailableError && error.reason === 'contended')
  })
})

test('the work is told when its lock has expired', async (t) => {
  const locks = createLocks(await connect(t, servers.slice(0, 1)))
  // one that is over before it is granted, on a machine that stands still, is asked for again
  await locks.withLock('short', { ttlMs: 200, waitMs: 30_000 }, async (signal) => {
    await once(signal, 'abort', { signal: AbortSignal.timeout(30_000) })
  })
})

test('one dead master of three changes nothing; two dead ones are unreachable, then rested from', async (t) => {
  const parts = await Promise.all([startRedis(), startRedis(), startRedis()])
  t.after(() => Promise.all(parts.map((part) => part.stop())))
  const clients = await connect(t, parts)
  const locks = createLocks(clients)
  const scriptsRun = async () =>
    (await clients[2]?.info('commandstats'))?.split('\n').filter((line) => line.includes('eval'))
  await parts[0]?.kill()
  assert.equal(await locks.withLock('quorum', { ttlMs: 5_000 }, () => Promise.resolve('ran')), 'ran')
  await parts[1]?.kill()
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }) // it is rested for a second, which does not pass here
  const unreachable = (error: unknown) => error instanceof LockUnavailableError && error.reason === 'unreachable'
  await assert.rejects(
    locks.withLock('quorum', { ttlMs: 5_000 }, () => Promise.resolve('ran')),
    unreachable,
  )
  const before = await scriptsRun()
  assert.ok(before?.length, 'the living master was asked')
  await assert.rejects(
    locks.withLock('quorum', { ttlMs: 5_000 }, () => Promise.resolve('ran')),
    unreachable,
  )
  assert.deepEqual(await scriptsRun(), before, 'the second refusal asks nobody')
})
