import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { isSetAside } from '../payments/patience.ts'
import { owedOf } from '../payments/payment.ts'
import { paymentAnswer, presentPayment, refundAnswer, presentRefund } from '../payments/schema.ts'
import type { Stuck } from './stuck.ts'

/** What operators are shown. */
export const stuckAnswer = z
  .object({
    payments: z.array(
      paymentAnswer.extend({
        gateway: z.string(),
        attempts: z.number(),
        nextAttemptAt: z.iso.datetime().nullable().describe('null: it was set aside, and waits for a person'),
        askedSince: z.iso.datetime().nullable().describe('since when it is asked about in vain'),
        lastWord: z.string().nullable().describe('why it is asked again'),
        owed: moneyShape
          .nullable()
          .describe('what its gateway took, no order is paid with, and could not go back to its buyer yet'),
      }),
    ),
    refunds: z.array(refundAnswer.extend({ isSetAside: z.boolean(), lastWord: z.string().nullable() })),
    returned: z
      .array(
        z.object({
          paymentId: z.string(),
          gateway: z.string(),
          amount: moneyShape,
          reason: z.string(),
          at: z.iso.datetime(),
        }),
      )
      .describe('taken by a gateway of an order that is not paid with it, and given back; of 30 days, newest first'),
    events: z.array(
      z.object({
        seq: z.number(),
        key: z.string().describe('the order'),
        type: z.string(),
        since: z.iso.datetime(),
        lastError: z.string(),
      }),
    ),
  })
  .meta({ id: 'StuckPayments' })

export const retriedAnswer = z
  .object({ payments: z.number(), refunds: z.number(), events: z.number() })
  .meta({ id: 'Retried' })

export const auditAnswer = z.object({
  items: z.array(
    z
      .object({
        at: z.iso.datetime(),
        actorId: z.string(),
        actorRole: z.string(),
        action: z.string(),
        subject: z.string(),
        details: z.string(),
      })
      .meta({ id: 'AuditEntry' }),
  ),
})

export const gatewayWord = z
  .object({
    status: z.string().describe('PAID, HELD, WAITING_DEPOSIT, DECLINED, EXPIRED, PENDING, NOT_FOUND or UNCLEAR'),
    amount: z.number().nullable().describe('minor units'),
    currency: z.string().nullable(),
    refunded: z.number().nullable(),
    code: z.string().nullable(),
  })
  .meta({ id: 'GatewayWord' })

export function presentStuck(
  { payments, refunds, returned, events }: Stuck,
  operator: string,
  now: Date,
): z.infer<typeof stuckAnswer> {
  return {
    payments: payments.map((payment) => ({
      ...presentPayment(payment, operator),
      gateway: payment.gateway,
      attempts: payment.attempts,
      nextAttemptAt: isSetAside(payment) ? null : (payment.next_attempt_at?.toISOString() ?? null),
      askedSince: payment.asked_since?.toISOString() ?? null,
      lastWord: payment.last_word,
      owed: owedOf(payment) ?? null,
    })),
    refunds: refunds.map((refund) => ({
      ...presentRefund(refund, refund.currency, now),
      isSetAside: isSetAside(refund),
      lastWord: refund.last_word,
    })),
    returned: returned.map(({ at, ...money }) => ({ ...money, at: at.toISOString() })),
    events: events.map(({ since, ...event }) => ({ ...event, since: since.toISOString() })),
  }
}
