/**
 * What commerce and payment tell each other: an outbox row in the transaction of its cause, then
 * `POST /internal/events` (at least once), then an inbox row in the transaction of its effect.
 *
 * The path of one payment:
 *   payment.authorized → commerce: reservation still lives? marks the order as claimed → order.claimed, else order.claim_refused
 *   order.claimed      → payment captures → payment.captured → commerce: order PAID
 *   order.claim_refused → payment voids the authorisation → CANCELED (the units were already returned by expiry or cancel)
 *   payment.failed     → commerce: order RELEASED, its units returned exactly once
 *   payment.refunded   → commerce: order REFUNDED when the whole amount came back
 */
import { z } from 'zod'
import { moneyShape } from './money.ts'

const payment = z.object({ paymentId: z.string(), orderId: z.string() })

export const serviceEventShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('payment.authorized'), data: payment.extend({ amount: moneyShape }) }),
  z.object({
    type: z.literal('payment.captured'),
    data: payment.extend({ amount: moneyShape, capturedAt: z.string() }),
  }),
  z.object({ type: z.literal('payment.failed'), data: payment.extend({ reason: z.string() }) }),
  z.object({
    type: z.literal('payment.refunded'),
    data: payment.extend({ refunded: moneyShape, remaining: moneyShape, restock: z.boolean() }),
  }),
  z.object({ type: z.literal('order.claimed'), data: payment }),
  z.object({ type: z.literal('order.claim_refused'), data: payment.extend({ reason: z.string() }) }),
])
export type ServiceEvent = z.infer<typeof serviceEventShape>

/** The body of `POST /internal/events`: `id` is the inbox's key, so a repeated delivery has no second effect. */
export const eventEnvelopeShape = z.object({
  id: z.string().min(1).max(64),
  occurredAt: z.string(),
  event: serviceEventShape,
})
export type EventEnvelope = z.infer<typeof eventEnvelopeShape>

/** The answer of commerce's `GET /internal/orders/{id}`, which payment reads before it accepts a payment. */
export const internalOrderShape = z.object({
  id: z.string(),
  buyerId: z.string(),
  sellerId: z.string().optional(),
  state: z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED']),
  total: moneyShape,
  expiresAt: z.string().nullable(),
})
export type InternalOrder = z.infer<typeof internalOrderShape>
