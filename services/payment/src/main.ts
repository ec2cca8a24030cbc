import { remoteTokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger, type Logger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, migrate, pingMysql } from '@mytaek1/platform/mysql.ts'
import { startOutboxRelay } from '@mytaek1/platform/outbox.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { endedSessionsReader } from './accounts/ended-sessions.ts'
import { createPaymentApp } from './app.ts'
import { CardTokens } from './cards/card-token.ts'
import { readPaymentConfig, readSimulatorConfig } from './config.ts'
import { simulatorGateway } from './gateways/simulator-client.ts'
import { orderReader } from './payments/orders.ts'
import { createSimulatorApp } from './simulator/app.ts'

const migrations = new URL('../migrations', import.meta.url).pathname
const commands: Record<string, () => Promise<void>> = { serve, migrate: runMigrations, simulator: runSimulator }
const name = process.argv[2] ?? 'serve'
const command = commands[name]
if (command === undefined) {
  process.stderr.write(`Unknown command ${JSON.stringify(name)}: try serve, migrate or simulator\n`)
  process.exit(64)
}
await command()

async function serve(): Promise<void> {
  const config = readPaymentConfig()
  const log = createLogger({ service: 'payment', level: config.LOG_LEVEL })
  const { shutdown, registry, readiness } = await startProcess('payment', config.ADMIN_PORT, log)
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: config.MYSQL_POOL })
  shutdown.onStop('mysql', () => db.destroy())
  readiness.add('mysql', () => pingMysql(db))
  readiness.add('schema', async () => await db.schema.hasTable('used_card_tokens'))
  const relay = startOutboxRelay({
    db,
    targets: { commerce: config.COMMERCE_URL },
    serviceToken: config.SERVICE_TOKEN,
    log,
  })
  shutdown.onStop('outbox', () => relay.stop())
  const fromCommerce = { commerceUrl: config.COMMERCE_URL, serviceToken: config.SERVICE_TOKEN }
  const endedSessions = new EndedSessions(endedSessionsReader(fromCommerce), log)
  shutdown.onStop('ended sessions', () => endedSessions.stop())
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
  shutdown.onStop('payments', () => payment.stop())
  const server = await startHttpServer(payment.app, { port: config.PORT })
  shutdown.onStop('http', async () => {
    await server.lameDuck()
    await server.close()
  })
  shutdown.onStop('readiness', () => readiness.drain())
  log.info('payment.listening', { port: server.port })
}

async function runMigrations(): Promise<void> {
  const config = readSimulatorConfig() // needs the database only
  const log = createLogger({ service: 'payment-migrate', level: config.LOG_LEVEL })
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: 2 })
  try {
    log.info('migrate.done', { ran: await migrate(db, migrations) })
  } finally {
    await db.destroy()
  }
}

async function runSimulator(): Promise<void> {
  const config = readSimulatorConfig()
  const log = createLogger({ service: 'simulator', level: config.LOG_LEVEL })
  const { shutdown, registry, readiness } = await startProcess('simulator', config.ADMIN_PORT, log)
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: 5 })
  shutdown.onStop('mysql', () => db.destroy())
  readiness.add('schema', async () => await db.schema.hasTable('simulator_refunds'))
  const app = createSimulatorApp({
    db,
    log,
    registry,
    latencyMs: config.SIMULATOR_LATENCY_MS,
    webhookUrl: config.WEBHOOK_URL,
  })
  const server = await startHttpServer(app, { port: config.PORT })
  shutdown.onStop('http', () => server.close(1_000))
  log.info('simulator.listening', { port: server.port })
}

async function startProcess(service: string, adminPort: number, log: Logger) {
  const shutdown = new Shutdown({ log })
  shutdown.listen()
  const registry = createRegistry(service)
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: adminPort, registry, readiness })
  shutdown.onStop('admin', () => admin.close())
  return { shutdown, registry, readiness }
}
