import type { Knex } from 'knex'
import { z } from 'zod'

const rowsPerStatement = 1_000
const header = 'date,type,payment_id,order_id,amount,currency,balance\r\n'

const entryShape = z.object({
  seq: z.coerce.number(),
  at: z.date(),
  kind: z.enum(['sale', 'refund', 'settlement']), // what was never claimed is no seller's
  payment_id: z.string().nullable(),
  order_id: z.string().nullable(),
  amount: z.coerce.number(),
  currency: z.string(),
})
type Row = z.infer<typeof entryShape>

/** Whose statement, over which days: both are part of it, in Korea's time. */
export interface StatementOf {
  sellerId: string
  from: string // 2026-11-01
  to: string
}

/**
 * What a seller is owed over some days, as lines of CSV (RFC 4180): sales, refunds and fees as they were entered, and the
 * balance after each, per currency and beginning with what was owed before. Amounts are minor units, above zero for the
 * seller. It holds ids, dates and amounts only, so nothing in it is a formula to a spreadsheet.
 */
export async function* payoutStatement(db: Knex, of: StatementOf): AsyncGenerator<string> {
  const span = { from: startOf(of.from), until: new Date(startOf(of.to).getTime() + 86_400_000) }
  const balances = await balancesBefore(db, of.sellerId, span.from)
  yield header
  for (const [currency, balance] of balances) yield line([of.from, 'brought forward', '', '', 0, currency, balance])
  let after: { at: Date; seq: number } | undefined
  for (;;) {
    const rows = await readEntries(db, of.sellerId, span, after)
    yield rows.map((row) => lineOf(row, balances)).join('')
    const last = rows.at(-1)
    if (!last || rows.length < rowsPerStatement) return
    after = last
  }
}

const names: Readonly<Record<Row['kind'], string>> = Object.freeze({
  sale: 'sale',
  refund: 'refund',
  settlement: 'fee',
})

function lineOf(
  { at, kind, payment_id: paymentId, order_id: orderId, amount, currency }: Row,
  balances: Map<string, number>,
) {
  const balance = (balances.get(currency) ?? 0) - amount // credits are what a seller is owed
  balances.set(currency, balance)
  return line([dateInKorea(at), names[kind], paymentId ?? '', orderId ?? '', 0 - amount, currency, balance])
}

const line = (fields: readonly (string | number)[]) => `${fields.join(',')}\r\n`

const startOf = (day: string) => new Date(`${day}T00:00:00+09:00`)

const dateInKorea = (at: Date) => new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10)

async function balancesBefore(db: Knex, sellerId: string, from: Date): Promise<Map<string, number>> {
  const rows: unknown = await db('ledger_entries')
    .where('seller_id', sellerId)
    .where('at', '<', from)
    .groupBy('currency')
    .select('currency')
    .sum({ amount: 'amount' })
  const shape = z.array(z.object({ currency: z.string(), amount: z.coerce.number() }))
  return new Map(shape.parse(rows).map(({ currency, amount }) => [currency, 0 - amount]))
}

async function readEntries(
  db: Knex,
  sellerId: string,
  span: { from: Date; until: Date },
  after: { at: Date; seq: number } | undefined,
): Promise<Row[]> {
  const rows: unknown = await db('ledger_entries AS e')
    .leftJoin('payments AS p', 'p.id', 'e.payment_id')
    .where('e.seller_id', sellerId)
    .where('e.at', '>=', after?.at ?? span.from)
    .where('e.at', '<', span.until)
    .modify((query) => {
      if (after) void query.whereRaw('(e.at, e.seq) > (?, ?)', [after.at, after.seq])
    })
    .orderBy(['e.at', 'e.seq'])
    .limit(rowsPerStatement)
    .select('e.seq', 'e.at', 'e.kind', 'e.payment_id', 'p.order_id', 'e.amount', 'e.currency')
  return z.array(entryShape).parse(rows)
}
