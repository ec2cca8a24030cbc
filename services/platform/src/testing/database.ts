/** A database and a Redis of a test file's own, on the run's shared servers, or on servers started for this file alone. */
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { connectMysql } from '../mysql.ts'
import { startMariadb, startRedis } from './parts.ts'

const statementSeconds = 120 // whatever the disk is busy with: what is made and changed here are whole schemas

/** How long a command of a test's Redis may take: a server that stands still for a moment is not away. */
export const patientRedisMs = 30_000

/** A new, empty database. */
export interface TestDatabase {
  db: Knex
  /** For further pools to the same database. */
  url: string
}

/** The statement that makes a database as the chart's server does: not with the collation that tables get by utf8mb4 alone. */
export const createDatabase = (name: string) =>
  `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`

/** Makes a database for the calling test file; it is dropped after the file's last test. Call it at the file's top level. */
export async function testDatabase(options: { poolMax?: number } = {}): Promise<TestDatabase> {
  const own = process.env.TEST_MYSQL_URL ? undefined : await startMariadb()
  const server = process.env.TEST_MYSQL_URL ?? own?.url ?? ''
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = connectMysql({ url: server, poolMax: 1, statementSeconds })
  await admin.raw(createDatabase(name))
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const db = connectMysql({ url, poolMax: options.poolMax ?? 10, statementSeconds })
  after(async () => {
    await db.destroy()
    await admin.raw(`DROP DATABASE ${name}`)
    await admin.destroy()
    await own?.stop()
  })
  return { db, url }
}

/**
 * The URL of a Redis database that is the calling test file's alone, so that no other file's uses are counted by its limits.
 * Channels are the whole server's: take some of your own.
 */
export function testRedisUrl(): Promise<string> {
  fileDatabase ??= newTestRedisUrl()
  return fileDatabase
}

let fileDatabase: Promise<string> | undefined

/** The same of one more, for a file that plays several masters. */
export async function newTestRedisUrl(): Promise<string> {
  redisServer ??= process.env.TEST_REDIS_URL ? Promise.resolve(process.env.TEST_REDIS_URL) : startOwnRedis()
  const server = await redisServer
  const redis = new Redis(server)
  const number = await redis.incr('databases of test files')
  redis.disconnect()
  return `${server}/${number}`
}

let redisServer: Promise<string> | undefined

async function startOwnRedis(): Promise<string> {
  const own = await startRedis()
  after(() => own.stop())
  return own.url
}
