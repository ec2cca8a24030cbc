import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { z } from 'zod'
import { newId } from '@mytaek1/platform/ids.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { silence, type AnswerCall } from './answer.ts'
import type { Fault, Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import { scenarioOf } from './scenarios.ts'

const pendingMs = 1_500
const noBanks = '000000' // accounts that begin so are no bank's
const keyParams = z.object({ paymentKey: z.string().min(1).max(128) })
const amount = z.number().int().min(0)
const currency = z.string().default('KRW')
const orderId = z.string().regex(/^[\w-]{6,64}$/)
const keyInBody = z.looseObject({
  orderId,
  amount,
  currency,
  cardNumber: z.string(),
  cardExpirationYear: z.string(),
  cardExpirationMonth: z.string(),
})
const answered = { 200: { description: 'The payment as it is now' }, 400: { description: 'Refused: `code`' } }
const found = { ...answered, 404: { description: 'NOT_FOUND_PAYMENT' } }

/** The calls of Toss Payments’ API that shops make. */
export function paymentRoutes(deps: {
  ledger: Ledger
  faults: () => Faults
  answer: AnswerCall
  publicUrl?: string
}): Endpoint[] {
  const { ledger, answer } = deps
  const metBefore = new Set<string>()
  const drawnPendingMs = () => (Math.random() < deps.faults().pending ? pendingMs : 0)
  const made = (ctx: Context, body: { orderId: string; amount: number; currency: string }) => ({
    orderId: body.orderId,
    amount: { amount: body.amount, currency: body.currency },
    idempotencyKey: ctx.get('idempotency-key') || newId('key'), // without one every request is another
  })
  const cardFault = (cardNumber: string, orderId: string): Fault | undefined => {
    const { fault, once } = scenarioOf(cardNumber)
    if (!once) return fault
    const isFirst = !metBefore.has(orderId)
    metBefore.add(orderId)
    return isFirst ? fault : 'none'
  }

  return [
    endpoint({
      method: 'post',
      path: '/payments/key-in',
      summary: 'Charge a card that the shop entered',
      access: 'public',
      body: keyInBody,
      responses: { ...answered, 500: { description: 'The network failed' } },
      handle: ({ body }, ctx) => {
        const { declineCode, pending, cancels } = scenarioOf(body.cardNumber)
        const chargeBy = Date.parse(ctx.get('x-charge-by'))
        const charge = (takenUpAt: Date) =>
          ledger.charge({
            ...made(ctx, body),
            declineCode,
            pendingMs: pending ? pendingMs : drawnPendingMs(),
            cancels,
            isLate: takenUpAt.getTime() > chargeBy, // never, where none was said
          })
        return answer(ctx, 'approve', charge, cardFault(body.cardNumber, body.orderId))
      },
    }),
    endpoint({
      method: 'post',
      path: '/payments/confirm',
      summary: 'Charge what the buyer authenticated in the window',
      access: 'public',
      body: z.looseObject({ paymentKey: z.string(), orderId, amount }),
      responses: answered,
      handle: ({ body }, ctx) => answer(ctx, 'approve', () => ledger.confirm({ ...body, pendingMs: drawnPendingMs() })),
    }),
    endpoint({
      method: 'post',
      path: '/payments',
      summary: 'Open a payment window',
      access: 'public',
      body: z.looseObject({ orderId, amount, currency, successUrl: z.url(), failUrl: z.url() }),
      responses: answered,
      handle: ({ body }, ctx) =>
        answer(ctx, 'approve', async () => {
          const { successUrl, failUrl } = body
          const payment = await ledger.open({ ...made(ctx, body), successUrl, failUrl })
          const url = `${deps.publicUrl ?? `http://${ctx.host}`}/v1/window/${payment.paymentKey}`
          return { ...payment, checkout: { url } }
        }),
    }),
    endpoint({
      method: 'post',
      path: '/virtual-accounts',
      summary: 'Issue an account that the buyer pays in to',
      access: 'public',
      body: z.looseObject({ orderId, amount, currency, validHours: z.number().min(0).max(2_160).optional() }),
      responses: answered,
      handle: ({ body }, ctx) =>
        answer(ctx, 'approve', () => ledger.issueAccount({ ...made(ctx, body), validHours: body.validHours })),
    }),
    endpoint({
      method: 'get',
      path: '/payments/orders/{orderId}',
      summary: 'Read a payment by the shop’s id',
      access: 'public',
      params: z.object({ orderId: z.string().min(1).max(128) }),
      responses: found,
      handle: ({ params }, ctx) => answer(ctx, 'find', () => ledger.byOrder(params.orderId)),
    }),
    endpoint({
      method: 'get',
      path: '/payments/{paymentKey}',
      summary: 'Read a payment',
      access: 'public',
      params: keyParams,
      responses: found,
      handle: ({ params }, ctx) => answer(ctx, 'find', () => ledger.byKey(params.paymentKey)),
    }),
    endpoint({
      method: 'post',
      path: '/payments/{paymentKey}/cancel',
      summary: 'Give money back',
      access: 'public',
      params: keyParams,
      headers: z.object({ 'idempotency-key': z.string().min(1).max(300).optional() }),
      body: z.looseObject({
        cancelReason: z.string(),
        cancelAmount: amount.optional(),
        refundReceiveAccount: z
          .looseObject({ bank: z.string(), accountNumber: z.string(), holderName: z.string() })
          .optional(),
      }),
      responses: answered,
      async handle({ params, headers, body }, ctx) {
        let isSilent = false
        const reply = await answer(ctx, 'refund', async () => {
          const key = headers['idempotency-key'] ?? newId('key')
          const cancel = { ...params, idempotencyKey: scoped(params.paymentKey, key), amount: body.cancelAmount }
          const canceled = await ledger.cancel({ ...cancel, account: accountKind(body.refundReceiveAccount) })
          isSilent = canceled.isSilent
          return canceled.view
        })
        return isSilent ? await silence() : reply
      },
    }),
  ]
}

const accountKind = (account: { accountNumber: string } | undefined) =>
  account === undefined ? 'none' : account.accountNumber.startsWith(noBanks) ? 'unknown' : 'known'

// the same key with another payment is another request; 128 characters fit
const scoped = (paymentKey: string, key: string) => createHash('sha256').update(`${paymentKey} ${key}`).digest('hex')
