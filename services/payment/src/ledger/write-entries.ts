import type { Knex } from 'knex'
import { literals } from '@mytaek1/platform/mysql-trip.ts'
import type { Entry } from './entries.ts'

const columns = ['deed', 'kind', 'account', 'amount', 'currency', 'payment_id', 'seller_id', 'gateway', 'at'] as const

/**
 * Writes entries in the transaction of what they tell, in one statement, however many deeds they are of.
 *
 * @throws (ER_DUP_ENTRY) a deed is entered already: a bug of the caller, whose transaction then does not happen.
 */
export async function writeEntries(trx: Knex.Transaction, entries: readonly Entry[]): Promise<void> {
  if (entries.length > 0) await trx('ledger_entries').insert([...entries])
}

/** The same as a statement of a transaction in one trip; none where there are no entries. */
export function entriesStatement(entries: readonly Entry[]): string[] {
  const rows = entries.map((entry) => literals(columns.map((column) => entry[column])))
  return rows.length === 0 ? [] : [`INSERT INTO ledger_entries (${columns.join(',')}) VALUES ${rows.join(',')}`]
}

/** The same for what may be entered already, and then stays as it is; answers how many entries were new. */
export async function writeMissingEntries(db: Knex, entries: readonly Entry[]): Promise<number> {
  if (entries.length === 0) return 0
  const marks = entries.map(() => `(${columns.map(() => '?').join(',')})`).join(',')
  const [result] = await db.raw(
    `INSERT INTO ledger_entries (${columns.join(',')}) VALUES ${marks} ON DUPLICATE KEY UPDATE seq = seq`,
    entries.flatMap((entry) => columns.map((column) => entry[column])),
  )
  return result.affectedRows
}
