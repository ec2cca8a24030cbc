/** Puts the service together. Tests and `main.ts` start here. */
import type { Redis } from 'ioredis'
import type Koa from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import type { Readiness } from '@mytaek1/platform/health.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { accountsDeps, internalAccounts, sweepSessions } from './parts/accounts.ts'
import { broadcastsDeps, startBroadcastObjects } from './parts/broadcasts.ts'
import { catalogDeps, cleanImages, keepSearchIndex } from './parts/catalog.ts'
import { startChat } from './parts/chat.ts'
import { startFollows } from './parts/follows.ts'
import { startFulfilment } from './parts/fulfilment.ts'
import { connectImages } from './parts/images.ts'
import { startInventory } from './parts/inventory.ts'
import { liveDeps, startLive } from './parts/live.ts'
import { startMail } from './parts/mail.ts'
import { measure } from './parts/measure.ts'
import { internalOrders, ordersDeps, startOutbox, waitingDeps } from './parts/orders.ts'
import { connectShared } from './parts/shared.ts'

/** A running service without its listeners. */
export interface Commerce {
  app: Koa
  db: Knex
  redis: Redis
  registry: Registry
  readiness: Readiness
  /** Ends the connections that never end by themselves, so that a drain can. */
  endStreams(): void
  /** Stops everything, last started first. */
  close(): Promise<void>
}

/**
 * Starts all of the service but its listeners: what runs, one after the other, and then what answers.
 *
 * @param redisCommandMs see connectRedis; for tests
 */
export async function createCommerce(config: Config, log: Logger, redisCommandMs?: number): Promise<Commerce> {
  const shared = await connectShared(config, log, redisCommandMs)
  const images = connectImages(shared)
  const inventory = startInventory(shared)
  const outbox = startOutbox(shared)
  const live = startLive(shared, inventory)
  const mail = startMail(shared)
  const fulfilment = startFulfilment(shared, { inventory, live, outbox, mail })
  const objects = await startBroadcastObjects(shared, live)
  const chat = startChat(shared, live)
  const follows = startFollows(shared, mail)
  sweepSessions(shared)
  cleanImages(shared, images)
  keepSearchIndex(shared)
  measure(shared, live)

  const app = createApp({
    ...shared,
    imageStore: images.store,
    trustedProxies: config.TRUSTED_PROXIES,
    features: {
      accounts: await accountsDeps(shared, { ...mail, wakeSync: objects.wakeSync }),
      catalog: catalogDeps(shared, { inventory, live, images }),
      broadcasts: broadcastsDeps(shared, { live, objects, images }),
      live: liveDeps(shared, live),
      chat,
      follows,
      report: { db: shared.db, redis: shared.firstRedis },
      orders: ordersDeps(shared, inventory),
      waiting: waitingDeps(shared, inventory),
      fulfilment: fulfilment.deps,
    },
    internal: [...internalOrders(shared, { inventory, live, outbox, fulfilment }), ...internalAccounts(shared)],
  })
  return {
    app,
    db: shared.db,
    redis: shared.firstRedis,
    registry: shared.registry,
    readiness: shared.readiness,
    endStreams: () => live.streams.forEach((stream) => stream.end()),
    close: async () => {
      live.streams.forEach((stream) => stream.destroy())
      await shared.close()
    },
  }
}
