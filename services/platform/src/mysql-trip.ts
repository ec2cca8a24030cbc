/** Transactions whose statements are all known before the first is sent, and what they are written with (MariaDB only). */
import type { Knex } from 'knex'
import { escape } from 'mysql2'
import { startedAgain } from './mysql.ts'
import { inSession, type QueryResult } from './mysql-session.ts'

const tripMs = 10_000
const refusedState = '45001' // of the class that the standard leaves to applications

/** What a statement may hold. */
export type Value = string | number | boolean | Date | null

/** The type of ids in our tables. */
export const idType = 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin'

/** The type of a currency's code. */
export const currencyType = 'CHAR(3) CHARACTER SET ascii COLLATE ascii_bin'

/**
 * Runs statements as one transaction in one round trip. Each trip costs both sides more than most statements do, and meanwhile
 * the rows of those before it stay locked.
 *
 * @returns the rows of the SELECT among them.
 * @throws as `inTransaction`; an error of `isRefusedHere` where an `unless` refused: nothing is written.
 */
export async function inOneTrip(db: Knex, statements: readonly string[]): Promise<QueryResult> {
  const whole = [...statements, 'COMMIT'].join('; ')
  return await startedAgain(() => inSession(db, tripMs, (query) => query(whole, { commits: true })))
}

/** A statement for inOneTrip that ends the transaction, with nothing written, unless a condition holds. */
export const unless = (condition: string): string =>
  `IF NOT (${condition}) THEN SIGNAL SQLSTATE '${refusedState}' SET MESSAGE_TEXT = 'refused by a condition'; END IF`

/** The condition that the statement before it matched so many rows. */
export const matched = (rows: number): string => `ROW_COUNT() = ${rows}`

/** Whether an `unless` ended the transaction. */
export const isRefusedHere = (error: unknown): boolean =>
  error instanceof Error && 'sqlState' in error && error.sqlState === refusedState

/** A value as it stands in a statement. */
export function literal(value: Value): string {
  if (value instanceof Date) return `'${value.toISOString().slice(0, -1).replace('T', ' ')}'` // sessions are UTC
  return escape(value)
}

/** Values as a row of VALUES. */
export const literals = (values: readonly Value[]): string => `(${values.map(literal).join(',')})`

/**
 * Rows as a table to join, which the server reads from one text: of a SELECT for each row it makes a plan for each.
 *
 * @param columns their names and types, in the order of the values
 */
export function tableOf(
  name: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const paths = Object.entries(columns).map(([column, type], n) => `${column} ${type} PATH '$[${n}]'`)
  return `JSON_TABLE(${literal(JSON.stringify(rows))}, '$[*]' COLUMNS (${paths.join(', ')})) AS ${name}`
}
