import type { Knex } from 'knex'
import { afterRunning } from './running-time.ts'
import { cutConnection, StatementDeadlineError } from './statement-deadline.ts'

/** One row as the driver gives it; the reader of a statement knows its columns. */
export type Row = Record<string, unknown>

/** What a statement did: its rows, or how many rows it matched. */
export interface QueryResult {
  rows: Row[]
  affectedRows: number
}

/**
 * Runs one complete SQL statement without placeholders: only for values whose characters were checked before.
 *
 * @param options.commits the statement is a compound one that ends with COMMIT: it is the transaction's last, and saves
 *   a round trip while others wait for the rows that it locked
 */
export type Query = (sql: string, options?: { commits?: boolean }) => Promise<QueryResult>

/**
 * Runs `work` in one transaction on one connection, with a deadline that holds whatever the server or the network does:
 * past it the connection is cut. For the few statements where a driver's own waiting would be too long and building
 * SQL from placeholders too slow; everything else uses `inTransaction`. The transaction starts with the first statement,
 * in the same round trip (MariaDB only).
 *
 * @throws whatever `work` or a statement throws, after a rollback; errors with `isConnectionLost` leave a COMMIT unknown.
 */
export async function inSession<T>(db: Knex, deadlineMs: number, work: (query: Query) => Promise<T>): Promise<T> {
  const connection: RawConnection = await db.client.acquireConnection()
  const late = Promise.withResolvers<never>()
  late.promise.catch(() => undefined) // nobody may be waiting when it fires
  const timer = afterRunning(deadlineMs, () => {
    late.reject(new StatementDeadlineError(`The database did not answer within ${deadlineMs} ms`))
    cutConnection(connection)
  })
  const send = (sql: string) => Promise.race([run(connection, sql), late.promise])
  let started = false
  let ended = false
  const query: Query = (sql, { commits = false } = {}) => {
    // a statement that `work` left running behind it would be committed by itself, after the end
    if (ended) return Promise.reject(new Error('The transaction of this statement has ended'))
    const whole = started ? sql : `BEGIN NOT ATOMIC START TRANSACTION; ${sql}; END`
    started = true
    ended = commits
    return send(whole)
  }
  try {
    const result = await work(query)
    const isOpen = started && !ended
    ended = true
    if (isOpen) await send('COMMIT')
    return result
  } catch (error) {
    ended = true
    await send('ROLLBACK').catch(() => cutConnection(connection))
    throw error
  } finally {
    clearTimeout(timer)
    await db.client.releaseConnection(connection) // a destroyed one is not given out again
  }
}

/** The same interface over a knex transaction, or over a pool, where every statement is a transaction of its own. */
export function queryOf(db: Knex | Knex.Transaction): Query {
  return async (sql) => {
    const [result] = await db.raw(sql)
    return resultOf(result)
  }
}

/** What this file uses of a mysql2 connection. */
interface RawConnection {
  query(sql: string, done: (error: Error | null, result: unknown) => void): void
  destroy(): void
  stream: { destroy(): void }
}

function run(connection: RawConnection, sql: string): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, result) => (error ? reject(error) : resolve(resultOf(result))))
  })
}

function resultOf(result: unknown): QueryResult {
  if (Array.isArray(result) && Array.isArray(result[0])) return resultOf(result[0]) // of a compound statement
  if (Array.isArray(result)) return { rows: result as Row[], affectedRows: 0 }
  return { rows: [], affectedRows: (result as { affectedRows: number }).affectedRows }
}
