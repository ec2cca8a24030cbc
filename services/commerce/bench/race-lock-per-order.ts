/** The contrast of the race: the original's way, a Redis lock round each order, behind the same Koa. Prints its port. */
import Koa from 'koa'
import { z } from 'zod'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { readJson } from '@mytaek1/platform/json-body.ts'
import { createLocks } from '@mytaek1/platform/lock.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { connectRedis, redisReady } from '@mytaek1/platform/redis.ts'

const db = connectMysql({ url: process.env.MYSQL_URL ?? '', poolMax: 20 })
const redis = connectRedis([process.env.REDIS_URL ?? ''], createLogger({ service: 'bench', level: 'error' }))
await redisReady(redis)
const locks = createLocks(redis)
const bodyShape = z.object({ productId: z.string(), quantity: z.number() })
let turn = Promise.resolve()

const app = new Koa()
app.use(async (ctx) => {
  const { quantity } = await readJson(ctx, bodyShape, 64 * 1024)
  // one after the other in this process: thousands of callers polling one lock would only be slower
  const mine = turn.then(() => locks.withLock('race:lock', { ttlMs: 10_000, waitMs: 60_000 }, () => order(quantity)))
  turn = mine.then(
    () => undefined,
    () => undefined,
  )
  ctx.status = (await mine) ? 201 : 409
  ctx.body = {}
})
const { port } = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
process.send?.({ port })
process.on('disconnect', () => process.exit(0))

async function order(quantity: number): Promise<boolean> {
  return await db.transaction(async (trx) => {
    const [rows] = await trx.raw('SELECT stock FROM race_stock WHERE id = 1')
    if (rows[0].stock < quantity) return false
    await trx.raw('UPDATE race_stock SET stock = stock - ? WHERE id = 1', [quantity])
    await trx.raw('INSERT INTO race_orders VALUES (?, ?)', [newId('o'), quantity])
    return true
  })
}
