import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import makeKnex, { type Knex } from 'knex'
import { format, type SqlValue } from 'mysql2'
import { UnavailableError } from './errors.ts'
import { boundStatements, type DeadlineConnection } from './statement-deadline.ts'

const connectTimeoutMs = 3_000
const acquireTimeoutMs = 5_000
const lockWaitSeconds = 5
const statementSeconds = 10 // longer than a row is waited for
const transactionAttempts = 6
const timezone = 'Z'
const oldestMariadb = '10.6.0-MariaDB'
const migrationLock = 'mytaek1_migrations'
const migrationLockSeconds = 600

/** How long one statement of a migration or an audit may take: they read and rewrite whole tables. */
export const maintenanceSeconds = 3_600

/**
 * Opens a pool to MariaDB; nothing connects before the first query.
 *
 * Every session is UTC, strict, READ COMMITTED (no gap locks between buyers of one product), waits at most five seconds
 * for a row, and on MariaDB is cut by the server when it leaves a transaction idle: a paused process cannot keep rows locked.
 * A statement without an answer ends its connection, so a server that dies in silence does not take the pool with it.
 *
 * @param options.poolMax most connections at once
 * @param options.idleTransactionSeconds how long a transaction may lie idle before the server ends it
 * @param options.statementSeconds how long one statement may take; migrations and audits say more
 */
export function connectMysql(options: {
  url: string
  poolMax?: number
  idleTransactionSeconds?: number
  statementSeconds?: number
}): Knex {
  const deadlineMs = (options.statementSeconds ?? statementSeconds) * 1_000
  const setup = [
    `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`,
    `SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', ` +
      `innodb_lock_wait_timeout = ${lockWaitSeconds} ` +
      // MariaDB only; MySQL reads neither part of this comment form
      `/*M!100300 , idle_transaction_timeout = ${Math.ceil(options.idleTransactionSeconds ?? 5)} */`,
  ]
  return makeKnex({
    client: 'mysql2',
    version: oldestMariadb, // else knex asks the server once, without a deadline, and every later connection waits for that
    connection: connectionOf(options.url),
    acquireConnectionTimeout: acquireTimeoutMs,
    log: silent, // knex prints to the console what it also throws
    compileSqlOnError: false, // values, which may be secret, would be in the message of whatever fails
    pool: {
      min: 0,
      max: options.poolMax ?? 10,
      afterCreate: (connection: DeadlineConnection, done: (error: unknown, connection: DeadlineConnection) => void) => {
        boundStatements(connection, deadlineMs)
        connection.query(setup[0] ?? '', (error: unknown) => {
          if (error) return done(error, connection)
          connection.query(setup[1] ?? '', (error: unknown) => done(error, connection))
        })
      },
    },
  })
}

/**
 * Runs `work` in one transaction; a deadlock or a row waited for too long starts it again, a few times, after a short
 * random wait. So `work` must have no effect but SQL.
 *
 * @throws {UnavailableError} the database cannot be reached; whether the last COMMIT took effect is then not known.
 */
export async function inTransaction<T>(db: Knex, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return await startedAgain(() => db.transaction(work))
}

/** Runs a transaction, whatever its way to the server, again after contention; throws as `inTransaction` does. */
export async function startedAgain<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (isConnectionLost(error)) throw databaseUnavailable(error)
      if (!isContention(error) || attempt === transactionAttempts) throw error
      await delay(Math.random() * 10 * 2 ** attempt)
    }
  }
}

/**
 * Brings the schema up to date: runs the migrations in `directory` (TypeScript files in order of name) that have not
 * run yet. Several processes may call it at once: one works, the others wait for it.
 *
 * @returns names of the migrations that ran now.
 */
export async function migrate(db: Knex, directory: string): Promise<string[]> {
  const connection = await db.client.acquireConnection() // holds the advisory lock, which belongs to a connection
  try {
    const [rows] = await db
      .raw('SELECT GET_LOCK(?, ?) AS held', [migrationLock, migrationLockSeconds])
      .connection(connection)
    if (rows[0]?.held !== 1) throw new Error(`Another process has held ${migrationLock} for ${migrationLockSeconds} s`)
    // knex's own lock is a row that a killed process leaves behind for ever; ours ends with the connection
    // after a rollback the database is ahead of the code: migrations only add, so there is nothing to do or to refuse
    const settings = { directory, loadExtensions: ['.ts'], disableMigrationsListValidation: true }
    await db.migrate.forceFreeMigrationsLock(settings)
    const [, ran] = (await db.migrate.latest(settings)) as [number, string[]]
    await db.raw('DO RELEASE_LOCK(?)', [migrationLock]).connection(connection)
    return ran
  } finally {
    await db.client.releaseConnection(connection)
  }
}

/** Whether every migration in `directory` has run; newer ones may have, too. For readiness. */
export async function schemaIsCurrent(db: Knex, directory: string): Promise<boolean> {
  const known = (await readdir(directory)).filter((name) => name.endsWith('.ts'))
  const ran = await db('knex_migrations').whereIn('name', known).count<{ ran: number }[]>({ ran: '*' })
  return ran[0]?.ran === known.length
}

/** Whether the database answers within its deadlines; for readiness. */
export async function pingMysql(db: Knex): Promise<boolean> {
  await db.raw('SELECT 1').timeout(1_500)
  return true
}

/** The error that a caller sees when the database is gone. */
export function databaseUnavailable(cause: unknown): UnavailableError {
  return new UnavailableError('The database does not answer; send the same request again', {
    code: 'database_unavailable',
    cause,
  })
}

/** Whether the transaction lost against another one and may simply run again. */
export const isContention = (error: unknown) =>
  ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'].includes(codeOf(error))

/** Whether a unique key refused a row. */
export const isDuplicateKey = (error: unknown) => codeOf(error) === 'ER_DUP_ENTRY'

/** Whether the connection failed or never came about; after a COMMIT was sent its outcome is then unknown. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof Error && error.name === 'KnexTimeoutError') return true
  return lostCodes.has(codeOf(error)) || (error instanceof Error && 'fatal' in error && error.fatal === true)
}

const lostCodes = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_CON_COUNT_ERROR',
  'ER_QUERY_INTERRUPTED',
])

// objection wraps the driver's error (db-errors) and keeps it as `nativeError`
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('nativeError' in error) return codeOf(error.nativeError)
  return 'code' in error ? String(error.code) : ''
}

// The driver looks through every statement for placeholders, also those sent without values: for a batch of a thousand
// rows that took as long as all our own work on it.
const formatQuery = (sql: string, values: SqlValue[]): string =>
  values.length === 0 ? sql : format(sql, values, false, timezone)

const silent = Object.fromEntries(['debug', 'warn', 'error', 'deprecate'].map((level) => [level, () => undefined]))

function connectionOf(url: string): Knex.MySql2ConnectionConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  return {
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: 'utf8mb4',
    timezone,
    connectTimeout: connectTimeoutMs,
    supportBigNumbers: true,
    decimalNumbers: true, // SUM() of whole numbers; ours stay far below 2^53
    queryFormat: formatQuery,
    ...(searchParams.get('tls') === 'true' ? { ssl: {} } : {}),
  }
}
