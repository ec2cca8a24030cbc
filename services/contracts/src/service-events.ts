/**
 * What commerce and payment tell each other: an outbox row in the transaction of its cause, then
 * `POST /internal/events` (at least once), then an inbox row in the transaction of its effect.
 *
 * The path of one payment:
 *   payment.authorized → commerce: reservation still lives? marks the order as claimed → order.claimed, else order.claim_refused
 *   order.claimed      → payment captures → payment.captured → commerce: order PAID
 *   order.claim_refused → payment voids the authorisation → CANCELED (the units were already returned by expiry or cancel)
 *   payment.failed     → commerce: the claim ends and the reservation runs on to its expiry; RELEASED at once when `release`
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
  z.object({
    type: z.literal('payment.failed'),
    // a process of the version before does not say `release`; its declines keep the reservation, too
    data: payment.extend({ reason: z.string(), release: z.boolean().default(false) }),
  }),
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

/**
 * An envelope whose event is of a type that this version does not know: a newer process sent it. Its receiver notes and
 * skips it, for refusing would hold back what follows.
 */
export const strangeEnvelopeShape = eventEnvelopeShape.extend({
  event: z.object({
    type: z.string().refine((type) => !serviceEventShape.options.some(({ shape }) => shape.type.value === type)),
  }),
})

/** The answer of commerce's `GET /internal/orders/{id}`, which payment reads before it accepts a payment. */
export const internalOrderShape = z.object({
  id: z.string(),
  buyerId: z.string(),
  sellerId: z.string(), // who may refund its payment
  state: z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED']),
  total: moneyShape,
  expiresAt: z.string().nullable(),
})
export type InternalOrder = z.infer<typeof internalOrderShape>
