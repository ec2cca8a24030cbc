import { setTimeout as delay } from 'node:timers/promises'
import type Koa from 'koa'
import type { Context } from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, endpoint, type Reply } from '@mytaek1/platform/openapi.ts'
import { drawFault, faultsShape, latencyOf, type Faults } from './faults.ts'
import { Ledger, TossRefusal, type TossView } from './ledger.ts'
import { scenarioOf } from './scenarios.ts'
import { webhookSender } from './webhooks.ts'
import { windowPage } from './window.ts'

const silenceMs = 60_000 // longer than any caller waits
const pendingMs = 1_500
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

/**
 * The simulated card network: it speaks the public shape of Toss Payments' API, has a ledger of its own, and fails by card
 * number (scenarios.ts), by the header `TossPayments-Test-Code`, and by rate (faults.ts).
 */
export function createSimulatorApp(deps: {
  db: Knex
  log: Logger
  registry: Registry
  faults?: Partial<Faults>
  webhookUrl?: string
  /** Where browsers reach this; the payment window's own address. */
  publicUrl?: string
}): Koa {
  const ledger = new Ledger(deps.db)
  let faults = faultsShape.parse(deps.faults ?? {})
  const tell = webhookSender({ url: deps.webhookUrl, log: deps.log, faults: () => faults })

  /** One answer: late as networks are, and with the fault that was drawn for it. */
  const answer = async (ctx: Context, work: () => Promise<TossView>): Promise<Reply> => {
    await delay(latencyOf(faults))
    const asked = ctx.get('tosspayments-test-code')
    if (asked !== '') return refusal(400, asked)
    const fault = drawFault(faults)
    if (fault === 'serverError') return refusal(500, 'FAILED_INTERNAL_SYSTEM_PROCESSING')
    if (fault === 'tooMany') return refusal(429, 'TOO_MANY_REQUESTS')
    if (fault === 'timeoutBefore') return await silence()
    try {
      const payment = await work()
      if (ctx.method === 'POST') tell(payment)
      if (fault === 'timeoutAfter') return await silence()
      if (fault === 'cut') ctx.req.destroy()
      return { status: 200, body: payment }
    } catch (error) {
      if (error instanceof TossRefusal) return refusal(error.httpStatus, error.code)
      throw error
    }
  }

  const endpoints = [
    endpoint({
      method: 'post',
      path: '/payments/key-in',
      summary: 'Charge a card that the shop entered',
      access: 'public',
      body: keyInBody,
      responses: { ...answered, 500: { description: 'The network failed' } },
      async handle({ body }, ctx) {
        const scenario = scenarioOf(body.cardNumber)
        if (scenario.kind === 'fail') return refusal(500, 'FAILED_INTERNAL_SYSTEM_PROCESSING')
        if (scenario.kind === 'swallow') return await silence()
        const chargeBy = Date.parse(ctx.get('x-charge-by'))
        const reply = await answer(ctx, () =>
          ledger.charge({
            orderId: body.orderId,
            amount: { amount: body.amount, currency: body.currency },
            declineCode: scenario.kind === 'decline' ? scenario.code : undefined,
            pendingMs: scenario.kind === 'pending' || Math.random() < faults.pending ? pendingMs : 0,
            refusesCancels: scenario.kind === 'refuse_cancels',
            chargeBy: Number.isNaN(chargeBy) ? undefined : new Date(chargeBy),
          }),
        )
        return scenario.kind === 'approve_silently' ? await silence() : reply
      },
    }),
    endpoint({
      method: 'post',
      path: '/payments/confirm',
      summary: 'Charge what the buyer authenticated in the window',
      access: 'public',
      body: z.looseObject({ paymentKey: z.string(), orderId, amount }),
      responses: answered,
      handle: ({ body }, ctx) => answer(ctx, () => ledger.confirm(body)),
    }),
    endpoint({
      method: 'post',
      path: '/payments',
      summary: 'Open a payment window',
      access: 'public',
      body: z.looseObject({ orderId, amount, currency, successUrl: z.url(), failUrl: z.url() }),
      responses: answered,
      handle: ({ body }, ctx) =>
        answer(ctx, async () => {
          const money = { amount: body.amount, currency: body.currency }
          const payment = await ledger.open({ ...body, amount: money })
          const url = `${deps.publicUrl ?? `http://${ctx.host}`}/v1/window/${payment.paymentKey}`
          return { ...payment, checkout: { url } }
        }),
    }),
    endpoint({
      method: 'get',
      path: '/payments/orders/{orderId}',
      summary: 'Read a payment by the shop’s id',
      access: 'public',
      params: z.object({ orderId: z.string().min(1).max(128) }),
      responses: { ...answered, 404: { description: 'NOT_FOUND_PAYMENT' } },
      handle: ({ params }, ctx) => answer(ctx, () => ledger.byOrder(params.orderId)),
    }),
    endpoint({
      method: 'get',
      path: '/payments/{paymentKey}',
      summary: 'Read a payment',
      access: 'public',
      params: keyParams,
      responses: { ...answered, 404: { description: 'NOT_FOUND_PAYMENT' } },
      handle: ({ params }, ctx) => answer(ctx, () => ledger.byKey(params.paymentKey)),
    }),
    endpoint({
      method: 'post',
      path: '/payments/{paymentKey}/cancel',
      summary: 'Give money back',
      access: 'public',
      params: keyParams,
      headers: z.object({ 'idempotency-key': z.string().min(1).max(128) }),
      body: z.looseObject({ cancelReason: z.string(), cancelAmount: amount.optional() }),
      responses: answered,
      handle: ({ params, headers, body }, ctx) =>
        answer(ctx, () =>
          ledger.cancel({ ...params, idempotencyKey: headers['idempotency-key'], amount: body.cancelAmount }),
        ),
    }),
    endpoint({
      method: 'get',
      path: '/settlements',
      summary: 'What was charged on a day, with its fee',
      access: 'public',
      query: z.object({
        dateType: z.string().optional(),
        startDate: z.iso.date(),
        endDate: z.iso.date(),
        page: z.coerce.number().int().min(1).default(1),
        size: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      responses: { 200: { description: 'One page' } },
      handle: async ({ query }) => ({ status: 200, body: await ledger.settlements(query.startDate, query) }),
    }),
    endpoint({
      method: 'get',
      path: '/ledger',
      summary: 'Sums of everything charged and given back',
      access: 'public',
      responses: { 200: { description: 'Sums by status' } },
      handle: async () => ({ status: 200, body: await ledger.totals() }),
    }),
    endpoint({
      method: 'put',
      path: '/faults',
      summary: 'How often this network fails from now on',
      access: 'public',
      body: faultsShape,
      responses: { 204: { description: 'Noted' } },
      handle: ({ body }) => {
        faults = body
        return { status: 204 }
      },
    }),
    ...windowPage(ledger),
  ]
  const info = { title: 'Simulated card network', version: '1', basePath: '/v1' }
  const nobody = () => Promise.reject(new Error('the simulator has no accounts'))
  return createHttpApp({ ...deps, middleware: apiRoutes(info, endpoints, nobody) })
}

const refusal = (status: number, code: string): Reply => ({ status, body: { code, message: code } })

async function silence(): Promise<Reply> {
  await delay(silenceMs, undefined, { ref: false })
  return refusal(500, 'FAILED_INTERNAL_SYSTEM_PROCESSING')
}
