/** Puts the service together: clients → features → app, and the loops beside them. Tests and `main.ts` start here. */
import { Gauge } from 'prom-client'
import type { Redis } from 'ioredis'
import type Koa from 'koa'
import type { Context } from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { localTokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { both, s3Of } from '@mytaek1/platform/env.ts'
import { Readiness } from '@mytaek1/platform/health.ts'
import { createLocks } from '@mytaek1/platform/lock.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, pingMysql, schemaIsCurrent } from '@mytaek1/platform/mysql.ts'
import { connectObjectStore } from '@mytaek1/platform/object-store.ts'
import { outboxAgeSeconds, outboxSetAside, startOutboxRelay } from '@mytaek1/platform/outbox.ts'
import { closeRedis, connectRedis, duplicateForSubscribe } from '@mytaek1/platform/redis.ts'
import { createTokenIssuer } from './accounts/access-token.ts'
import { internalSessionsRoutes, readEndedSessions } from './accounts/ended-sessions.ts'
import { createKnownDevices } from './accounts/known-device.ts'
import { createPasswordHasher } from './accounts/password-hasher.ts'
import { ownRefreshCookie } from './accounts/refresh-cookie.ts'
import { removeExpiredSessions, sessionOfToken } from './accounts/session.ts'
import { createApp } from './app.ts'
import { BoundedQueue } from './bounded-queue.ts'
import { connectBroadcastObjects } from './broadcasts/broadcast-objects.ts'
import { startObjectFollower } from './broadcasts/follow-objects.ts'
import type { BroadcastsDeps } from './broadcasts/routes.ts'
import { requestOpenObjectSync } from './broadcasts/request-object-sync.ts'
import { startObjectSync, type SyncDeps } from './broadcasts/sync-objects.ts'
import { createImageStore } from './catalog/image-store.ts'
import { pricesOf } from './catalog/queries.ts'
import { ProductRevisions } from './catalog/product-revisions.ts'
import type { StockLevel } from './catalog/schema.ts'
import type { Config } from './config.ts'
import { createInventory } from './inventory/engine.ts'
import { openStock, restock, setBuyerLimits, setStock, stockOf } from './inventory/stock.ts'
import type { EventStream } from './live/event-stream.ts'
import { LiveFeed } from './live/live-feed.ts'
import { OrderNews } from './live/order-news.ts'
import { viewersOf } from './live/viewer-counts.ts'
import { createAddressUnits } from './orders/address-units.ts'
import { BroadcastOffers } from './orders/broadcast-offers.ts'
import { internalOrdersRoutes } from './orders/internal-routes.ts'
import { migrations } from './migrations.ts'
import { ordersRoutes } from './orders/routes.ts'
import { createRateLimits } from '@mytaek1/platform/rate-limits.ts'

const stockOfMax = 1_000 // products that one query of inventory takes

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

/** Starts all of the service but its listeners. */
export async function createCommerce(config: Config, log: Logger): Promise<Commerce> {
  const stops: (() => Promise<void> | void)[] = []
  const clock = () => new Date()
  const registry = createRegistry('commerce')
  const readiness = new Readiness()

  const db = connectMysql({ url: config.MYSQL_URL, poolMax: config.MYSQL_POOL })
  stops.push(() => db.destroy())
  const redis = connectRedis(config.REDIS_URLS, log)
  const [firstRedis] = redis
  if (firstRedis === undefined) throw new Error('REDIS_URLS names no Redis')
  const subscriber = duplicateForSubscribe(firstRedis, log)
  stops.push(() => closeRedis([...redis, subscriber]))
  const objects = connectObjectStore(s3Of(config))
  stops.push(() => objects.close())
  const imageStore = createImageStore(objects)
  const tokens = await createTokenIssuer(...both(config.TOKEN_PRIVATE_KEY, config.TOKEN_PRIVATE_KEY_OTHER))
  const endedSessions = new EndedSessions((since) => readEndedSessions(db, since), log)
  stops.push(() => endedSessions.stop())
  const verify = endedSessions.guard(localTokenVerifier(tokens.jwks))
  readiness.add('schema', () => schemaIsCurrent(db, migrations))
  readiness.add('mysql', () => pingMysql(db)) // Redis and S3 are not asked: without them orders and reads still work

  const inventory = createInventory({
    db,
    locks: createLocks(redis),
    redis,
    log,
    registry,
    reservationSeconds: config.RESERVATION_SECONDS,
    holdLimits: { units: config.UNPAID_UNITS_PER_BUYER, orders: config.UNPAID_ORDERS_PER_BUYER },
  })
  inventory.start()
  stops.push(() => inventory.stop())
  const outbox = startOutboxRelay({
    db,
    targets: { payment: config.PAYMENT_URL },
    serviceToken: config.SERVICE_TOKEN,
    log,
  })
  stops.push(() => outbox.stop())

  const levelsOf = async (on: Knex, productIds: readonly string[]) => {
    const levels = new Map<string, StockLevel>()
    for (let from = 0; from < productIds.length; from += stockOfMax) {
      for (const [id, level] of await stockOf(on, productIds.slice(from, from + stockOfMax))) levels.set(id, level)
    }
    return levels
  }
  const countViewers = (ids: readonly string[]) => viewersOf(redis, ids)
  const feed = new LiveFeed({
    db,
    redis: firstRedis,
    subscriber,
    stockOf: levelsOf,
    pricesOf,
    viewersOf: countViewers,
    log,
    maxListeners: config.LIVE_MAX_LISTENERS,
    maxListenersPerAddress: config.LIVE_MAX_LISTENERS_PER_ADDRESS,
  })
  inventory.onChange((change) => feed.takeStock(change))
  stops.push(() => feed.close())
  const orderNews = new OrderNews({ redis: firstRedis, subscriber, log, isEnded: (id) => endedSessions.has(id) })
  stops.push(() => orderNews.close())
  const sessionOf = async (ctx: Context) => {
    const token = ownRefreshCookie(ctx)
    return token === undefined ? undefined : await sessionOfToken(db, token, clock())
  }

  const { wakeSync, adviceOf, stop } = await startObjects({ config, db, log, clock, feed })
  stops.push(stop)
  const sweep = setInterval(() => {
    removeExpiredSessions(db, clock()).catch((error: unknown) => log.warn('session.sweep_failed', { error }))
  }, 3_600_000)
  stops.push(() => clearInterval(sweep))

  const limit = createRateLimits(firstRedis)
  const limits = {
    write: limit('changes', { points: config.LIMIT_CHANGES_PER_MINUTE, seconds: 60 }),
    upload: limit('uploads', { points: config.LIMIT_UPLOADS_PER_MINUTE * 10, seconds: 600 }),
  }
  const images = {
    store: imageStore,
    reading: new BoundedQueue({ name: 'uploads', concurrency: 8, maxWaiting: 32, deadlineMs: 20_000 }),
    encoding: new BoundedQueue({ name: 'image encoding', concurrency: 1, maxWaiting: 8, deadlineMs: 60_000 }),
    maxBytes: config.UPLOAD_MAX_BYTES,
    readMs: config.UPLOAD_SECONDS * 1_000,
  }
  const streams = new Set<EventStream>()
  const serviceTokens = both(config.SERVICE_TOKEN, config.SERVICE_TOKEN_OTHER)
  const app = createApp({
    log,
    registry,
    verify,
    imageStore,
    trustedProxies: config.TRUSTED_PROXIES,
    accounts: {
      db,
      hasher: await createPasswordHasher(),
      tokens,
      devices: createKnownDevices(config.SERVICE_TOKEN),
      sessionEnded: (id) => endedSessions.add(id, clock()),
      clock,
      keyChanged: async (trx, accountId) => {
        await requestOpenObjectSync(trx, accountId, clock())
        void trx.executionPromise.then(wakeSync, () => undefined) // rolled back: nothing to do
      },
      limits: {
        signUp: limit('sign-ups', { points: config.LIMIT_SIGN_UPS_PER_HOUR, seconds: 3_600 }),
        signIn: limit('sign-ins of this account', { points: config.LIMIT_SIGN_IN_FAILURES, seconds: 900 }),
        signInByDevice: limit('sign-ins from here', { points: config.LIMIT_SIGN_IN_FAILURES, seconds: 900 }),
        signInByAccount: limit('sign-ins of this account from new browsers', {
          points: config.LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT,
          seconds: 900,
        }),
        ownPassword: limit('passwords of this session', {
          points: config.LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT,
          seconds: 900,
        }),
        signInByAddress: limit('failed sign-ins', {
          points: config.LIMIT_SIGN_IN_FAILURES_PER_ADDRESS,
          seconds: 900,
        }),
        refresh: limit('failed session refreshes', {
          points: config.LIMIT_SIGN_IN_FAILURES_PER_ADDRESS,
          seconds: 900,
        }),
      },
    },
    catalog: {
      db,
      openStock,
      restock: {
        change: restock,
        set: setStock,
        limit: setBuyerLimits,
        announce: (change) => inventory.announce(change),
      },
      priceChanged: (change) => feed.announcePrice(change),
      stockOf: levelsOf,
      images,
      verify,
      clock,
      limits,
    },
    broadcasts: {
      db,
      verify,
      images,
      stockOf: levelsOf,
      viewersOf: countViewers,
      adviceOf,
      announce: (id, event) => feed.announce(id, event),
      wakeSync,
      publicHttpUrl: config.PUBLIC_HTTP_URL.replace(/\/$/, ''),
      publicHlsUrl: config.PUBLIC_HLS_URL?.replace(/\/$/, ''),
      publicRtmpUrl: config.PUBLIC_RTMP_URL,
      clock,
      limits,
    },
    live: {
      db,
      redis: firstRedis,
      feed,
      orderNews,
      sessionOf,
      log,
      streams,
      clock,
      limits: {
        chat: limit('messages', { points: config.LIMIT_MESSAGES_PER_SECOND * 5, seconds: 5 }),
        chatInBroadcast: limit('messages in this broadcast', {
          points: config.LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST * 2,
          seconds: 2,
        }),
      },
    },
    orders: {
      endpoints: ordersRoutes({
        db,
        inventory,
        limit: limit('orders', { points: config.LIMIT_ORDERS_PER_MINUTE, seconds: 60 }),
        addressUnits: createAddressUnits(firstRedis, config.RESERVATION_SECONDS),
        offers: new BroadcastOffers(db),
        revisions: new ProductRevisions(db),
      }),
    },
    internal: [
      ...internalOrdersRoutes({
        db,
        inventory,
        log,
        wakeOutbox: () => outbox.wake(),
        tellBuyers: (news) => orderNews.tell(news),
        serviceTokens,
      }),
      ...internalSessionsRoutes({ db, serviceTokens }),
    ],
  })
  measure(registry, db, feed)
  return {
    app,
    db,
    redis: firstRedis,
    registry,
    readiness,
    endStreams: () => streams.forEach((stream) => stream.end()),
    close: async () => {
      streams.forEach((stream) => stream.destroy())
      for (const stop of stops.toReversed()) await stop()
    },
  }
}

// Rows ↔ Broadcast objects, both ways; with KUBERNETES=off requests pile up in their table and nothing goes live.
async function startObjects(deps: {
  config: Config
  db: Knex
  log: Logger
  clock: () => Date
  feed: LiveFeed
}): Promise<{ wakeSync: () => void; adviceOf: BroadcastsDeps['adviceOf']; stop: () => Promise<void> }> {
  const { config, db, log, clock, feed } = deps
  if (config.KUBERNETES === 'off') {
    log.warn('commerce.without_kubernetes')
    return { wakeSync: () => undefined, adviceOf: () => undefined, stop: () => Promise.resolve() }
  }
  const objects = await connectBroadcastObjects({ kubeconfig: config.KUBECONFIG, namespace: config.NAMESPACE }, log)
  const shared: SyncDeps = {
    db,
    objects,
    log,
    clock,
    stateChanged: (id, state) => feed.announce(id, { type: 'state', data: { state } }),
  }
  const sync = startObjectSync(shared)
  const follower = startObjectFollower({
    ...shared,
    wakeSync: () => sync.wake(),
    retentionMs: config.ENDED_OBJECT_SECONDS * 1_000,
  })
  return {
    wakeSync: () => sync.wake(),
    adviceOf: (id) => follower.adviceOf(id),
    stop: async () => {
      await follower.stop()
      await sync.stop()
      objects.close()
    },
  }
}

function measure(registry: Registry, db: Knex, feed: LiveFeed): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  gauge('commerce_live_listeners', 'Open event streams of viewers', () => feed.listeners)
  gauge('commerce_outbox_age_seconds', 'Age of the oldest event that payment was not told yet', () =>
    outboxAgeSeconds(db),
  )
  gauge('commerce_outbox_set_aside', 'Events that payment refused too often: a person must look', () =>
    outboxSetAside(db),
  )
  gauge('commerce_object_syncs_waiting', 'Broadcast objects that still have to follow their rows', async () => {
    const [row] = await db('broadcast_object_syncs').count<{ waiting: number }[]>({ waiting: '*' })
    return row?.waiting ?? 0
  })
}
