/**
 * What commerce and payment tell each other: an outbox row in the transaction of its cause, then
 * `POST /internal/events` (at least once), then an inbox row in the transaction of its effect.
 *
 * The path of one payment: payment claims the order's reservation (`POST /internal/orders/{id}/claims`), charges, and says
 * how that ended:
 *   payment.settled paid    → commerce: order PAID
 *   payment.settled failed  → commerce: the claim ends and the reservation runs on to its expiry; RELEASED at once when `release`
 *   payment.refunded        → commerce: order REFUNDED when the whole amount came back
 *
 * What a buyer gives back, and what is called off, goes the other way: order.refund_requested → payment gives the money back,
 * once for each claim, and answers with payment.refunded, or with payment.refund_failed where it cannot. A service of the
 * version before skips what it does not know, so commerce asks again until it is answered.
 *
 * payment.authorized, .captured and .failed, and order.claimed and .claim_refused, are of payments that were accepted by the
 * version before, which authorised first and claimed then; they are taken until none of those is left.
 */
import { z } from 'zod'
import { roleShape } from './access-token.ts'
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
    type: z.literal('payment.settled'),
    data: z.discriminatedUnion('outcome', [
      payment.extend({ outcome: z.literal('paid'), amount: moneyShape, settledAt: z.string() }),
      payment.extend({ outcome: z.literal('failed'), reason: z.string(), release: z.boolean() }),
    ]),
  }),
  z.object({
    type: z.literal('payment.refunded'),
    data: payment.extend({
      refunded: moneyShape,
      remaining: moneyShape,
      restock: z.boolean(),
      claimId: z.string().nullish(), // of order.refund_requested; none: somebody gave it back by hand
    }),
  }),
  z.object({
    type: z.literal('payment.refund_failed'),
    data: payment.extend({ claimId: z.string(), reason: z.string() }),
  }),
  z.object({
    type: z.literal('order.refund_requested'),
    data: payment.extend({
      claimId: z.string().regex(/^[\w-]{1,32}$/),
      amount: moneyShape.nullable(), // null: all that is left
      restock: z.boolean(), // whether the units of an order that is refunded in full go on sale again
      actor: z.object({ id: z.string(), role: roleShape }),
    }),
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

/** The body of `POST /internal/event-batches`: events of different orders, all taken or none. */
export const eventBatchShape = z.object({ events: z.array(eventEnvelopeShape).min(1).max(64) })

/** The answer of commerce's `GET /internal/orders/{id}`. */
export const internalOrderShape = z.object({
  id: z.string(),
  buyerId: z.string(),
  sellerId: z.string(), // who may refund its payment
  state: z.enum(['RESERVED', 'PAID', 'RELEASED', 'REFUNDED']),
  total: moneyShape,
  expiresAt: z.string().nullable(),
  // placed in a broadcast; a commerce of the version before does not say, and then it is taken for one
  live: z.boolean().default(true),
})
export type InternalOrder = z.infer<typeof internalOrderShape>

/**
 * The body of commerce's `POST /internal/orders/{id}/claims`: this payment is about to charge. `replaces` is the payment of
 * the same order that failed before it, whose payment.settled may still be on its way.
 */
export const claimRequestShape = z.object({
  paymentId: z.string().regex(/^[\w-]{1,64}$/),
  buyerId: z.string(),
  replaces: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .nullable(),
})
export type ClaimRequest = z.infer<typeof claimRequestShape>

/** The body of commerce's `POST /internal/claims`: many at once; the answer has one for each, in the same order. */
export const claimBatchShape = z.object({
  claims: z
    .array(claimRequestShape.extend({ orderId: z.string() }))
    .min(1)
    .max(64),
})
export type OrderClaim = z.infer<typeof claimBatchShape>['claims'][number]

/**
 * The answer: claimed, and for how much, or why not; the same for a repeated request. A claimed reservation does not expire:
 * only payment.settled ends the claim.
 */
export const claimAnswerShape = z.discriminatedUnion('claim', [
  z.object({ claim: z.literal('CLAIMED'), order: internalOrderShape }),
  z.object({ claim: z.literal('REFUSED'), reason: z.string() }),
])
export type ClaimAnswer = z.infer<typeof claimAnswerShape>

export const claimAnswersShape = z.object({ answers: z.array(claimAnswerShape) })
