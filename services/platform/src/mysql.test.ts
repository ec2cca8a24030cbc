import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connectMysql, inTransaction, isDuplicateKey, migrate } from './mysql.ts'
import { inSession } from './mysql-session.ts'
import { freePort } from './testing/parts.ts'
import { testDatabase } from './testing/database.ts'

const { db, url } = await testDatabase()
await db.raw('CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL)')
await db.raw('INSERT INTO counters VALUES (1, 0), (2, 0)')

test('a session is UTC, READ COMMITTED and strict', async () => {
  const [rows] = await db.raw(
    'SELECT @@tx_isolation AS level, @@time_zone AS zone, @@sql_mode AS mode, @@idle_transaction_timeout AS idle',
  )
  assert.equal(rows[0].level, 'READ-COMMITTED')
  assert.equal(rows[0].zone, '+00:00')
  assert.match(rows[0].mode, /STRICT_ALL_TABLES/)
  assert.equal(rows[0].idle, 5)
})

test('transactions that deadlock run again and both take effect', async () => {
  let started = 0
  const both = Promise.withResolvers<void>()
  const add = (first: number, second: number) =>
    inTransaction(db, async (trx) => {
      await trx.raw('UPDATE counters SET n = n + 1 WHERE id = ?', [first])
      started += 1
      if (started === 2) both.resolve()
      await both.promise // each holds its first row: what follows is a deadlock
      await trx.raw('UPDATE counters SET n = n + 1 WHERE id = ?', [second])
    })
  await Promise.all([add(1, 2), add(2, 1)])
  const [rows] = await db.raw('SELECT n FROM counters ORDER BY id')
  assert.deepEqual(
    rows.map((row: { n: number }) => row.n),
    [2, 2],
  )
  assert.equal(started, 3) // one of them twice
})

test('a database that is not there is an unavailable error, within seconds', async () => {
  const nowhere = connectMysql({ url: `mysql://root@127.0.0.1:${await freePort()}/x` })
  after(() => nowhere.destroy())
  await assert.rejects(
    inTransaction(nowhere, (trx) => trx.raw('SELECT 1')),
    { code: 'database_unavailable', kind: 'unavailable' },
  )
})

test('an ordinary SQL error is not retried and keeps its code', async () => {
  let runs = 0
  const insert = inTransaction(db, async (trx) => {
    runs += 1
    await trx.raw('INSERT INTO counters VALUES (1, 5)')
  })
  await assert.rejects(insert, isDuplicateKey)
  assert.equal(runs, 1)
})

test('a statement that a failed transaction left running behind it changes nothing', async () => {
  const { promise: leftBehind, resolve } = Promise.withResolvers<PromiseSettledResult<unknown>[]>()
  const failing = inSession(db, 10_000, async (query) => {
    const work = query('UPDATE counters SET n = n + 1 WHERE id = 1').then(() =>
      query('INSERT INTO counters VALUES (77, 0)'),
    )
    void Promise.allSettled([work]).then(resolve)
    await Promise.resolve()
    throw new Error('a bug')
  })
  await assert.rejects(failing, /a bug/)
  assert.equal((await leftBehind)[0]?.status, 'rejected')
  assert.deepEqual(await db('counters').where('id', 77), [])
})

test('a statement that commits is the last of its transaction, and one that fails before its COMMIT leaves nothing', async () => {
  const compound = (sql: string) => `BEGIN NOT ATOMIC ${sql}; COMMIT; END`
  await inSession(db, 10_000, async (query) => {
    await query('INSERT INTO counters VALUES (78, 0)')
    await query(compound('INSERT INTO counters VALUES (79, 0)'), { commits: true })
    assert.equal((await db('counters').whereIn('id', [78, 79])).length, 2) // seen by another connection already
    await assert.rejects(query('INSERT INTO counters VALUES (80, 0)'), /has ended/)
  })
  const failing = inSession(db, 10_000, async (query) => {
    await query('INSERT INTO counters VALUES (81, 0)')
    await query(compound('INSERT INTO counters VALUES (82, 0); INSERT INTO counters VALUES (1, 0)'), { commits: true })
  })
  await assert.rejects(failing, isDuplicateKey)
  assert.equal((await db('counters').whereIn('id', [80, 81, 82])).length, 0)
})

test('three processes that migrate at once run each migration once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-migrations-'))
  after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  const slow = (table: string) =>
    `export async function up(db: { raw(sql: string): Promise<unknown> }): Promise<void> {
       await db.raw('DO SLEEP(0.2)'); await db.raw('CREATE TABLE ${table} (id INT)') }
     export async function down(): Promise<void> {}`
  await writeFile(join(directory, '0001_one.ts'), slow('one'))
  await writeFile(join(directory, '0002_two.ts'), slow('two'))
  const pools = [1, 2, 3].map(() => connectMysql({ url }))
  const ran = await Promise.all(pools.map((pool) => migrate(pool, directory)))
  await Promise.all(pools.map((pool) => pool.destroy()))
  assert.deepEqual(ran.flat().sort(), ['0001_one.ts', '0002_two.ts'])
  assert.deepEqual(await migrate(db, directory), [])
})

test('a migration lock left by a killed process does not stop the next one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-migrations-'))
  after(() => rm(directory, { recursive: true }))
  await db.raw('UPDATE knex_migrations_lock SET is_locked = 1')
  await db.raw('DELETE FROM knex_migrations')
  assert.deepEqual(await migrate(db, directory), [])
})

test('a database ahead of the code, as after a rollback, is left as it is', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-migrations-'))
  after(() => rm(directory, { recursive: true }))
  await db('knex_migrations').insert({ name: '9999_newer.ts', batch: 9, migration_time: db.fn.now() })
  assert.deepEqual(await migrate(db, directory), [])
  assert.equal((await db('knex_migrations').where('name', '9999_newer.ts')).length, 1)
})

test('what a statement that failed says has none of its values', async () => {
  const looking = db('nowhere').where({ token: 'a secret' })
  await assert.rejects(looking, ({ message }: Error) => message.includes('nowhere') && !message.includes('a secret'))
})
