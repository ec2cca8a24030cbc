import type { Knex } from 'knex'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'

const sessionMs = 30 * 60_000 // to authenticate
const confirmMs = 10 * 60_000 // and to confirm after that
const cancelGapMs = 1_000 // of two cancels of one payment that come closer only the first is processed

const rowShape = z.object({
  payment_key: z.string(),
  order_id: z.string(),
  status: z.enum(['READY', 'IN_PROGRESS', 'WAITING_FOR_DEPOSIT', 'DONE', 'ABORTED', 'EXPIRED']),
  amount: z.coerce.number(),
  canceled_amount: z.coerce.number(),
  currency: z.string(),
  failure_code: z.string().nullable(),
  refuses_cancels: z.coerce.boolean(),
  success_url: z.string().nullable(),
  fail_url: z.string().nullable(),
  created_at: z.date(),
  expires_at: z.date(),
  done_at: z.date().nullable(),
  last_cancel_at: z.date().nullable(),
})
type Row = z.infer<typeof rowShape>

/** A refusal, as Toss says it: an HTTP status and a code. */
export class TossRefusal extends Error {
  readonly httpStatus: number
  readonly code: string
  constructor(httpStatus: number, code: string) {
    super(code)
    this.httpStatus = httpStatus
    this.code = code
  }
}

/** The payment object of the answers, in Toss's names. */
export type TossView = ReturnType<typeof present>

/**
 * The simulated network's own books: what it charged and gave back, each once a key. It is the truth that exactly-once
 * checks are held against.
 */
export class Ledger {
  readonly #db: Knex
  readonly #now: () => Date
  constructor(db: Knex, now: () => Date = () => new Date()) {
    this.#db = db
    this.#now = now
  }

