/** What the engine is measured against, on the same servers: each the plain way to sell from one row. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { createLocks } from '@mytaek1/platform/lock.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { closeRedis, connectRedis, redisReady } from '@mytaek1/platform/redis.ts'
import { closedLoop, quantile, type BenchServers } from './stock-parts.ts'

const log = createLogger({ service: 'bench', level: 'error' })

/** The best of several numbers of callers. */
export interface Best {
  perSecond: number
  callers: number
  all: { callers: number; perSecond: number }[]
}

/** `UPDATE … WHERE stock >= 1`, committed by itself: no order, no ledger, nothing but the row. */
export async function conditionalUpdate(servers: BenchServers, seconds: number): Promise<Best> {
  return await withTable(servers, async (db) => {
    return await best([1, 2, 4, 8, 16, 32, 64], async (callers) => {
      const connections = await Promise.all(Array.from({ length: callers }, () => db.client.acquireConnection()))
      const query = statement(connections, 'UPDATE ref_stock SET stock = stock - 1 WHERE id = 1 AND stock >= 1')
      const { perSecond } = await closedLoop({ callers, seconds }, query)
      await Promise.all(connections.map((connection) => db.client.releaseConnection(connection)))
      return perSecond
    })
  })
}

/** The original's way: a Redis lock round each order, the stock read inside it, order and stock in one transaction. */
export async function lockPerOrder(servers: BenchServers, seconds: number): Promise<Best> {
  const redis = connectRedis([servers.redis.url], log)
  await redisReady(redis)
  const locks = createLocks(redis)
  try {
    return await withTable(servers, async (db) => {
      const order = () =>
        locks.withLock('ref:stock', { ttlMs: 10_000, waitMs: 60_000 }, () =>
          db.transaction(async (trx) => {
            const [rows] = await trx.raw('SELECT stock FROM ref_stock WHERE id = 1')
            if (rows[0].stock < 1) throw new Error('sold out')
            await trx.raw('UPDATE ref_stock SET stock = stock - 1 WHERE id = 1')
            await trx.raw(`INSERT INTO ref_orders VALUES ('${randomUUID()}', 1, 1)`)
          }),
        )
      return await best([1, 2, 4, 8, 16], async (callers) => (await closedLoop({ callers, seconds }, order)).perSecond)
    })
  } finally {
    await closeRedis(redis)
  }
}

/** One INSERT a commit, by 64 connections, and the median of a lone one: what a durable answer costs here. */
export async function insertPerCommit(servers: BenchServers, seconds: number) {
  return await withTable(servers, async (db) => {
    const insert = (connections: unknown[]) => {
      const run = (sql: string) => statement(connections, sql)
      return (caller: number) => run(`INSERT INTO ref_orders VALUES ('${randomUUID()}', ${caller}, 1)`)(caller)
    }
    const open = (count: number): Promise<unknown[]> =>
      Promise.all(Array.from({ length: count }, () => db.client.acquireConnection()))
    const [many, one] = [await open(64), await open(1)]
    const { perSecond } = await closedLoop({ callers: 64, seconds }, insert(many))
    const { latenciesMs } = await closedLoop({ callers: 1, seconds }, insert(one))
    await Promise.all([...many, ...one].map((connection) => db.client.releaseConnection(connection)))
    return { perSecond, loneP50Ms: quantile(latenciesMs, 0.5) }
  })
}

/** A counter in Redis, by 64 callers: fast, and gone with the Redis. */
export async function redisDecrement(servers: BenchServers, seconds: number): Promise<number> {
  const client = new Redis(servers.redis.url)
  const { perSecond } = await closedLoop({ callers: 64, seconds }, () => client.decr('ref:stock-counter'))
  await client.quit()
  return perSecond
}

async function best(callerCounts: readonly number[], rate: (callers: number) => Promise<number>): Promise<Best> {
  const all: Best['all'] = []
  for (const callers of callerCounts) all.push({ callers, perSecond: await rate(callers) })
  const top = all.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  return { ...top, all }
}

/** A raw statement by each caller's own connection: the reference must not pay for a query builder. */
function statement(connections: readonly unknown[], sql: string) {
  return (caller: number) =>
    new Promise<void>((resolve, reject) => {
      const connection = connections[caller] as { query(sql: string, done: (error: Error | null) => void): void }
      connection.query(sql, (error) => (error ? reject(error) : resolve()))
    })
}

async function withTable<T>(servers: BenchServers, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = connectMysql({ url: servers.mysqlUrl, poolMax: 80, idleTransactionSeconds: 60 })
  await db.raw('CREATE TABLE ref_stock (id INT PRIMARY KEY, stock INT UNSIGNED NOT NULL)')
  await db.raw('CREATE TABLE ref_orders (id CHAR(36) PRIMARY KEY, buyer INT NOT NULL, quantity INT NOT NULL)')
  await db.raw('INSERT INTO ref_stock VALUES (1, 1000000000)')
  try {
    return await work(db)
  } finally {
    await db.raw('DROP TABLE ref_stock, ref_orders')
    await db.destroy()
  }
}
