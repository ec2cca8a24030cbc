import { Model } from 'objection'
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
  declare refunded_amount: number
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
  declare state: 'REQUESTED' | 'DONE'
  declare idempotency_key: string
  declare request_hash: string
  declare created_at: Date
  declare next_attempt_at: Date | null
}

export const amountOf = (payment: Pick<Payment, 'amount' | 'currency'>): Money => ({
  amount: payment.amount,
  currency: payment.currency,
})

/** The key under which the card network knows this payment; the same on every retry. */
export const gatewayKey = (paymentId: string) => `${paymentId}:auth`
