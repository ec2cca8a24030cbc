import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, maintenanceSeconds, migrate, schemaIsCurrent } from '@mytaek1/platform/mysql.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { readPaymentConfig, readSimulatorConfig } from './config.ts'
import { createPayment, migrations } from './payment.ts'
import { createSimulatorApp, simulatorMigrations } from './simulator/app.ts'

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
  const shutdown = new Shutdown({ log })
  shutdown.listen()
  const payment = await createPayment(config, log)
  shutdown.onStop('payment', () => payment.close())
  const { registry, readiness } = payment
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())
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
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: 2, statementSeconds: maintenanceSeconds })
  try {
    log.info('migrate.done', { ran: await migrate(db, migrations) })
  } finally {
    await db.destroy()
  }
}

async function runSimulator(): Promise<void> {
  const config = readSimulatorConfig()
  const log = createLogger({ service: 'simulator', level: config.LOG_LEVEL })
  const shutdown = new Shutdown({ log })
  shutdown.listen()
  const registry = createRegistry('simulator')
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())
  const { MYSQL_URL: mysqlUrl, SIMULATOR_DATABASE: database } = config
  const url = database === undefined ? mysqlUrl : Object.assign(new URL(mysqlUrl), { pathname: `/${database}` }).href
  const db = connectMysql({ url, poolMax: 5 })
  shutdown.onStop('mysql', () => db.destroy())
  await migrate(db, simulatorMigrations)
  readiness.add('schema', () => schemaIsCurrent(db, simulatorMigrations))
  const app = createSimulatorApp({
    db,
    log,
    registry,
    faults: { ...config.SIMULATOR_FAULTS, medianMs: config.SIMULATOR_FAULTS.medianMs || config.SIMULATOR_LATENCY_MS },
    webhookUrl: config.WEBHOOK_URL,
    publicUrl: config.PUBLIC_URL,
  })
  const server = await startHttpServer(app, { port: config.PORT })
  shutdown.onStop('http', () => server.close(1_000))
  log.info('simulator.listening', { port: server.port })
}
