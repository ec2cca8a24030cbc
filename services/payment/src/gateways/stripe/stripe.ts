import type { IncomingHttpHeaders } from 'node:http'
import { Stripe } from 'stripe'
import type {
  Hints,
  Known,
  Opened,
  Outcome,
  PaymentGateway,
  RefundOutcome,
  Returned,
  SettlementLine,
  WindowRequest,
} from '../payment-gateway.ts'
import { refusedRefunds, stripeDeclines } from './codes.ts'

const lateChargeMs = 60_000 // a capture that was sent and not answered
const shortestWindowMs = 30 * 60_000 + 60_000 // Stripe takes no session that ends sooner; `leave` ends it in time
const perPage = 100

/** How to reach Stripe, or what speaks as it does. */
export interface StripeOptions {
  name: string
  url: string
  secretKey: string
  webhookSecret: string
  timeoutMs: number
}

/**
 * Stripe Checkout on Stripe's page. The card is authorised there and not charged (`capture_method: manual`): `approve` captures
 * it, and what is left or refused is let go. Our payment id is the session's `client_reference_id`.
 *
 * @see https://docs.stripe.com/api/checkout/sessions
 */
export function stripeGateway(options: StripeOptions): PaymentGateway {
  const { name, webhookSecret } = options
  const stripe = clientOf(options)
  const look = (known: Known) => outcomeOrUnclear(() => find(stripe, known))
  return {
    name,
    capabilities: { cardEntry: false, partialRefund: true, settlements: true, lateChargeMs },
    begin: (request) => begin(stripe, request),
    readReturn,
    leave: (known) => outcomeOrUnclear(() => leave(stripe, known)),
    async approve({ paymentId, instrument, amount }) {
      if (instrument.kind !== 'hosted') return { status: 'UNCLEAR', code: 'NO_CARDS_HERE' }
      const known = { paymentId, reference: instrument.value }
      const held = await look(known)
      if (held.status !== 'HELD') return held
      if (held.amount !== amount.amount || held.currency !== amount.currency)
        return { status: 'UNCLEAR', code: 'OTHER_AMOUNT' }
      return await outcomeOrUnclear(async () => {
        const idempotencyKey = `${paymentId}:approve`
        const captured = await stripe.paymentIntents.capture(held.reference, withCharge, { idempotencyKey })
        return outcomeOf(captured)
      })
    },
    find: look,
    refund: (input) => refund(stripe, input),
    async parseWebhook(headers, rawBody) {
      return hintsOf(stripe, webhookSecret, headers, rawBody)
    },
    settlements: (day) => settlementLines(stripe, day),
  }
}

function clientOf({ url, secretKey, timeoutMs }: StripeOptions): Stripe {
  const { protocol, hostname: host, port } = new URL(url)
  return new Stripe(secretKey, {
    timeout: timeoutMs,
    maxNetworkRetries: 0, // what is unclear is asked about, by the driver
    telemetry: false,
    host,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port !== '' && { port }),
  })
}

const withCharge = { expand: ['latest_charge'] }

async function begin(
  stripe: Stripe,
  { paymentId, amount, returnUrl, until }: WindowRequest,
): Promise<Opened | { kind: 'unclear' }> {
  const metadata = { payment_id: paymentId }
  const endsAt = until.getTime() + shortestWindowMs // of the payment, and no clock: a repeated request has to be the same one
  try {
    const session = await stripe.checkout.sessions.create(
      {
        mode: 'payment',
        client_reference_id: paymentId,
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: amount.currency.toLowerCase(),
              unit_amount: amount.amount,
              product_data: { name: paymentId },
            },
          },
        ],
        payment_intent_data: { capture_method: 'manual', metadata },
        metadata,
        success_url: `${returnUrl}?session={CHECKOUT_SESSION_ID}`,
        cancel_url: `${returnUrl}?left=1`,
        expires_at: Math.ceil(endsAt / 1_000),
      },
      { idempotencyKey: `${paymentId}:begin` },
    )
    if (!session.url) return { kind: 'unclear' }
    return { kind: 'opened', next: { kind: 'redirect', url: session.url }, reference: session.id }
  } catch {
    return { kind: 'unclear' }
  }
}

function readReturn(query: URLSearchParams): Returned {
  const instrument = query.get('session')
  return instrument === null
    ? { kind: 'failed', reason: 'buyer_left' }
    : { kind: 'authenticated', instrument, amount: undefined } // `approve` compares what is held
}

/** By the session's id, or, once it is known, the PaymentIntent's. Without either nobody was led to a window. */
async function find(stripe: Stripe, { paymentId, reference }: Known): Promise<Outcome> {
  if (reference === null) return { status: 'NOT_FOUND' }
  if (reference.startsWith('pi_')) {
    const intent = await stripe.paymentIntents.retrieve(reference, withCharge)
    return intent.metadata.payment_id === paymentId ? outcomeOf(intent) : { status: 'UNCLEAR', code: 'OTHER_PAYMENT' }
  }
  const session = await stripe.checkout.sessions.retrieve(reference, {
    expand: ['payment_intent', 'payment_intent.latest_charge'],
  })
  if (session.client_reference_id !== paymentId) return { status: 'UNCLEAR', code: 'OTHER_PAYMENT' }
  if (session.status === 'expired') return { status: 'EXPIRED' }
  const intent = session.payment_intent
  if (session.status !== 'complete' || intent === null || typeof intent === 'string') return { status: 'PENDING' }
  return outcomeOf(intent)
}

