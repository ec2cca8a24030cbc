import type { Knex } from 'knex'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { literals } from '@mytaek1/platform/mysql-trip.ts'
import type { Faults } from './faults.ts'
import { cancelShape, present, rowShape, statusOf, type Row, type TossView } from './ledger-row.ts'

const rowsAtOnce = 64
const cancelGapMs = 1_000 // of two cancels of one payment that come closer only the first is processed
const depositDays = 3
const depositUndoneMs = 3_000

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

/** Of a payment that is made: the shop's id, which is good for one payment, and the request's key. */
interface Made {
  orderId: string
  amount: Money
  idempotencyKey: string
}

/**
 * The simulated network's own books, in its own database: what it charged and gave back, each once a key. It is the truth
 * that exactly-once checks are held against.
 */
export class Ledger {
  readonly #db: Knex
  readonly #clocks: () => Pick<Faults, 'sessionMs' | 'confirmMs'>
  readonly #now: () => Date
  /** Those that are made while others are written share a statement; answers whether the row is new for certain. */
  readonly #made: Gather<Row, boolean>
  constructor(db: Knex, options: { clocks: () => Pick<Faults, 'sessionMs' | 'confirmMs'>; now?: () => Date }) {
    this.#db = db
    this.#clocks = options.clocks
    this.#now = options.now ?? (() => new Date())
    this.#made = new Gather({ most: rowsAtOnce, lanes: 2, isOfOne: () => false, work: (rows) => insertRows(db, rows) })
  }

