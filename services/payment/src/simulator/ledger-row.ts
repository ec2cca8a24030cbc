import { z } from 'zod'

/** A row of `ledger_payments`. */
export const rowShape = z.object({
  payment_key: z.string(),
  order_id: z.string(),
  idempotency_key: z.string(),
  method: z.string(),
  status: z.enum(['READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT', 'DONE', 'ABORTED', 'EXPIRED']),
  amount: z.coerce.number(),
  canceled_amount: z.coerce.number(),
  deposited_amount: z.coerce.number(),
  currency: z.string(),
  failure_code: z.string().nullable(),
  cancels: z.enum(['TAKEN', 'REFUSED', 'SILENT']),
  account_number: z.string().nullable(),
  success_url: z.string().nullable(),
  fail_url: z.string().nullable(),
  created_at: z.date(),
  expires_at: z.date(),
  done_at: z.date().nullable(),
  undone_until: z.date().nullable(),
  last_cancel_at: z.date().nullable(),
})
export type Row = z.infer<typeof rowShape>

/** A row of `ledger_cancels`, as far as an answer shows it. */
export const cancelShape = z.object({
  transaction_key: z.string(),
  amount: z.coerce.number(),
  canceled_at: z.date(),
})

/** The payment object of the answers, in Toss's names. */
export type TossView = ReturnType<typeof present>

/** The status at a moment: charges take effect, sessions and accounts expire, and deposits go back by time alone. */
export function statusOf(row: Row, now: Date): Row['status'] {
  if (row.undone_until && row.undone_until > now) return 'WAITING_FOR_DEPOSIT'
  if (row.done_at && row.done_at <= now) return 'DONE'
  if (row.done_at || row.expires_at > now) return row.status
  return ['READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT'].includes(row.status) ? 'EXPIRED' : row.status
}

/** @param cancel the one that is answered; Toss lists all, the last one last */
export function present(row: Row, now: Date, cancel?: z.infer<typeof cancelShape>) {
  const status = statusOf(row, now)
  const balance = row.amount - row.canceled_amount
  const canceled = status === 'DONE' && row.canceled_amount > 0
  return {
    version: '2022-11-16',
    paymentKey: row.payment_key,
    orderId: row.order_id,
    method: row.method,
    status: canceled ? (balance === 0 ? 'CANCELED' : 'PARTIAL_CANCELED') : status,
    totalAmount: row.amount,
    balanceAmount: balance,
    currency: row.currency,
    requestedAt: row.created_at.toISOString(),
    approvedAt: status === 'DONE' ? (row.done_at?.toISOString() ?? null) : null,
    failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_code },
    secret: secretOf(row.payment_key),
    virtualAccount:
      row.account_number === null
        ? null
        : {
            accountNumber: row.account_number,
            bankCode: '20',
            dueDate: row.expires_at.toISOString(),
            expired: status === 'EXPIRED',
          },
    cancels: cancel
      ? [
          {
            transactionKey: cancel.transaction_key,
            cancelAmount: cancel.amount,
            canceledAt: cancel.canceled_at.toISOString(),
            cancelStatus: 'DONE',
          },
        ]
      : null,
  }
}

/** What a `DEPOSIT_CALLBACK` carries, to be compared with the one of the answer. */
const secretOf = (paymentKey: string) => `ps_${paymentKey}`
