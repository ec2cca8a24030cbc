import { Model, type Pojo } from 'objection'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { PaymentState } from './payment-state.ts'

/** A row of `payments`; what each column means is in migration 0001. Amounts are minor units. */
export class Payment extends Model {
  static override readonly tableName = 'payments'
  declare id: string
  declare order_id: string
  declare buyer_id: string
  declare seller_id: string | null
  declare amount: number
  declare currency: string
  declare state: PaymentState
  declare claim: 'CLAIMED' | 'REFUSED' | null
  declare refunded_amount: number // set aside: what went back and what is asked for
  declare card_brand: string
  declare card_last4: string
  declare gateway: string
  declare gateway_reference: string | null
  declare failure_reason: string | null
  declare idempotency_key: string
  declare request_hash: string
  declare created_at: Date
  declare updated_at: Date
  declare next_attempt_at: Date | null
  declare attempts: number
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
  declare idempotency_key: string
  declare request_hash: string
  declare created_at: Date
  declare next_attempt_at: Date | null

  /** MariaDB answers 0 or 1 for a boolean, which no other service takes for one. */
  override $parseDatabaseJson(row: Pojo): Pojo {
    const parsed = super.$parseDatabaseJson(row)
    return 'restock' in parsed ? { ...parsed, restock: Boolean(parsed.restock) } : parsed
  }
}

/** REQUESTED: set aside, and the network is asked. DONE: the money went back. FAILED: the network refused for good. */
export const refundStates = ['REQUESTED', 'DONE', 'FAILED'] as const
export type RefundState = (typeof refundStates)[number]

export const amountOf = (payment: Pick<Payment, 'amount' | 'currency'>): Money => ({
  amount: payment.amount,
  currency: payment.currency,
})

/** The key under which the card network knows this payment; the same on every retry. */
export const gatewayKey = (paymentId: string) => `${paymentId}:auth`