  /**
   * Charges at once, or `pendingMs` later, or writes down the refusal. The same request again is answered as the first time,
   * whatever became of the payment since; another request with a known order id is refused.
   */
  async charge(
    input: Made & {
      declineCode?: string | undefined
      pendingMs?: number
      cancels?: Row['cancels'] | undefined
      /** It came after its sender's last moment, who may have given it up: it is not charged. */
      isLate?: boolean
    },
  ): Promise<TossView> {
    const now = this.#now()
    const row = input.isLate
      ? await this.#read(this.#db, { order_id: input.orderId })
      : await this.#make(input, {
          method: '카드',
          status: input.declineCode ? 'ABORTED' : input.pendingMs ? 'IN_PROGRESS' : 'DONE',
          failure_code: input.declineCode ?? null,
          cancels: input.cancels ?? 'TAKEN',
          expires_at: new Date(now.getTime() + this.#clocks().confirmMs),
          done_at: input.declineCode ? null : new Date(now.getTime() + (input.pendingMs ?? 0)),
        })
    if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    if (row.failure_code !== null) throw new TossRefusal(403, row.failure_code)
    return present(row, row.created_at)
  }

  /** Opens a session of the payment window. */
  async open(input: Made & { successUrl: string; failUrl: string }): Promise<TossView> {
    const row = await this.#make(input, {
      method: '카드',
      status: 'READY',
      success_url: input.successUrl,
      fail_url: input.failUrl,
      expires_at: new Date(this.#now().getTime() + this.#clocks().sessionMs),
    })
    return present(row, this.#now())
  }

  /** Issues a virtual account; money that comes in later pays. */
  async issueAccount(input: Made & { validHours?: number | undefined }): Promise<TossView> {
    const validMs = (input.validHours ?? depositDays * 24) * 3_600_000
    const row = await this.#make(input, {
      method: '가상계좌',
      status: 'WAITING_FOR_DEPOSIT',
      account_number: `X${Math.random().toString().slice(2, 16)}`, // test accounts start with X
      expires_at: new Date(this.#now().getTime() + validMs),
    })
    return present(row, row.created_at)
  }

  /**
   * Money comes in to a virtual account. Less than the amount leaves it waiting; after its time a bank refuses it, or, with
   * `afterExpiry`, takes it all the same.
   */
  async deposit(input: {
    accountNumber: string
    amount: number
    afterExpiry: boolean
    isUndone: boolean
  }): Promise<TossView> {
    return await this.#db.transaction(async (trx) => {
      const now = this.#now()
      const row = await this.#read(trx, { account_number: input.accountNumber }, true)
      if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
      const status = statusOf(row, now)
      if (status !== 'WAITING_FOR_DEPOSIT' && !(status === 'EXPIRED' && input.afterExpiry)) {
        throw new TossRefusal(403, 'INVALID_ACCOUNT_STATUS')
      }
      const deposited = row.deposited_amount + input.amount
      const isPaid = deposited >= row.amount
      const after = {
        deposited_amount: deposited,
        ...(isPaid && { status: 'DONE' as const, done_at: now }),
        // DONE is told first; a moment later the network's own line fails and it waits again
        ...(isPaid && input.isUndone && { undone_until: new Date(now.getTime() + depositUndoneMs) }),
      }
      await trx('ledger_payments').where({ payment_key: row.payment_key }).update(after)
      return present({ ...row, ...after, undone_until: null }, now)
    })
  }

  /** The buyer authenticated in the window, or left it; answers where the browser goes. */
  async authenticate(paymentKey: string, paid: boolean): Promise<string> {
    const row = await this.#read(this.#db, { payment_key: paymentKey })
    if (!row?.success_url || !row.fail_url) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    const isOver = statusOf(row, this.#now()) !== 'READY'
    const url = new URL(paid && !isOver ? row.success_url : row.fail_url)
    url.searchParams.set('orderId', row.order_id)
    if (isOver) {
      url.searchParams.set('code', 'NOT_FOUND_PAYMENT_SESSION')
    } else if (paid) {
      const expiresAt = new Date(this.#now().getTime() + this.#clocks().confirmMs)
      await this.#db('ledger_payments')
        .where({ payment_key: paymentKey, status: 'READY' })
        .update({ status: 'IN_PROGRESS', expires_at: expiresAt })
      url.searchParams.set('paymentKey', paymentKey)
      url.searchParams.set('amount', `${row.amount}`)
    } else {
      await this.#db('ledger_payments')
        .where({ payment_key: paymentKey, status: 'READY' })
        .update({ status: 'ABORTED', failure_code: 'PAY_PROCESS_CANCELED' })
      url.searchParams.set('code', 'PAY_PROCESS_CANCELED')
    }
    return url.href
  }

  /** Charges what the window authenticated. */
  async confirm(input: { paymentKey: string; orderId: string; amount: number; pendingMs?: number }): Promise<TossView> {
    const row = await this.#read(this.#db, { payment_key: input.paymentKey })
    if (row?.order_id !== input.orderId || row.amount !== input.amount) throw new TossRefusal(400, 'INVALID_REQUEST')
    const status = statusOf(row, this.#now())
    if (status === 'DONE') throw new TossRefusal(400, 'ALREADY_PROCESSED_PAYMENT')
    if (status !== 'IN_PROGRESS') throw new TossRefusal(404, 'NOT_FOUND_PAYMENT_SESSION')
    const doneAt = new Date(this.#now().getTime() + (input.pendingMs ?? 0))
    await this.#db('ledger_payments')
      .where({ payment_key: input.paymentKey, status: 'IN_PROGRESS' })
      .whereNull('done_at')
      .update({ ...(input.pendingMs ? {} : { status: 'DONE' }), done_at: doneAt })
    return await this.byOrder(input.orderId)
  }

  async byOrder(orderId: string): Promise<TossView> {
    return this.#found(await this.#read(this.#db, { order_id: orderId }))
  }

  async byKey(paymentKey: string): Promise<TossView> {
    return this.#found(await this.#read(this.#db, { payment_key: paymentKey }))
  }

  /** Gives money back once an `idempotencyKey`; a key seen before is answered as before, with its cancel the last. */
  async cancel(input: {
    paymentKey: string
    idempotencyKey: string
    amount: number | undefined
    /** Whether an account was named that the money goes to, and that its bank knows. */
    account?: 'none' | 'known' | 'unknown'
  }): Promise<{ view: TossView; isSilent: boolean }> {
    return await this.#db.transaction(async (trx) => {
      const now = this.#now()
      const row = await this.#read(trx, { payment_key: input.paymentKey }, true)
      if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
      const known: unknown = await trx('ledger_cancels').where({ idempotency_key: input.idempotencyKey }).first()
      if (known !== undefined) return { view: present(row, now, cancelShape.parse(known)), isSilent: false }
      const status = statusOf(row, now)
      if (status === 'WAITING_FOR_DEPOSIT' && row.undone_until === null) {
        const closed = { status: 'ABORTED' as const, failure_code: 'PAY_PROCESS_CANCELED' }
        await trx('ledger_payments').where({ payment_key: input.paymentKey }).update(closed)
        return { view: present({ ...row, ...closed }, now), isSilent: false }
      }
      if (status !== 'DONE' || row.cancels === 'REFUSED') throw new TossRefusal(403, 'NOT_CANCELABLE_PAYMENT')
      if (row.account_number !== null && input.account !== 'known') {
        const code = input.account === 'unknown' ? 'INVALID_REFUND_ACCOUNT_NUMBER' : 'INVALID_REFUND_ACCOUNT_INFO'
        throw new TossRefusal(403, code)
      }
      const left = row.amount - row.canceled_amount
      if (left === 0) throw new TossRefusal(400, 'ALREADY_CANCELED_PAYMENT')
      const amount = input.amount ?? left
      if (amount > left || amount <= 0) throw new TossRefusal(403, 'NOT_CANCELABLE_AMOUNT')
      if (row.last_cancel_at && now.getTime() - row.last_cancel_at.getTime() < cancelGapMs) {
        throw new TossRefusal(403, 'FORBIDDEN_CONSECUTIVE_REQUEST')
      }
      const cancel = { transaction_key: newId('txn'), amount, canceled_at: now }
      await trx('ledger_cancels').insert({
        ...cancel,
        idempotency_key: input.idempotencyKey,
        payment_key: input.paymentKey,
      })
      const after = { canceled_amount: row.canceled_amount + amount, last_cancel_at: now, status: 'DONE' as const }
      await trx('ledger_payments').where({ payment_key: input.paymentKey }).update(after)
      return { view: present({ ...row, ...after }, now, cancel), isSilent: row.cancels === 'SILENT' }
    })
  }

  /** Sums of everything, for checks against other books. */
  async totals(): Promise<Record<string, { count: number; amount: number; refunded: number }>> {
    const rows: unknown = await this.#db('ledger_payments')
      .select({ status: this.#db.raw(`IF(done_at <= ?, 'DONE', status)`, [this.#now()]) })
      .count({ count: '*' })
      .sum({ amount: 'amount', refunded: 'canceled_amount' })
      .groupBy(1)
    const sums = z.object({ count: z.coerce.number(), amount: z.coerce.number(), refunded: z.coerce.number() })
    const shape = z.array(sums.extend({ status: z.string() }))
    return Object.fromEntries(shape.parse(rows).map(({ status, ...sums }) => [status, sums]))
  }

  #found(row: Row | undefined): TossView {
    if (row === undefined) throw new TossRefusal(404, 'NOT_FOUND_PAYMENT')
    return present(row, this.#now())
  }

  async #make(made: Made, facts: Partial<Row> & Pick<Row, 'method' | 'status' | 'expires_at'>): Promise<Row> {
    const row: Row = {
      payment_key: newId('sim'),
      order_id: made.orderId,
      idempotency_key: made.idempotencyKey,
      amount: made.amount.amount,
      canceled_amount: 0,
      deposited_amount: 0,
      currency: made.amount.currency,
      failure_code: null,
      cancels: 'TAKEN',
      account_number: null,
      success_url: null,
      fail_url: null,
      created_at: this.#now(),
      done_at: null,
      undone_until: null,
      last_cancel_at: null,
      ...facts,
    }
    if (await this.#made.add(row)) return row
    const known = await this.#read(this.#db, { order_id: made.orderId })
    if (known?.idempotency_key !== made.idempotencyKey) throw new TossRefusal(400, 'DUPLICATED_ORDER_ID')
    return known
  }

  async #read(
    db: Knex,
    where: { payment_key: string } | { order_id: string } | { account_number: string },
    lock = false,
  ): Promise<Row | undefined> {
    const query = db('ledger_payments').where(where).first()
    const row: unknown = await (lock ? query.forUpdate() : query)
    return row === undefined ? undefined : rowShape.parse(row)
  }
}

// When one is known already, each looks for its own row.
async function insertRows(db: Knex, rows: readonly Row[]): Promise<boolean[]> {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row)[]
  const values = rows.map((row) => literals(names.map((name) => row[name])))
  const [result] = await db.raw(`INSERT IGNORE INTO ledger_payments (${names.join(', ')}) VALUES ${values.join(', ')}`)
  return rows.map(() => result.affectedRows === rows.length)
}
