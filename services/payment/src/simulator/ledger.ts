import type { Knex } from 'knex'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import type { AuthorizationStatus, RefundStatus } from '../gateways/card-gateway.ts'

const rowShape = z.object({
  status: z.enum(['AUTHORIZED', 'CAPTURED', 'VOIDED', 'DECLINED', 'ABANDONED']),
  reference: z.string(),
  reason: z.string().nullable(),
  amount: z.coerce.number(),
  refunded_amount: z.coerce.number(),
  refuses_refunds: z.coerce.boolean(),
})
type Row = z.infer<typeof rowShape>
const refundRowShape = z.object({ amount: z.coerce.number() })

/**
 * The simulated network's own books: what it authorised, captured, voided and refunded, each once a key. It is the
 * truth that exactly-once checks are held against.
 */
export class Ledger {
  readonly #db: Knex
  constructor(db: Knex) {
    this.#db = db
  }

  /** Authorises or declines under `key`; a key seen before is answered as before. */
  async authorize(input: {
    key: string
    amount: Money
    declineReason?: string
    refusesRefunds?: boolean
  }): Promise<AuthorizationStatus> {
    await this.#db('simulator_authorizations')
      .insert({
        auth_key: input.key,
        reference: newId('sim'),
        status: input.declineReason ? 'DECLINED' : 'AUTHORIZED',
        reason: input.declineReason ?? null,
        amount: input.amount.amount,
        currency: input.amount.currency,
        refuses_refunds: input.refusesRefunds ?? false,
      })
      .onConflict('auth_key')
      .ignore()
    return this.find(input.key)
  }

  async find(key: string): Promise<AuthorizationStatus> {
    return present(await this.#read(this.#db, key))
  }

  /** Makes a key that was never seen unusable. */
  async abandon(key: string): Promise<AuthorizationStatus> {
    await this.#db('simulator_authorizations')
      .insert({ auth_key: key, reference: newId('sim'), status: 'ABANDONED', amount: 0, currency: 'XXX' })
      .onConflict('auth_key')
      .ignore()
    return this.find(key)
  }

  async capture(key: string): Promise<AuthorizationStatus> {
    await this.#db('simulator_authorizations')
      .where({ auth_key: key, status: 'AUTHORIZED' })
      .update({ status: 'CAPTURED' })
    return this.find(key)
  }

  async void(key: string): Promise<AuthorizationStatus> {
    await this.#db('simulator_authorizations')
      .where({ auth_key: key, status: 'AUTHORIZED' })
      .update({ status: 'VOIDED' })
    return this.find(key)
  }

  /** Gives money back once a `refundKey`, never more than was captured; a key seen before is answered as before. */
  async refund(input: { key: string; refundKey: string; amount: Money }): Promise<RefundStatus> {
    return await this.#db.transaction(async (trx): Promise<RefundStatus> => {
      const row = await this.#read(trx, input.key, true)
      const known: unknown = await trx('simulator_refunds').where({ refund_key: input.refundKey }).first('amount')
      if (known !== undefined) return { status: 'REFUNDED', amount: refundRowShape.parse(known).amount }
      if (row?.status !== 'CAPTURED') return { status: 'REFUSED', reason: 'not_captured' }
      if (row.refuses_refunds) return { status: 'REFUSED', reason: 'card_closed' }
      if (row.refunded_amount + input.amount.amount > row.amount) {
        return { status: 'REFUSED', reason: 'exceeds_captured_amount' }
      }
      await trx('simulator_refunds').insert({
        refund_key: input.refundKey,
        auth_key: input.key,
        amount: input.amount.amount,
      })
      await trx('simulator_authorizations')
        .where({ auth_key: input.key })
        .increment('refunded_amount', input.amount.amount)
      return { status: 'REFUNDED', amount: input.amount.amount }
    })
  }

  /** Sums of everything, for checks against other books. */
  async totals(): Promise<Record<string, { count: number; amount: number; refunded: number }>> {
    const rows: unknown = await this.#db('simulator_authorizations')
      .select('status')
      .count({ count: '*' })
      .sum({ amount: 'amount', refunded: 'refunded_amount' })
      .groupBy('status')
    const shape = z.array(
      z.object({
        status: z.string(),
        count: z.coerce.number(),
        amount: z.coerce.number(),
        refunded: z.coerce.number(),
      }),
    )
    return Object.fromEntries(shape.parse(rows).map(({ status, ...sums }) => [status, sums]))
  }

  async #read(db: Knex, key: string, lock = false): Promise<Row | undefined> {
    const query = db('simulator_authorizations').where({ auth_key: key }).first()
    const row: unknown = await (lock ? query.forUpdate() : query)
    return row === undefined ? undefined : rowShape.parse(row)
  }
}

function present(row: Row | undefined): AuthorizationStatus {
  if (row === undefined) return { status: 'NOT_FOUND' }
  if (row.status === 'DECLINED') return { status: 'DECLINED', reason: row.reason ?? 'card_declined' }
  if (row.status === 'ABANDONED') return { status: 'DECLINED', reason: 'not_processed' }
  return { status: row.status, reference: row.reference, amount: row.amount, refundedAmount: row.refunded_amount }
}
