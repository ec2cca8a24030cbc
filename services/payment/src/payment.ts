/** Puts the service together: clients → application, and the loops beside them. Tests and `main.ts` start here. */
import { fileURLToPath } from 'node:url'
import type Koa from 'koa'
import type { Knex } from 'knex'
import { Gauge, type Registry } from 'prom-client'
import { remoteTokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { Readiness } from '@mytaek1/platform/health.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, pingMysql, schemaIsCurrent } from '@mytaek1/platform/mysql.ts'
import { outboxAgeSeconds, outboxSetAside, startOutboxRelay } from '@mytaek1/platform/outbox.ts'
import { endedSessionsReader } from './accounts/ended-sessions.ts'
import { createPaymentApp } from './app.ts'
import { CardTokens } from './cards/card-token.ts'
import type { readPaymentConfig } from './config.ts'
import { simulatorGateway } from './gateways/simulator-client.ts'
import { orderReader } from './payments/orders.ts'

/** Where this service's migrations are, for `migrate` of platform/mysql.ts. */
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url))

/** A running service without its listeners. */
export interface PaymentService {
  app: Koa
  db: Knex
  registry: Registry
  readiness: Readiness
  /** Lets accepted payments get their answer, then stops everything. */
  close(): Promise<void>
}

/** Starts all of the service but its listeners. */
export function createPayment(config: ReturnType<typeof readPaymentConfig>, log: Logger): PaymentService {
  const registry = createRegistry('payment')
  const readiness = new Readiness()
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: config.MYSQL_POOL })
  readiness.add('mysql', () => pingMysql(db))
  readiness.add('schema', () => schemaIsCurrent(db, migrations))
  const targets = { commerce: config.COMMERCE_URL }
  const relay = startOutboxRelay({ db, targets, serviceToken: config.SERVICE_TOKEN, log })
  const fromCommerce = { commerceUrl: config.COMMERCE_URL, serviceToken: config.SERVICE_TOKEN }
  const endedSessions = new EndedSessions(endedSessionsReader(fromCommerce), log)
  const payment = createPaymentApp({
    db,
    gateway: simulatorGateway({ url: config.GATEWAY_URL, timeoutMs: config.GATEWAY_TIMEOUT_MS }),
    tokens: new CardTokens({ key: config.CARD_TOKEN_KEY, lifetimeSeconds: config.CARD_TOKEN_SECONDS }),
    readOrder: orderReader(fromCommerce),
    verify: endedSessions.guard(remoteTokenVerifier(config.JWKS_URL)),
    serviceToken: config.SERVICE_TOKEN,
    gatewayTimeoutMs: config.GATEWAY_TIMEOUT_MS,
    wake: () => relay.wake(),
    log,
    registry,
  })
  measure(registry, db)
  return {
    app: payment.app,
    db,
    registry,
    readiness,
    close: async () => {
      await payment.stop()
      endedSessions.stop()
      await relay.stop()
      await db.destroy()
    },
  }
}

function measure(registry: Registry, db: Knex): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
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
}