async function leave(stripe: Stripe, known: Known): Promise<Outcome> {
  const now = await find(stripe, known)
  if (now.status === 'PENDING' && known.reference?.startsWith('cs_')) {
    await stripe.checkout.sessions.expire(known.reference)
  } else if (now.status === 'HELD') {
    await stripe.paymentIntents.cancel(now.reference)
  } else return now
  return await find(stripe, known)
}

function outcomeOf(intent: Stripe.PaymentIntent): Outcome {
  const { id: reference, status, amount_capturable: held, amount_received: amount, latest_charge: charge } = intent
  const currency = intent.currency.toUpperCase()
  switch (status) {
    case 'requires_capture':
      return { status: 'HELD', reference, amount: held, currency }
    case 'succeeded':
      return {
        status: 'PAID',
        reference,
        amount,
        currency,
        refunded: charge === null || typeof charge === 'string' ? 0 : charge.amount_refunded,
      }
    case 'canceled':
      return intent.cancellation_reason === 'automatic' || intent.cancellation_reason === 'expired'
        ? { status: 'EXPIRED' }
        : { status: 'DECLINED', reason: 'buyer_left', code: 'canceled' }
    default:
      return { status: 'PENDING' }
  }
}

async function outcomeOrUnclear(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) return { status: 'UNCLEAR', code: 'NO_ANSWER' }
    const code = error.decline_code ?? error.code ?? error.type
    if (error instanceof Stripe.errors.StripeCardError) {
      return { status: 'DECLINED', reason: stripeDeclines.get(code) ?? 'card_declined', code }
    }
    if (code === 'resource_missing' && error.statusCode === 404) return { status: 'NOT_FOUND' }
    return { status: 'UNCLEAR', code }
  }
}

// Idempotency keys are kept for a day, and a refund may wait longer: it is looked for first.
async function refund(
  stripe: Stripe,
  { reference, amount, key }: Parameters<PaymentGateway['refund']>[0],
): Promise<RefundOutcome> {
  try {
    const made = await stripe.refunds.list({ payment_intent: reference, limit: perPage })
    const refund =
      made.data.find(({ metadata }) => metadata?.key === key) ??
      (await stripe.refunds.create(
        { payment_intent: reference, amount: amount.amount, reason: 'requested_by_customer', metadata: { key } },
        { idempotencyKey: key },
      ))
    if (refund.status === 'succeeded') return { status: 'REFUNDED', amount: refund.amount }
    if (refund.status === 'failed' || refund.status === 'canceled') {
      return { status: 'REFUSED', code: refund.failure_reason ?? refund.status }
    }
    return { status: 'LATER', code: refund.status ?? 'pending' }
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) return { status: 'UNCLEAR', code: 'NO_ANSWER' }
    const code = error.code ?? error.type
    if (error instanceof Stripe.errors.StripeRateLimitError || code === 'lock_timeout') return { status: 'LATER', code }
    return { status: refusedRefunds.has(code) ? 'REFUSED' : 'UNCLEAR', code }
  }
}

function hintsOf(stripe: Stripe, secret: string, headers: IncomingHttpHeaders, rawBody: string): Hints {
  const signature = headers['stripe-signature']
  if (typeof signature !== 'string') return 'forged'
  try {
    const { object } = stripe.webhooks.constructEvent(rawBody, signature, secret).data
    const metadata = 'metadata' in object ? object.metadata : undefined
    const id = metadata && 'payment_id' in metadata ? metadata.payment_id : undefined
    return { changed: typeof id === 'string' ? [id] : [] }
  } catch {
    return 'forged'
  }
}

async function* settlementLines(stripe: Stripe, day: string): AsyncGenerator<SettlementLine> {
  const from = Date.parse(`${day}T00:00:00Z`) / 1_000
  const created = { gte: from, lt: from + 86_400 }
  for await (const line of stripe.balanceTransactions.list({ created, limit: perPage, expand: ['data.source'] })) {
    const { amount: gross, fee, net: payout, source } = line
    if (source === null || typeof source === 'string') continue
    if (source.object !== 'charge' && source.object !== 'refund') continue // a payout, or what is not of a payment
    const intent = source.payment_intent
    const reference = typeof intent === 'string' ? intent : intent?.id
    if (reference === undefined) continue
    const paid = source.object === 'charge' ? source.amount_captured : source.amount
    const amount = Math.sign(gross) * paid // a refund that failed comes back
    const [currency, payoutCurrency] = [source.currency.toUpperCase(), line.currency.toUpperCase()]
    yield { reference, amount, currency, gross, fee, payout, payoutCurrency }
  }
}
