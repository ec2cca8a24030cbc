/** Puts the service together: clients → application, and the loops beside them. Tests and `main.ts` start here. */
import { fileURLToPath } from 'node:url'
import type Koa from 'koa'
import type { Knex } from 'knex'
import { Gauge, type Registry } from 'prom-client'
import { remoteTokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { Readiness } from '@mytaek1/platform/health.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { both } from '@mytaek1/platform/env.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, maintenanceSeconds, pingMysql, schemaIsCurrent } from '@mytaek1/platform/mysql.ts'
import { createRateLimits } from '@mytaek1/platform/rate-limits.ts'
import { closeRedis, connectRedis } from '@mytaek1/platform/redis.ts'
import { startOutboxRelay } from '@mytaek1/platform/outbox-relay.ts'
import { outboxAgeSeconds, outboxSetAside } from '@mytaek1/platform/outbox.ts'
import { endedSessionsReader } from './accounts/ended-sessions.ts'
import { createPaymentApp } from './app.ts'
import { CardTokens } from './cards/card-token.ts'
import type { readPaymentConfig } from './config.ts'
import { configuredGateways } from './gateways/configured.ts'
import { gatewayMeter } from './gateways/measured-gateway.ts'
import { cardLimits } from './payments/card-limits.ts'
import { ordersOf } from './payments/claim.ts'
import type { Driver } from './payments/driver.ts'
import { measurePayments } from './payments/payment-metrics.ts'
import { hasPaid } from './payments/queries.ts'
import { DailyRound } from './settlement/daily-round.ts'

/** Where this service's migrations are, for `migrate` of platform/mysql.ts. */
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url))

type Config = ReturnType<typeof readPaymentConfig>

/** A running service without its listeners. */
export interface PaymentService {
  app: Koa
  db: Knex
  registry: Registry
  readiness: Readiness
  /** Lets accepted payments get their answer, then stops everything. */
  close(): Promise<void>
}

/** Starts all of the service but its listeners. @throws {ConfigError} a gateway lacks a key. */
export async function createPayment(config: Config, log: Logger): Promise<PaymentService> {
  const registry = createRegistry('payment')
  const gateways = await configuredGateways(config, gatewayMeter(registry))
  const readiness = new Readiness()
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: config.MYSQL_POOL })
  readiness.add('mysql', () => pingMysql(db))
  readiness.add('schema', () => schemaIsCurrent(db, migrations))
  const targets = { commerce: config.COMMERCE_URL }
  const relay = startOutboxRelay({ db, targets, serviceToken: config.SERVICE_TOKEN, log })
  const fromCommerce = { commerceUrl: config.COMMERCE_URL, serviceToken: config.SERVICE_TOKEN }
  const endedSessions = new EndedSessions(endedSessionsReader(fromCommerce), log)
  const redis = connectRedis(config.REDIS_URLS, log)
  const payment = createPaymentApp({
    db,
    gateways,
    publicUrl: config.PUBLIC_HTTP_URL.replace(/\/+$/, ''),
    limits: limitsOf(config, redis, db),
    trustedProxies: config.TRUSTED_PROXIES,
    tokens: new CardTokens({
      keys: both(config.CARD_TOKEN_KEY, config.CARD_TOKEN_KEY_OTHER),
      lifetimeSeconds: config.CARD_TOKEN_SECONDS,
    }),
    orders: ordersOf(fromCommerce),
    verify: endedSessions.guard(remoteTokenVerifier(config.JWKS_URL)),
    serviceTokens: both(config.SERVICE_TOKEN, config.SERVICE_TOKEN_OTHER),
    gatewayTimeoutMs: config.GATEWAY_TIMEOUT_MS,
    concurrency: config.GATEWAY_CONCURRENCY,
    leaseMs: config.LEASE_MS,
    wake: () => relay.wake(),
    deliver: (handed) => relay.deliver(handed),
    log,
    registry,
  })
  const auditDb = connectMysql({ url: config.MYSQL_URL, poolMax: 1, statementSeconds: maintenanceSeconds })
  const dailyRound = new DailyRound({ db, auditDb, gateways: gateways.settling, log, now: () => new Date() })
  measure(registry, db, payment.driver, dailyRound)
  return {
    app: payment.app,
    db,
    registry,
    readiness,
    close: async () => {
      await payment.stop()
      endedSessions.stop()
      await relay.stop()
      await closeRedis(redis)
      await dailyRound.stop() // last: it may be reading all of the ledger, and nothing waits for it
      await auditDb.destroy()
      await db.destroy()
    },
  }
}

function limitsOf(config: Config, [redis]: ReturnType<typeof connectRedis>, db: Knex) {
  if (redis === undefined) throw new Error('REDIS_URLS is empty')
  const numbers = {
    cardsPerAccount: config.LIMIT_CARDS_PER_ACCOUNT,
    cardsPerAddress: config.LIMIT_CARDS_PER_ADDRESS,
    declinesPerAccount: config.LIMIT_DECLINES_PER_ACCOUNT,
    declinesPerAddress: config.LIMIT_DECLINES_PER_ADDRESS,
    declinesPerBin: config.LIMIT_DECLINES_PER_BIN,
  }
  return cardLimits(createRateLimits(redis), numbers, (accountId) => hasPaid(db, accountId))
}

function measure(registry: Registry, db: Knex, driver: Driver, dailyRound: DailyRound): void {
  const gauge = (name: string, help: string, read: () => Promise<number> | number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  gauge('payment_outbox_age_seconds', 'Age of the oldest event that commerce was not told yet', () =>
    outboxAgeSeconds(db),
  )
  gauge('payment_outbox_set_aside', 'Events that commerce refused too often: a person must look', () =>
    outboxSetAside(db),
  )
  gauge(
    'payment_ledger_faults',
    'Deeds that this process saw not sum to zero, or not be entered as they happened',
    () => dailyRound.faults,
  )
  gauge('payment_waiting', 'Payments that wait in this process to be charged', () => driver.waiting)
  measurePayments(registry, db)
}
