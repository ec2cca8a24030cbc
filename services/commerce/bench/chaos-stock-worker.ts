/**
 * One commerce process for the chaos run: an engine and the settling of orders, driven by messages instead of HTTP.
 * `MUTATION` takes one guard out of its SQL, or replaces the engine by one that trusts the Redis lock alone.
 */
import type { Knex } from 'knex'
import { Registry } from 'prom-client'
import type { EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { createLocks } from '@mytaek1/platform/lock.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { connectRedis } from '@mytaek1/platform/redis.ts'
import { createInventory } from '../src/inventory/engine.ts'
import { expireReservations } from '../src/inventory/expire-reservations.ts'
import type { BasketRequest } from '../src/inventory/basket.ts'
import type { NewPlace } from '../src/inventory/join-waiting-list.ts'
import { settleOrder, type OrderFollower } from '../src/orders/settle-order.ts'
import { mutateQueries, type Mutation } from './chaos-stock-mutations.ts'
import { lockOnlyOrder } from './chaos-stock-lock-only.ts'

/** What the driver asks a worker to do. */
export type WorkerRequest =
  | { op: 'place'; request: BasketRequest } // of one item without `variantOf`: an order of one product
  | { op: 'release'; orderId: string; productId: string | null }
  | { op: 'event'; envelope: EventEnvelope }
  | { op: 'join' | 'leave'; place: NewPlace }
  | { op: 'sweep' }

/** What the worker answers to request number `n`; number 0 says that it is ready. */
export interface WorkerReply {
  n: number
  value?: unknown
  error?: string
}

// the ways of orders after their payment are not what this run is about
const nobodyFollows: OrderFollower = {
  paid: () => [],
  refunded: () => Promise.resolve([]),
  refundFailed: () => Promise.resolve(),
  tell: () => Promise.resolve(),
}

const env = (name: string) => process.env[name] ?? ''
const mutation = env('MUTATION') as Mutation
const log = createLogger({ service: 'chaos', level: 'error' }, { write: () => undefined })
// a transaction left open by a paused process ends after a second, not five: the run is to be short
const db: Knex = connectMysql({ url: env('MYSQL_URL'), idleTransactionSeconds: 1 })
mutateQueries(db, mutation)
const redis = connectRedis([env('REDIS_URL')], log)
const locks = createLocks(redis)
const registry = new Registry()
const limits = { deadlineMs: 3_000, ...(env('MAX_BATCH') && { maxBatch: Number(env('MAX_BATCH')) }) }
const inventory = createInventory({ db, locks, redis, log, registry, reservationSeconds: 600, limits })
inventory.start()

process.on('message', (message: WorkerRequest & { n: number }) => {
  work(message).then(
    (value) => reply({ n: message.n, value }),
    (error: unknown) => reply({ n: message.n, error: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0)) // the driver is gone
reply({ n: 0 }) // ready

async function work(message: WorkerRequest): Promise<unknown> {
  switch (message.op) {
    case 'place':
      return await place(message.request)
    case 'release':
      return await inventory.release(message)
    case 'event':
      return await settleOrder(
        { db, inventory, log, wakeOutbox: () => undefined, tellBuyers: () => undefined, follower: nobodyFollows },
        message.envelope,
      )
    case 'join':
    case 'leave':
      return await inventory.waitingLists[message.op](message.place)
    case 'sweep':
      await inventory.waitingLists.sweep()
      return await expireReservations(db, (change) => inventory.announce(change))
    default:
      throw new Error('Unknown request')
  }
}

async function place({ items, ...request }: BasketRequest): Promise<unknown> {
  const [item, ...others] = items
  if (item === undefined) throw new Error('An order of nothing')
  if (others.length > 0 || item.variantOf !== undefined) return await inventory.placeBasket({ ...request, items })
  if (mutation === 'lockOnly') return await lockOnlyOrder({ db, locks }, { ...request, ...item })
  return await inventory.placeOrder({ ...request, ...item })
}

function reply(answer: WorkerReply): void {
  if (process.connected) process.send?.(answer)
}
