import type { Knex } from 'knex'
import { z } from 'zod'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { PaymentGateway, SettlementLine } from '../gateways/payment-gateway.ts'
import { settlementEntries, type SettledLine } from '../ledger/entries.ts'
import { writeMissingEntries } from '../ledger/write-entries.ts'
import { judgeReference, type BothSides } from './judge-reference.ts'

const linesPerStatement = 500
const openMax = 5_000
const dayMs = 86_400_000

/** What one day came to. */
export interface DayCompared {
  payments: number
  payout: number
  fees: number
}

/**
 * Reads what a gateway settled of a day, enters it in the ledger and compares it with what was entered of payments and
 * refunds; differences are written down until they are gone. It may be repeated: lines and entries are written once.
 *
 * A gateway's day begins somewhere between UTC and UTC+14, so all that was entered until the end of the UTC day before it
 * is in the settlements up to this day.
 *
 * @param day `2026-11-29`
 */
export async function compareDay(
  deps: { db: Knex; now: () => Date },
  gateway: Pick<PaymentGateway, 'name' | 'settlements'>,
  day: string,
): Promise<DayCompared> {
  const { db } = deps
  await readLines(db, gateway, day)
  const settledUntil = new Date(Date.parse(day)) // all before it must be settled
  const references = await suspects(db, gateway.name, day, settledUntil)
  for (let from = 0; from < references.length; from += linesPerStatement) {
    const some = references.slice(from, from + linesPerStatement)
    await compareSome(deps, gateway.name, some, settledUntil)
  }
  const [row] = await db('settlement_lines')
    .where({ gateway: gateway.name, day })
    .count({ payments: '*' })
    .sum({ payout: 'payout', fees: 'fee' })
  const amount = z.coerce.number()
  return z.object({ payments: amount, payout: amount, fees: amount }).parse(row)
}

type DayLine = SettledLine & { payment_id: string | null }

async function readLines(
  db: Knex,
  gatewayOf: Pick<PaymentGateway, 'name' | 'settlements'>,
  day: string,
): Promise<void> {
  const gateway = gatewayOf.name
  const lines = new Map<string, DayLine>() // a payment may have several lines a day: its charge and its refunds
  for await (const line of gatewayOf.settlements(day)) {
    const { reference, paymentId = null } = line
    const none = { reference, day, payment_id: paymentId, charged: 0, returned: 0, fee: 0, payout: 0 }
    lines.set(reference, sumOf(lines.get(reference) ?? none, line))
  }
  const all = [...lines.values()]
  for (let from = 0; from < all.length; from += linesPerStatement) {
    const some = all.slice(from, from + linesPerStatement)
    await inTransaction(db, async (trx) => {
      await trx('settlement_lines')
        .insert(some.map((line) => ({ gateway, ...line })))
        .onConflict(['gateway', 'reference', 'day'])
        .ignore()
      const payments = await paymentsOf(trx, gateway, some)
      const entries = some.flatMap((line) => {
        const payment = payments.get(line.reference)
        const subject = payment ?? { paymentId: null, sellerId: null, currency: 'KRW' }
        return settlementEntries({ ...subject, gateway }, line, new Date(Date.parse(day) + dayMs / 2))
      })
      await writeMissingEntries(trx, entries)
    })
  }
}

const sumOf = (known: DayLine, { amount, fee, payout }: SettlementLine): DayLine => ({
  ...known,
  charged: known.charged + Math.max(amount, 0),
  returned: known.returned + Math.max(-amount, 0),
  fee: known.fee + fee,
  payout: known.payout + payout,
})

const paymentShape = z.object({
  reference: z.string().nullable(),
  paymentId: z.string(),
  sellerId: z.string().nullable(),
  currency: z
    .string()
    .nullable()
    .transform((currency) => currency ?? 'KRW'),
})

// By what the gateway calls it, or by our id: a payment that did not end paid has no reference here.
async function paymentsOf(
  db: Knex,
  gateway: string,
  lines: readonly { reference: string; payment_id: string | null }[],
) {
  const references = lines.map(({ reference }) => reference)
  const ids = lines.flatMap(({ payment_id: id }) => id ?? [])
  const rows: unknown = await db('payments')
    .where({ gateway })
    .where((either) => void either.whereIn('gateway_reference', references).orWhereIn('id', ids))
    .select({ reference: 'gateway_reference', paymentId: 'id', sellerId: 'seller_id', currency: 'currency' })
  const payments = z.array(paymentShape).parse(rows)
  const byReference = new Map(payments.map((payment) => [payment.reference, payment]))
  const byId = new Map(payments.map((payment) => [payment.paymentId, payment]))
  return new Map(
    lines.flatMap(({ reference, payment_id: id }) => {
      const found = byReference.get(reference) ?? (id === null ? undefined : byId.get(id))
      return found ? [[reference, found] as const] : []
    }),
  )
}

