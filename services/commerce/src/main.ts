/**
 * Starts the service (`serve`, the default), brings the schema up to date (`migrate`), checks that no unit was lost or
 * sold twice (`books`), shows mails instead of sending them (`mail-sink`), or makes an admin (`grant-admin`).
 */
import { ConfigError, readEnvOrExit, url } from '@mytaek1/platform/env.ts'
import { startAdminServer } from '@mytaek1/platform/health.ts'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { connectMysql, maintenanceSeconds, migrate } from '@mytaek1/platform/mysql.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { normaliseEmail } from './accounts/account.ts'
import { changeRole } from './accounts/change-role.ts'
import { createCommerce } from './commerce.ts'
import { readConfig, type Config } from './config.ts'
import { checkBooks } from './inventory/books.ts'
import { runMailSink } from './mail/sink-process.ts'
import { migrations } from './migrations.ts'

const [command = 'serve', ...rest] = process.argv.slice(2)
if (command === 'serve') await serve(configOrExit())
else if (command === 'migrate') await runMigrations()
else if (command === 'grant-admin' && rest[0] !== undefined) await grantAdmin(rest[0])
else if (command === 'books') await showBooks()
else if (command === 'mail-sink') await runMailSink()
else exitWith('Commands: serve, migrate, books, mail-sink, grant-admin <e-mail address>', 64)

async function serve(config: Config): Promise<void> {
  const log = createLogger({ service: 'commerce', level: config.LOG_LEVEL })
  const shutdown = new Shutdown({ log })
  shutdown.listen()
  const commerce = await createCommerce(config, log)
  shutdown.onStop('commerce', () => commerce.close())
  const server = await startHttpServer(commerce.app, { port: config.PORT })
  shutdown.onStop('http', async () => {
    await server.lameDuck()
    commerce.endStreams() // endless by nature; they would hold the drain up
    await server.close()
  })
  const { registry, readiness } = commerce
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())
  shutdown.onStop('readiness', () => readiness.drain())
  log.info('commerce.ready', { port: server.port, adminPort: admin.port, kubernetes: config.KUBERNETES })
}

async function runMigrations(): Promise<void> {
  const { MYSQL_URL } = readEnvOrExit({ MYSQL_URL: url(['mysql:']) })
  const log = createLogger({ service: 'commerce' })
  const db = connectMysql({ url: MYSQL_URL, poolMax: 2, statementSeconds: maintenanceSeconds })
  try {
    log.info('migrate.done', { ran: await migrate(db, migrations) })
  } finally {
    await db.destroy()
  }
}

/** Prints the books as one JSON object; exit code 1 when they do not balance. */
async function showBooks(): Promise<void> {
  const { MYSQL_URL } = readEnvOrExit({ MYSQL_URL: url(['mysql:']) })
  const db = connectMysql({ url: MYSQL_URL, poolMax: 1, statementSeconds: maintenanceSeconds })
  try {
    const books = await checkBooks(db)
    process.stdout.write(`${JSON.stringify(books)}\n`)
    if (books.faults.length > 0) process.exitCode = 1
  } finally {
    await db.destroy()
  }
}

async function grantAdmin(email: string): Promise<void> {
  const { MYSQL_URL } = readEnvOrExit({ MYSQL_URL: url(['mysql:']) })
  const db = connectMysql({ url: MYSQL_URL, poolMax: 1 })
  try {
    const account = await db('accounts').where('email', normaliseEmail(email)).first<{ id: string } | undefined>('id')
    if (account === undefined) exitWith('No account has this e-mail address', 1)
    else await changeRole({ db, now: new Date() }, account.id, 'admin')
  } finally {
    await db.destroy()
  }
}

function configOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (error instanceof ConfigError) exitWith(error.message, 78) // EX_CONFIG
    throw error
  }
}

function exitWith(message: string, code: number): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}
