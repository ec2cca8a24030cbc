import type { Redis } from 'ioredis'
import type { Knex } from 'knex'

const eventsKeptDays = 7
const eventsPerDelete = 10_000
const deletesMax = 20

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

/**
 * Forgets changes of stock older than a week, oldest first; answers how many. A bounded number in a statement and in a call,
 * which is more than come between two calls.
 */
export async function pruneStockEvents(db: Knex): Promise<number> {
  const isOld = `at < UTC_TIMESTAMP(3) - INTERVAL ${eventsKeptDays} DAY`
  let pruned = 0
  for (let time = 0; time < deletesMax; time += 1) {
    const [oldest] = await db('stock_events')
      .orderBy('seq')
      .limit(1)
      .select('seq', db.raw(`${isOld} AS old`))
    if (oldest === undefined || !oldest.old) break
    pruned += await db('stock_events')
      .where('seq', '<', Number(oldest.seq) + eventsPerDelete)
      .whereRaw(isOld)
      .delete()
  }
  return pruned
}
