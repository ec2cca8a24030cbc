import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Knex } from 'knex'
import { connectMysql, isConnectionLost, pingMysql } from './mysql.ts'
import { inSession } from './mysql-session.ts'
import { testDatabase } from './testing/database.ts'
import { livedTime } from './testing/lived-time.ts'
import { silentLinkTo } from './testing/silent-link.ts'

const { url } = await testDatabase()
const through = async (options: { poolMax: number; statementSeconds: number }) => {
  const link = await silentLinkTo(Number(new URL(url).port))
  const db = connectMysql({ url: Object.assign(new URL(url), { port: `${link.port}` }).href, ...options })
  after(async () => {
    await db.destroy()
    await link.stop()
  })
  return { link, db }
}

/** Whether the pool serves again, and soon. */
async function servesAgain(db: Knex): Promise<void> {
  const since = livedTime()
  while (!(await pingMysql(db).catch(() => false))) assert.ok(since.ms() < 5_000, 'not ready 5 s later')
  since.stop()
}

test('a database that falls silent ends what waits for it, and the pool serves again as soon as it speaks', async () => {
  const { link, db } = await through({ poolMax: 4, statementSeconds: 2 })
  await Promise.all(Array.from({ length: 4 }, () => db.raw('DO SLEEP(0.05)'))) // four connections
  link.fallSilent()
  const since = livedTime()
  const asked = await Promise.allSettled([
    ...Array.from({ length: 3 }, () => db.raw('SELECT 1')),
    db.transaction((trx) => trx.raw('SELECT 1')),
  ])
  assert.ok(since.ms() < 8_000, `they ended after ${since.ms()} ms`) // by the usual deadline after ten seconds
  since.stop()
  for (const answer of asked) assert.ok(answer.status === 'rejected' && isConnectionLost(answer.reason), answer.status)
  await assert.rejects(pingMysql(db))
  link.speak()
  await servesAgain(db)
})

test('the deadline of a session is its own, and its connection is not given out again', async () => {
  const { link, db } = await through({ poolMax: 1, statementSeconds: 60 })
  await db.raw('SELECT 1')
  link.fallSilent()
  await assert.rejects(
    inSession(db, 200, (query) => query('SELECT 1')),
    isConnectionLost,
  )
  link.speak()
  await servesAgain(db)
})

test('a statement that takes longer than its deadline ends, one within it does not', async () => {
  const { db } = await through({ poolMax: 1, statementSeconds: 2 })
  await db.raw('DO SLEEP(0.3)')
  await assert.rejects(db.raw('DO SLEEP(20)'), isConnectionLost)
  await servesAgain(db)
})
