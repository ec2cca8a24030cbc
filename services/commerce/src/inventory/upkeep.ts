import type { Redis } from 'ioredis'
import type { Knex } from 'knex'

const eventsKeptDays = 7
const eventsPerDelete = 10_000

/**
 * Whether this process is the one that does a job of the whole shop in this period; without Redis every process is.
 *
 * @param periodMs for how long nobody else does it
 */
export async function isMyTurn(redis: readonly Redis[], job: string, periodMs: number): Promise<boolean> {
  const [client] = redis
  if (!client) return true
  const taken = await client.set(`turn:${job}`, '1', 'PX', periodMs, 'NX').catch(() => 'OK')
  return taken === 'OK'
}

/** Forgets changes of stock older than a week, oldest first, a bounded number at a time; answers how many. */
export async function pruneStockEvents(db: Knex): Promise<number> {
  const [oldest] = await db('stock_events').orderBy('seq').limit(1).select('seq')
  if (oldest === undefined) return 0
  return await db('stock_events')
    .where('seq', '<', Number(oldest.seq) + eventsPerDelete)
    .whereRaw(`at < UTC_TIMESTAMP(3) - INTERVAL ${eventsKeptDays} DAY`)
    .delete()
}
