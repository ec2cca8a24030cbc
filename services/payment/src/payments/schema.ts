import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { cardShape } from '../cards/card.ts'
import { paymentMethods, type PaymentMethod } from '../gateways/payment-gateway.ts'
import { paymentStates } from './payment-state.ts'
import { refundClock } from '../statutory/refund-clock.ts'
import { amountOf, depositOf, lacksRefundAccount, owedOf, refundStates, type Payment, type Refund } from './payment.ts'
import { nextAction } from './window.ts'

/** Request and answer shapes of the payment API, and how models are presented in them. */
const id = z.string().regex(/^[\w-]{1,64}$/) // the columns are ASCII, and comparing other text with them fails
export const idParams = z.object({ id })

/** Whether a text may be a payment's id. */
export const isId = (text: string) => id.safeParse(text).success

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string({ error: 'is required: any text of 1 to 255 characters that is new for each new request' })
    .min(1)
    .max(255),
})

export const cardTokenRequest = cardShape.meta({ id: 'CardTokenRequest' })
export const cardTokenAnswer = z
  .object({ token: z.string(), brand: z.string(), last4: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'CardToken' })

const method = z.enum(paymentMethods)
interface PaymentBody {
  orderId: string
  method: PaymentMethod
  cardToken?: string | undefined
}
const windowRequest = z.strictObject({
  orderId: id,
  method: method.default('card').describe('one that /payment-methods offers to be paid in a window'),
})

/** @param cardEntry whether cards are entered on our own page: only then is there a word of cards */
export const paymentRequest = (cardEntry: boolean): z.ZodType<PaymentBody> =>
  cardEntry
    ? windowRequest.extend({
        cardToken: z
          .string()
          .min(1)
          .max(4_096)
          .optional()
          .describe('absent: paid in a window of the gateway, or the order costs nothing'),
      })
    : windowRequest

export const methodsQuery = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/),
  live: z.stringbool().default(false).describe('for an order that was placed in a broadcast'),
})

export const refundAccountRequest = z
  .strictObject({
    bank: z
      .string()
      .regex(/^\d{2,3}$/)
      .describe('the bank’s code'),
    number: z.string().regex(/^[\d-]{6,24}$/),
    holder: z.string().min(1).max(60),
  })
  .meta({ id: 'RefundAccount' })
export const methodsAnswer = z
  .object({
    items: z.array(
      z.object({
        method,
        entry: z
          .enum(['card', 'window', 'deposit'])
          .describe('a card that is entered here, the window of its gateway, or an account to pay in to'),
      }),
    ),
  })
  .meta({ id: 'PaymentMethods' })

export const returnParams = idParams.extend({ token: z.string().regex(/^[0-9a-f]{26}$/) })

const clientAction = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('nothing') }),
    z.object({ kind: z.literal('redirect'), url: z.string() }),
    z.object({
      kind: z.literal('sdk'),
      sdk: z.literal('portone'),
      parameters: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ])
  .meta({ id: 'ClientAction', description: 'What the browser does next: nothing but wait, or go to the window' })

export const paymentAnswer = z
  .object({
    id: z.string(),
    orderId: z.string(),
    state: z.enum(paymentStates),
    amount: moneyShape.nullable().describe('null until the order is claimed'),
    refunded: moneyShape.nullable(),
    card: z.object({ brand: z.string(), last4: z.string() }).nullable(),
    failureReason: z.string().nullable(),
    next: clientAction,
    deposit: z
      .object({ bank: z.string(), accountNumber: z.string(), until: z.iso.datetime() })
      .nullable()
      .describe('WAITING_DEPOSIT: where its buyer pays in to, the whole amount at once, and until when'),
    needsRefundAccount: z
      .boolean()
      .describe('money goes back once its buyer says on which account: PUT /payments/{id}/refund-account'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' })

export const listQuery = z.object({
  as: z.enum(['buyer', 'seller', 'admin']).default('buyer'),
  orderId: id.optional(),
  cursor: id.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})
export const paymentPage = z.object({ items: z.array(paymentAnswer), nextCursor: z.string().nullable() })

export const refundRequest = z.strictObject({
  amount: moneyShape.extend({ amount: moneyShape.shape.amount.min(1) }).optional(), // absent: all that is left
  restock: z.boolean().default(true), // whether the units go back on sale
})
export const refundAnswer = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    amount: moneyShape,
    state: z.enum(refundStates),
    failureReason: z.string().nullable(),
    restock: z.boolean(),
    requestedAt: z.iso.datetime(),
    dueAt: z.iso.datetime().describe('by law the money is back by then: three business days in Korea'),
    lateInterest: moneyShape.describe('owed to the buyer for days after that, 15 % a year'),
  })
  .meta({ id: 'Refund' })
export const refundList = z.object({ items: z.array(refundAnswer) })

/**
 * @param reader who reads it: the way into the window, and with it the way back, is its buyer's alone
 * @param refunded minor units that went back, of refunds that are done
 */
export function presentPayment(payment: Payment, reader: string, refunded = 0): z.infer<typeof paymentAnswer> {
  const amount = amountOf(payment)
  const isBuyer = reader === payment.buyer_id
  const deposit = isBuyer && payment.state === 'WAITING_DEPOSIT' ? depositOf(payment) : undefined
  const { card_brand: brand, card_last4: last4 } = payment
  return {
    id: payment.id,
    orderId: payment.order_id,
    state: payment.state === 'REQUESTED' && amount ? 'PROCESSING' : payment.state, // claimed: the ending writes it, too
    amount: amount ?? null,
    refunded: amount ? { amount: refunded, currency: amount.currency } : null,
    card: brand !== null && last4 !== null ? { brand, last4 } : null,
    failureReason: payment.failure_reason ?? null,
    next: isBuyer ? nextAction(payment) : { kind: 'nothing' },
    deposit: deposit ? { bank: deposit.bank, accountNumber: deposit.number, until: deposit.until.toISOString() } : null,
    needsRefundAccount: isBuyer && lacksRefundAccount(payment) && isOwed(payment, refunded),
    createdAt: payment.created_at.toISOString(),
  }
}

// Something is asked back that did not go back yet, or came of which no order is paid.
const isOwed = (payment: Payment, refunded: number) =>
  owedOf(payment) !== undefined || payment.refunded_amount > refunded

/** @param now for the clock of one that is under way; one that failed is owed as long. */
export function presentRefund(refund: Refund, currency: string, now: Date): z.infer<typeof refundAnswer> {
  const endedAt = refund.state === 'DONE' ? refund.ended_at : null
  const clock = refundClock({ owedFrom: refund.created_at, endedAt, amount: refund.amount }, now)
  return {
    id: refund.id,
    paymentId: refund.payment_id,
    amount: { amount: refund.amount, currency },
    state: refund.state,
    failureReason: refund.failure_reason ?? null,
    restock: refund.restock,
    requestedAt: refund.created_at.toISOString(),
    dueAt: clock.dueAt.toISOString(),
    lateInterest: { amount: clock.lateInterest, currency },
  }
}
