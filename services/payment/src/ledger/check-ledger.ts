import type { Knex } from 'knex'
import { z } from 'zod'
import { refundEntries, saleEntries, type Entry } from './entries.ts'
import { writeMissingEntries } from './write-entries.ts'

const faultsMax = 100
const missingMax = 500
const taken = `p.state IN ('CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED') AND p.amount > 0`

// In each direction: money without its entry, and an entry without its money.
const questions: Readonly<Record<string, string>> = Object.freeze({
  'entries that do not sum to zero, of deed': `
    SELECT deed AS id FROM ledger_entries GROUP BY deed, currency HAVING SUM(amount) <> 0`,
  'money taken and not entered, or otherwise, of payment': `
    SELECT p.id FROM payments AS p LEFT JOIN ledger_entries AS e ON e.deed = p.id AND e.account = 'gateway_receivable'
     WHERE ${taken} AND (e.amount IS NULL OR e.amount <> p.amount OR e.currency <> p.currency)`,
  'a sale entered of which no money was taken, of payment': `
    SELECT e.deed AS id FROM ledger_entries AS e LEFT JOIN payments AS p ON p.id = e.deed AND ${taken}
     WHERE e.kind = 'sale' AND e.account = 'gateway_receivable' AND p.id IS NULL`,
  'money given back and not entered, or otherwise, of refund': `
    SELECT r.id FROM refunds AS r LEFT JOIN ledger_entries AS e ON e.deed = r.id AND e.account = 'refunds'
     WHERE r.state = 'DONE' AND (e.amount IS NULL OR e.amount <> r.amount)`,
  'a refund entered that did not happen, of refund': `
    SELECT e.deed AS id FROM ledger_entries AS e LEFT JOIN refunds AS r ON r.id = e.deed AND r.state = 'DONE'
     WHERE e.kind = 'refund' AND e.account = 'refunds' AND r.id IS NULL`,
})

/**
 * Reads the whole ledger beside payments and refunds; each question is one statement, which sees one moment. Its time grows
 * with the ledger: once a day, and in tests.
 *
 * @returns what does not add up, at most a hundred lines a question.
 */
export async function checkLedger(db: Knex): Promise<string[]> {
  const faults: string[] = []
  for (const [what, sql] of Object.entries(questions)) {
    const [rows] = await db.raw(`${sql} LIMIT ${faultsMax}`)
    for (const { id } of z.array(z.object({ id: z.string() })).parse(rows)) faults.push(`${what} ${id}`)
  }
  return faults
}

/**
 * Deeds entered within a span of time that do not sum to zero; in time that does not grow with the ledger.
 *
 * @param span entries appear when their transaction commits: `until` is to lie as far back as one may last
 */
export async function countUnbalanced(db: Knex, span: { from: Date; until: Date }): Promise<number> {
  const [rows] = await db.raw(
    `SELECT COUNT(*) AS deeds FROM (SELECT deed FROM ledger_entries WHERE at >= ? AND at < ?
       GROUP BY deed, currency HAVING SUM(amount) <> 0) AS unbalanced`,
    [span.from, span.until],
  )
  return z.tuple([z.object({ deeds: z.coerce.number() })]).parse(rows)[0].deeds
}

/**
 * Enters what a process of the version before did not: money taken or given back without an entry.
 *
 * @returns how many deeds were entered.
 */
export async function enterMissing(db: Knex): Promise<number> {
  const subject = { paymentId: z.string(), sellerId: z.string().nullable(), gateway: z.string(), currency: z.string() }
  const columns = 'p.id AS paymentId, p.seller_id AS sellerId, p.gateway, p.currency'
  const [sales] = await db.raw(
    `SELECT ${columns}, p.amount, p.updated_at AS at FROM payments AS p
       LEFT JOIN ledger_entries AS e ON e.deed = p.id AND e.account = 'gateway_receivable'
      WHERE ${taken} AND e.seq IS NULL LIMIT ${missingMax}`,
  )
  const [refunds] = await db.raw(
    `SELECT ${columns}, r.id, r.amount, r.created_at AS at FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id
       LEFT JOIN ledger_entries AS e ON e.deed = r.id AND e.account = 'refunds'
      WHERE r.state = 'DONE' AND e.seq IS NULL LIMIT ${missingMax}`,
  )
  const money = z.object({ ...subject, amount: z.coerce.number(), at: z.date() })
  const missing: Entry[][] = [
    ...z
      .array(money)
      .parse(sales)
      .map((row) => saleEntries(row, row.amount, row.at)),
    ...z
      .array(money.extend({ id: z.string() }))
      .parse(refunds)
      .map((row) => refundEntries(row, row, row.at)),
  ]
  await writeMissingEntries(db, missing.flat())
  return missing.length
}
