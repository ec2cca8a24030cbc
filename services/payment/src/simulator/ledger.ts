import type { Knex } from 'knex'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import type { AuthorizationStatus } from '../gateways/card-gateway.ts'

const rowShape = z.object({
  status: z.enum(['AUTHORIZED', 'CAPTURED', 'VOIDED', 'DECLINED', 'ABANDONED']),
  reference: z.string(),
  reason: z.string().nullable(),
  amount: z.coerce.number(),
  refunded_amount: z.coerce.number(),
})
type Row = z.infer<typeof rowShape>

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
  async authorize(input: { key: string; amount: Money; declineReason?: string }): Promise<AuthorizationStatus> {
    await this.#db('simulator_authorizations')
      .insert({
        auth_key: input.key,
        reference: newId('sim'),
        status: input.declineReason ? 'DECLINED' : 'AUTHORIZED',
        reason: input.declineReason ?? null,
        amount: input.amount.amount,
        currency: input.amount.currency,
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

  /** Gives money back once a `refundKey`, never more than was captured. */
  async refund(input: { key: string; refundKey: string; amount: Money }): Promise<AuthorizationStatus> {
    await this.#db.transaction(async (trx) => {
      const row = await this.#read(trx, input.key, true)
      if (row?.status !== 'CAPTURED' || row.refunded_amount + input.amount.amount > row.amount) return
      const known = await trx('simulator_refunds').where({ refund_key: input.refundKey }).first('refund_key')
      if (known !== undefined) return
      await trx('simulator_refunds').insert({
        refund_key: input.refundKey,
        auth_key: input.key,
        amount: input.amount.amount,
      })
      await trx('simulator_authorizations')
        .where({ auth_key: input.key })
        .increment('refunded_amount', input.amount.amount)
    })
    return this.find(input.key)
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
  return { status: row.status, reference: row.reference, refundedAmount: row.refunded_amount }
}