// Settled that day, entered on the last day that must be settled by now, or different before.
async function suspects(db: Knex, gateway: string, day: string, settledUntil: Date): Promise<string[]> {
  const [rows] = await db.raw(
    `SELECT reference FROM settlement_lines WHERE gateway = ? AND day = ?
     UNION SELECT p.gateway_reference FROM ledger_entries AS e JOIN payments AS p ON p.id = e.payment_id
      WHERE e.gateway = ? AND e.account = 'gateway_receivable' AND e.kind <> 'settlement' AND e.at >= ? AND e.at < ?
        AND p.gateway_reference IS NOT NULL
     UNION (SELECT reference FROM settlement_differences WHERE gateway = ? AND resolved_at IS NULL ORDER BY found_at LIMIT ${openMax})`,
    [gateway, day, gateway, new Date(settledUntil.getTime() - dayMs), settledUntil, gateway],
  )
  return z
    .array(z.object({ reference: z.string() }))
    .parse(rows)
    .map(({ reference }) => reference)
}

async function compareSome(
  { db, now }: { db: Knex; now: () => Date },
  gateway: string,
  references: readonly string[],
  settledUntil: Date,
): Promise<void> {
  const sides = await bothSides(db, gateway, references, settledUntil)
  const found = [...sides].flatMap(([reference, side]) => {
    const difference = judgeReference(side)
    return difference ? [{ gateway, reference, payment_id: side.paymentId, found_at: now(), ...difference }] : []
  })
  const same = references.filter((reference) => !found.some((difference) => difference.reference === reference))
  if (found.length > 0) {
    await db('settlement_differences')
      .insert(found.map((difference) => ({ ...difference, resolved_at: null })))
      .onConflict(['gateway', 'reference'])
      .merge(['payment_id', 'kind', 'ours', 'theirs', 'resolved_at']) // found_at stays
  }
  await db('settlement_differences')
    .where({ gateway, resolved_at: null })
    .whereIn('reference', same)
    .update({ resolved_at: now() })
}

async function bothSides(
  db: Knex,
  gateway: string,
  references: readonly string[],
  settledUntil: Date,
): Promise<Map<string, BothSides>> {
  const settled: unknown = await db('settlement_lines')
    .where({ gateway })
    .whereIn('reference', [...references])
    .select('reference', 'payment_id', 'charged', 'returned', 'fee', 'payout')
  const theirs = Map.groupBy(z.array(settledShape).parse(settled), ({ reference }) => reference)
  const asked = references.map((reference) => ({
    reference,
    payment_id: theirs.get(reference)?.[0]?.payment_id ?? null,
  }))
  const payments = await paymentsOf(db, gateway, asked)
  const ids = [...payments.values()].map(({ paymentId }) => paymentId)
  const entered: unknown = await db('ledger_entries')
    .whereIn('payment_id', ids)
    .where('account', 'gateway_receivable')
    .whereNot('kind', 'settlement')
    .select('payment_id', 'amount', { due: db.raw('at < ?', [settledUntil]) })
  const ours = Map.groupBy(z.array(enteredShape).parse(entered), ({ payment_id }) => payment_id)
  return new Map(
    references.map((reference) => {
      const paymentId = payments.get(reference)?.paymentId ?? null
      const rows = paymentId === null ? [] : (ours.get(paymentId) ?? [])
      const lines = theirs.get(reference) ?? []
      const sales = rows.filter(({ amount }) => amount > 0)
      const refunds = rows.filter(({ amount }) => amount < 0)
      const side: BothSides = {
        paymentId,
        ours: {
          charged: sum(sales, ({ amount }) => amount),
          mustBeCharged: sales.some(({ due }) => due),
          returned: sum(refunds, ({ amount }) => -amount),
          mustBeReturned: sum(refunds, ({ amount, due }) => (due ? -amount : 0)),
        },
        theirs: {
          charged: sum(lines, ({ charged }) => charged),
          returned: sum(lines, ({ returned }) => returned),
          fee: sum(lines, ({ fee }) => fee),
          payout: sum(lines, ({ payout }) => payout),
        },
      }
      return [reference, side]
    }),
  )
}

const enteredShape = z.object({
  payment_id: z.string(),
  amount: z.coerce.number(),
  due: z.coerce.boolean(),
})
const settledShape = z.object({
  reference: z.string(),
  payment_id: z.string().nullable(),
  charged: z.coerce.number(),
  returned: z.coerce.number(),
  fee: z.coerce.number(),
  payout: z.coerce.number(),
})

const sum = <T>(rows: readonly T[], of: (row: T) => number) => rows.reduce((total, row) => total + of(row), 0)