  /** Charges at once, or `pendingMs` later, or writes down the refusal; an order id seen before is answered as before. */
  async charge(input: {
    orderId: string
    amount: Money
    declineCode?: string
    pendingMs?: number
    refusesCancels?: boolean
    /** What comes later is not charged: who sent it may have given it up. */
    chargeBy?: Date
  }): Promise<TossView> {
    const now = this.#now()
    if (input.chargeBy && now > input.chargeBy) return await this.#chargedBefore(input.orderId)
    const doneAt = new Date(now.getTime() + (input.pendingMs ?? 0))
    await this.#insert({
      order_id: input.orderId,
      status: input.declineCode ? 'ABORTED' : input.pendingMs ? 'IN_PROGRESS' : 'DONE',
      amount: input.amount.amount,
      currency: input.amount.currency,
      failure_code: input.declineCode ?? null,
      refuses_cancels: input.refusesCancels ?? false,
      expires_at: new Date(now.getTime() + confirmMs),
      done_at: input.declineCode ? null : doneAt,
    })
    const view = await this.byOrder(input.orderId)
    if (view.failure) throw new TossRefusal(403, view.failure.code)
    return view
  }

  /** Opens a session of the payment window. */
  async open(input: { orderId: string; amount: Money; successUrl: string; failUrl: string }): Promise<TossView> {
    await this.#insert({
      order_id: input.orderId,
      status: 'READY',
      amount: input.amount.amount,
      currency: input.amount.currency,
      success_url: input.successUrl,
      fail_url: input.failUrl,
      expires_at: new Date(this.#now().getTime() + sessionMs),
    })
    return await this.byOrder(input.orderId)
  }

  /** The buyer authenticated in the window, or left it; answers where the browser goes. */
  async authenticate(paymentKey: string, paid: boolean): Promise<string> {
    const row = await this.#read(this.#db, { payment_key: paymentKey })
    if (row === undefined || statusOf(row, this.#now()) !== 'READY')
      throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    const url = new URL((paid ? row.success_url : row.fail_url) ?? 'about:blank')
    url.searchParams.set('orderId', row.order_id)
    if (paid) {
      const expiresAt = new Date(this.#now().getTime() + confirmMs)
      await this.#db('sim_payments')
        .where({ payment_key: paymentKey, status: 'READY' })
        .update({ status: 'IN_PROGRESS', expires_at: expiresAt })
      url.searchParams.set('paymentKey', paymentKey)
      url.searchParams.set('amount', `${row.amount}`)
    } else {
      await this.#db('sim_payments')
        .where({ payment_key: paymentKey, status: 'READY' })
        .update({ status: 'ABORTED', failure_code: 'PAY_PROCESS_CANCELED' })
      url.searchParams.set('code', 'PAY_PROCESS_CANCELED')
    }
    return url.href
  }

  /** Charges what the window authenticated. */
  async confirm(input: { paymentKey: string; orderId: string; amount: number }): Promise<TossView> {
    const row = await this.#read(this.#db, { payment_key: input.paymentKey })
    if (row?.order_id !== input.orderId || row.amount !== input.amount) throw new TossRefusal(400, 'INVALID_REQUEST')
    const status = statusOf(row, this.#now())
    if (status === 'DONE') throw new TossRefusal(400, 'ALREADY_PROCESSED_PAYMENT')
    if (status !== 'IN_PROGRESS') throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    await this.#db('sim_payments')
      .where({ payment_key: input.paymentKey, status: 'IN_PROGRESS' })
      .whereNull('done_at')
      .update({ status: 'DONE', done_at: this.#now() })
    return await this.byOrder(input.orderId)
  }

  async byOrder(orderId: string): Promise<TossView> {
    const row = await this.#read(this.#db, { order_id: orderId })
    if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
    return present(row, this.#now())
  }

  async byKey(paymentKey: string): Promise<TossView> {
    const row = await this.#read(this.#db, { payment_key: paymentKey })
    if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
    return present(row, this.#now())
  }

  /** Gives money back once an `idempotencyKey`; a key seen before is answered as before, with its cancel the last. */
  async cancel(input: { paymentKey: string; idempotencyKey: string; amount: number | undefined }): Promise<TossView> {
    return await this.#db.transaction(async (trx) => {
      const now = this.#now()
      const row = await this.#read(trx, { payment_key: input.paymentKey }, true)
      if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
      const known: unknown = await trx('sim_cancels').where({ idempotency_key: input.idempotencyKey }).first()
      if (known !== undefined) return present(row, now, cancelShape.parse(known))
      if (statusOf(row, now) !== 'DONE' || row.refuses_cancels) throw new TossRefusal(403, 'NOT_CANCELABLE_PAYMENT')
      const left = row.amount - row.canceled_amount
      if (left === 0) throw new TossRefusal(400, 'ALREADY_CANCELED_PAYMENT')
      const amount = input.amount ?? left
      if (amount > left || amount <= 0) throw new TossRefusal(403, 'NOT_CANCELABLE_AMOUNT')
      if (row.last_cancel_at && now.getTime() - row.last_cancel_at.getTime() < cancelGapMs) {
        throw new TossRefusal(403, 'FORBIDDEN_CONSECUTIVE_REQUEST')
      }
      const cancel = { transaction_key: newId('txn'), amount, canceled_at: now }
      await trx('sim_cancels').insert({
        ...cancel,
        idempotency_key: input.idempotencyKey,
        payment_key: input.paymentKey,
      })
      const after = { canceled_amount: row.canceled_amount + amount, last_cancel_at: now, status: 'DONE' as const }
      await trx('sim_payments').where({ payment_key: input.paymentKey }).update(after)
      return present({ ...row, ...after }, now, cancel)
    })
  }

  /** Sums of everything, for checks against other books. */
  async totals(): Promise<Record<string, { count: number; amount: number; refunded: number }>> {
    const rows: unknown = await this.#db('sim_payments')
      .select({ status: this.#db.raw(`IF(done_at <= ?, 'DONE', status)`, [this.#now()]) })
      .count({ count: '*' })
      .sum({ amount: 'amount', refunded: 'canceled_amount' })
      .groupBy(1)
    const sums = z.object({ count: z.coerce.number(), amount: z.coerce.number(), refunded: z.coerce.number() })
    const shape = z.array(sums.extend({ status: z.string() }))
    return Object.fromEntries(shape.parse(rows).map(({ status, ...sums }) => [status, sums]))
  }

  async #chargedBefore(orderId: string): Promise<TossView> {
    const row = await this.#read(this.#db, { order_id: orderId })
    if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    return present(row, this.#now())
  }

  /** What was charged on a day and not yet paid out, as a settlement row says it: the fee is 2.9 % and VAT on it. */
  async settlements(day: string, page: { page: number; size: number }) {
    const rows: unknown = await this.#db('sim_payments')
      .where({ status: 'DONE' })
      .whereRaw('DATE(done_at) = ?', [day])
      .orderBy('payment_key')
      .limit(page.size)
      .offset((page.page - 1) * page.size)
    return z
      .array(rowShape)
      .parse(rows)
      .map((row) => {
        const fee = Math.round(row.amount * 0.029 * 1.1)
        const { payment_key: paymentKey, order_id: orderId, amount } = row
        return { paymentKey, orderId, amount, fee, payOutAmount: amount - fee, soldDate: day }
      })
  }

  async #insert(row: object): Promise<void> {
    await this.#db('sim_payments')
      .insert({ payment_key: newId('sim'), created_at: this.#now(), ...row })
      .onConflict('order_id')
      .ignore()
  }

  async #read(db: Knex, where: { payment_key: string } | { order_id: string }, lock = false): Promise<Row | undefined> {
    const query = db('sim_payments').where(where).first()
    const row: unknown = await (lock ? query.forUpdate() : query)
    return row === undefined ? undefined : rowShape.parse(row)
  }
}

const cancelShape = z.object({ transaction_key: z.string(), amount: z.coerce.number(), canceled_at: z.date() })

function statusOf(row: Row, now: Date): Row['status'] {
  if (row.done_at && row.done_at <= now) return 'DONE'
  const waits = row.status === 'READY' || row.status === 'IN_PROGRESS'
  return waits && !row.done_at && row.expires_at <= now ? 'EXPIRED' : row.status
}

function present(row: Row, now: Date, cancel?: z.infer<typeof cancelShape>) {
  const status = statusOf(row, now)
  const balance = row.amount - row.canceled_amount
  const canceled = status === 'DONE' && row.canceled_amount > 0
  return {
    version: '2022-11-16',
    paymentKey: row.payment_key,
    orderId: row.order_id,
    status: canceled ? (balance === 0 ? 'CANCELED' : 'PARTIAL_CANCELED') : status,
    totalAmount: row.amount,
    balanceAmount: balance,
    currency: row.currency,
    failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_code },
    cancels: cancel
      ? [{ transactionKey: cancel.transaction_key, cancelAmount: cancel.amount, cancelStatus: 'DONE' }]
      : null,
  }
}
