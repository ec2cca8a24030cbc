import type { Knex } from 'knex'
import { z } from 'zod'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { PaymentGateway, SettlementLine } from '../gateways/payment-gateway.ts'
import { settlementEntries } from '../ledger/entries.ts'
import { writeMissingEntries } from '../ledger/write-entries.ts'
import { judgeReference, type BothSides } from './judge-reference.ts'

const linesPerStatement = 500
const linesPerDelete = 5_000
const openMax = 5_000
const dayMs = 86_400_000

/** What one day came to, by the currency that the gateway pays out in. */
export interface DayCompared {
  payments: number
  sums: { currency: string; payout: number; fees: number }[]
}

/**
 * Reads what a gateway settled of a day, enters it in the ledger and compares it with what was entered of payments and
 * refunds; differences are written down until they are gone. It may be repeated: entries are written once. However many
 * payments a day has, some hundreds of them are in memory at a time.
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
  await enterLines(db, gateway.name, day)
  const settledUntil = new Date(Date.parse(day)) // all before it must be settled
  for await (const references of suspects(db, gateway.name, day, settledUntil)) {
    await compareSome(deps, gateway.name, references, settledUntil)
  }
  const rows: unknown = await db('settlement_lines')
    .where({ gateway: gateway.name, day })
    .groupBy('payout_currency')
    .select({ currency: 'payout_currency' })
    .count({ payments: '*' })
    .sum({ payout: 'payout', fees: 'fee' })
  const sums = z.array(sumShape).parse(rows)
  return {
    payments: sum(sums, ({ payments }) => payments),
    sums: sums.map(({ currency, payout, fees }) => ({ currency, payout, fees })),
  }
}

const amount = z.coerce.number()
const inWon = z
  .string()
  .nullable()
  .transform((currency) => currency ?? 'KRW') // a process of the version before says nothing of it
const sumShape = z.object({ currency: inWon, payments: amount, payout: amount, fees: amount })

// A payment may have several lines a day, its charge and its refunds: the database adds them up. What a run before this one
// read of the day, and did not finish, goes first.
async function readLines(
  db: Knex,
  { name: gateway, settlements }: Pick<PaymentGateway, 'name' | 'settlements'>,
  day: string,
): Promise<void> {
  const earlier = () => db('settlement_lines').where({ gateway, day }).limit(linesPerDelete).delete()
  while ((await earlier()) === linesPerDelete);
  let lines: SettlementLine[] = []
  for await (const line of settlements(day)) {
    lines.push(line)
    if (lines.length < linesPerStatement) continue
    await addLines(db, gateway, day, lines)
    lines = []
  }
  if (lines.length > 0) await addLines(db, gateway, day, lines)
}

async function addLines(db: Knex, gateway: string, day: string, lines: readonly SettlementLine[]): Promise<void> {
  const added = ['charged', 'returned', 'gross', 'fee', 'payout']
  await db.raw(
    `INSERT INTO settlement_lines (gateway, day, reference, payment_id, currency, payout_currency, ${added.join(', ')})
     VALUES ${lines.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}
     ON DUPLICATE KEY UPDATE ${added.map((name) => `${name} = ${name} + VALUES(${name})`).join(', ')}`,
    lines.flatMap(({ reference, paymentId, amount: moved, currency, payoutCurrency, gross, fee, payout }) => [
      gateway,
      day,
      reference,
      paymentId ?? null,
      currency,
      payoutCurrency,
      Math.max(moved, 0),
      Math.max(-moved, 0),
      gross,
      fee,
      payout,
    ]),
  )
}

const lineShape = z
  .object({
    reference: z.string(),
    payment_id: z.string().nullable(),
    charged: amount,
    returned: amount,
    currency: inWon,
    gross: amount.nullable(),
    fee: amount,
    payout: amount,
    payout_currency: z.string().nullable(),
  })
  .transform(({ payout_currency: payoutCurrency, gross, ...line }) => ({
    ...line,
    gross: gross ?? line.charged - line.returned,
    payoutCurrency: payoutCurrency ?? line.currency,
  }))

async function enterLines(db: Knex, gateway: string, day: string): Promise<void> {
  const at = new Date(Date.parse(day) + dayMs / 2)
  for await (const rows of pages((after) => linesOf(db, gateway, day, after).select())) {
    const lines = z.array(lineShape).parse(rows)
    const payments = await paymentsOf(db, gateway, lines)
    const entries = lines.flatMap((line) => {
      const { paymentId = null, sellerId = null } = payments.get(line.reference) ?? {}
      return settlementEntries({ paymentId, sellerId, gateway }, { ...line, day }, at)
    })
    await inTransaction(db, async (trx) => void (await writeMissingEntries(trx, entries)))
  }
}

const linesOf = (db: Knex, gateway: string, day: string, after: string) =>
  db('settlement_lines')
    .where({ gateway, day })
    .where('reference', '>', after)
    .orderBy('reference')
    .limit(linesPerStatement)

/** Rows in order of their reference, some hundreds at a time. */
async function* pages<T extends { reference: string }>(read: (after: string) => PromiseLike<T[]>): AsyncGenerator<T[]> {
  for (let after = ''; ;) {
    const rows = await read(after)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.reference
  }
}

