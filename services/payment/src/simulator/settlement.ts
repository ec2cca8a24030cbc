import type { Knex } from 'knex'
import { z } from 'zod'
import type { Faults } from './faults.ts'

const feeRate = 0.029
const vatRate = 0.1
const paidOutDays = 2

/** What a page of the settlement file is asked for: days of sale or of payout, both included, oldest first. */
export const settlementQuery = z.object({
  dateType: z.enum(['soldDate', 'paidOutDate']).default('soldDate'),
  startDate: z.iso.date(),
  endDate: z.iso.date(),
  page: z.coerce.number().int().min(1).default(1),
  size: z.coerce.number().int().min(1).max(5_000).default(100),
})

const movesShape = z.array(
  z.object({
    payment_key: z.string(),
    transaction_key: z.string(),
    order_id: z.string(),
    method: z.string(),
    currency: z.string(),
    amount: z.coerce.number(),
    at: z.date(),
    is_cancel: z.coerce.boolean(),
    lot: z.coerce.number(),
  }),
)

/**
 * One page of the settlement file in Toss's shape: a row for each charge, and one with negative amounts for each cancel.
 * The fee is 2.9 % and VAT on it; a payout comes two days after.
 */
export async function settlementPage(db: Knex, query: z.infer<typeof settlementQuery>, faults: Faults) {
  const shift = query.dateType === 'paidOutDate' ? paidOutDays : 0
  const from = dayAfter(query.startDate, -shift)
  const until = dayAfter(query.endDate, 1 - shift)
  const [rows] = await db.raw(
    `SELECT payment_key, payment_key AS transaction_key, order_id, method, currency, amount, done_at AS at, 0 AS is_cancel,
            CRC32(payment_key) % 1000 AS lot
       FROM ledger_payments WHERE done_at >= ? AND done_at < ? AND done_at <= UTC_TIMESTAMP(3)
      UNION ALL
     SELECT p.payment_key, c.transaction_key, p.order_id, p.method, p.currency, c.amount, c.canceled_at, 1,
            CRC32(c.transaction_key) % 1000
       FROM ledger_cancels AS c JOIN ledger_payments AS p ON p.payment_key = c.payment_key
      WHERE c.canceled_at >= ? AND c.canceled_at < ?
      ORDER BY at, transaction_key LIMIT ? OFFSET ?`,
    [from, until, from, until, query.size, (query.page - 1) * query.size],
  )
  return movesShape.parse(rows).map((row) => {
    const sign = row.is_cancel ? -1 : 1
    const supplyAmount = sign * Math.round(row.amount * feeRate)
    const vat = Math.round(supplyAmount * vatRate)
    const fee = supplyAmount + vat
    const amount = sign * row.amount
    const soldDate = row.at.toISOString().slice(0, 10)
    const isWrong = row.lot < faults.settlementWrong * 1_000
    const transaction = {
      mId: 'simulator',
      paymentKey: row.payment_key,
      transactionKey: row.transaction_key,
      orderId: row.order_id,
      currency: row.currency,
      method: row.method,
      amount,
      interestFee: 0,
      fee,
      supplyAmount,
      vat,
      payOutAmount: amount - fee - (isWrong ? 1 : 0),
      approvedAt: row.at.toISOString(),
      soldDate,
      paidOutDate: dayAfter(soldDate, paidOutDays),
      cancel: row.is_cancel ? { transactionKey: row.transaction_key, cancelAmount: row.amount } : null,
    }
    return row.lot < faults.settlementWithoutFees * 1_000
      ? transaction
      : { ...transaction, fees: [{ type: 'BASE', fee }] }
  })
}

function dayAfter(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}
