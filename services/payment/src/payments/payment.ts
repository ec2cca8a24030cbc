import { Model, type Pojo } from 'objection'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { DepositAccount, Known, PaymentMethod, RefundAccount } from '../gateways/payment-gateway.ts'
import type { PaymentState } from './payment-state.ts'

/** A row of `payments`; what each column means is in migrations 0001, 0006, 0009, 0011, 0013 and 0014. Amounts are minor units. */
export class Payment extends Model {
  static override readonly tableName = 'payments'
  declare id: string
  declare order_id: string
  declare buyer_id: string
  declare seller_id: string | null
  declare amount: number | null
  declare currency: string | null
  declare state: PaymentState
  declare refunded_amount: number // set aside: what went back and what is asked for
  declare card_brand: string | null
  declare card_last4: string | null
  declare gateway: string
  declare gateway_reference: string | null
  declare failure_reason: string | null
  declare idempotency_key: string
  declare request_hash: string
  declare created_at: Date
  declare updated_at: Date
  declare next_attempt_at: Date | null
  declare attempts: number
  declare generation: number
  declare instrument: string | null
  declare lease_owner: string | null
  declare charge_by: Date | null
  declare method: PaymentMethod | null
  declare window_until: Date | null
  declare window_amount: number | null
  declare next_action: string | null
  declare return_token: string | null
  declare left_reason: string | null
  declare hinted_at: Date | null
  declare deposit: string | null
  declare refund_account: string | null
  declare asked_since: Date | null
  declare last_word: string | null
  declare owed_amount: number | null
  declare owed_currency: string | null
  declare owed_since: Date | null
}

/** A row of `refunds`. */
export class Refund extends Model {
  static override readonly tableName = 'refunds'
  declare id: string
  declare payment_id: string
  declare amount: number
  declare restock: boolean
  declare state: RefundState
  declare failure_reason: string | null
  declare attempts: number
  declare lease_owner: string | null
  declare idempotency_key: string
  declare request_hash: string
  declare created_at: Date
  declare ended_at: Date | null
  declare next_attempt_at: Date | null
  declare asked_since: Date | null
  declare last_word: string | null

  /** MariaDB answers 0 or 1 for a boolean, which no other service takes for one. */
  override $parseDatabaseJson(row: Pojo): Pojo {
    const parsed = super.$parseDatabaseJson(row)
    return 'restock' in parsed ? { ...parsed, restock: Boolean(parsed.restock) } : parsed
  }
}

/** REQUESTED: set aside, and the network is asked. DONE: the money went back. FAILED: the network refused for good. */
export const refundStates = ['REQUESTED', 'DONE', 'FAILED'] as const
export type RefundState = (typeof refundStates)[number]

/** A payment as its gateway is asked about it. */
export const knownOf = ({ id, gateway_reference }: Pick<Payment, 'id' | 'gateway_reference'>): Known => ({
  paymentId: id,
  reference: gateway_reference,
})

const depositShape = z.object({ bank: z.string(), number: z.string(), until: z.coerce.date() })
const refundAccountShape = z.object({ bank: z.string(), number: z.string(), holder: z.string() })

/** The account that a buyer was told to pay in to. */
export const depositOf = ({ deposit }: Pick<Payment, 'deposit'>): DepositAccount | undefined =>
  deposit ? depositShape.parse(JSON.parse(deposit)) : undefined

/** The account that its buyer gets money back on, if it was told. */
export const refundAccountOf = ({ refund_account }: Pick<Payment, 'refund_account'>): RefundAccount | undefined =>
  refund_account ? refundAccountShape.parse(JSON.parse(refund_account)) : undefined

/** Whether money of it can only go back on an account of the buyer's, and none was told. */
export const lacksRefundAccount = ({ method, refund_account }: Pick<Payment, 'method' | 'refund_account'>) =>
  method === 'virtual_account' && !refund_account

/** What a gateway took that no order is paid with, and that is to go back to its buyer. */
export const owedOf = ({ owed_amount, owed_currency }: Pick<Payment, 'owed_amount' | 'owed_currency'>) =>
  owed_amount === null || owed_currency === null ? undefined : { amount: owed_amount, currency: owed_currency }

/** The money of a payment; undefined until its order is claimed. */
export const amountOf = ({ amount, currency }: Pick<Payment, 'amount' | 'currency'>): Money | undefined =>
  amount === null || currency === null ? undefined : { amount, currency }