const paymentShape = z.object({
  reference: z.string().nullable(),
  paymentId: z.string(),
  sellerId: z.string().nullable(),
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
    .select({ reference: 'gateway_reference', paymentId: 'id', sellerId: 'seller_id' })
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

// Settled that day, entered on the last day that must be settled by now, or different before; some come twice.
async function* suspects(db: Knex, gateway: string, day: string, settledUntil: Date): AsyncGenerator<string[]> {
  const settled = pages((after) => linesOf(db, gateway, day, after).select('reference'))
  for await (const rows of settled) yield rows.map(({ reference }) => reference)
  const from = new Date(settledUntil.getTime() - dayMs)
  for (let seen: { at: Date; seq: number } = { at: from, seq: 0 }; ;) {
    const rows: unknown = await db('ledger_entries AS e')
      .join('payments AS p', 'p.id', 'e.payment_id')
      .where({ 'e.gateway': gateway, 'e.account': 'gateway_receivable' })
      .whereNot('e.kind', 'settlement')
      .where('e.at', '>=', seen.at)
      .where('e.at', '<', settledUntil)
      .whereRaw('(e.at, e.seq) > (?, ?)', [seen.at, seen.seq])
      .orderBy(['e.at', 'e.seq'])
      .limit(linesPerStatement)
      .select({ reference: 'p.gateway_reference', at: 'e.at', seq: 'e.seq' })
    const entered = z.array(enteredAtShape).parse(rows)
    const last = entered.at(-1)
    if (last === undefined) break
    yield [...new Set(entered.flatMap(({ reference }) => reference ?? []))]
    seen = last
  }
  const open: { reference: string }[] = await db('settlement_differences')
    .where({ gateway, resolved_at: null })
    .orderBy('found_at')
    .limit(openMax)
    .select('reference')
  for (let at = 0; at < open.length; at += linesPerStatement) {
    yield open.slice(at, at + linesPerStatement).map(({ reference }) => reference)
  }
}

const enteredAtShape = z.object({ reference: z.string().nullable(), at: z.date(), seq: z.coerce.number() })

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
      .merge(['payment_id', 'kind', 'currency', 'ours', 'theirs', 'resolved_at']) // found_at stays
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
    .select()
  const theirs = Map.groupBy(z.array(lineShape).parse(settled), ({ reference }) => reference)
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
    .select('payment_id', 'amount', 'currency', { due: db.raw('at < ?', [settledUntil]) })
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
          currency: rows[0]?.currency,
          charged: sum(sales, ({ amount }) => amount),
          mustBeCharged: sales.some(({ due }) => due),
          returned: sum(refunds, ({ amount }) => -amount),
          mustBeReturned: sum(refunds, ({ amount, due }) => (due ? -amount : 0)),
        },
        theirs: {
          currency: lines[0]?.currency,
          payoutCurrency: lines[0]?.payoutCurrency,
          gross: sum(lines, ({ gross }) => gross),
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
  currency: z.string(),
  amount: z.coerce.number(),
  due: z.coerce.boolean(),
})

const sum = <T>(rows: readonly T[], of: (row: T) => number) => rows.reduce((total, row) => total + of(row), 0)
