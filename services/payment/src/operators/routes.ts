import type { Knex } from 'knex'
import { z } from 'zod'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { PaymentGateway } from '../gateways/payment-gateway.ts'
import { knownOf, Payment } from '../payments/payment.ts'
import { idParams, isId } from '../payments/schema.ts'
import { audit, listAudit } from './audit.ts'
import { auditAnswer, gatewayWord, presentStuck, retriedAnswer, stuckAnswer } from './schema.ts'
import { hurry, listStuck, retryAll, tellAgain } from './stuck.ts'

/** Collaborators of the operators' routes; `gatewayOf` is the gateway of a payment by its name. */
export interface OperatorRouteDeps {
  db: Knex
  gatewayOf: (name: string) => PaymentGateway | undefined
  driver: { nudge(): void }
  wake: () => void
  now: () => Date
}

const notFound = { 404: { description: '`not_found`' } }
const taken = { 204: { description: 'It is taken up now' } }

/** What the people who run the platform do with payments that got stuck; each deed is written down. */
export function operatorEndpoints(deps: OperatorRouteDeps): Endpoint[] {
  const { db, now } = deps
  const retry = (table: 'payments' | 'refunds') =>
    endpoint({
      method: 'post',
      path: `/${table}/{id}/retries`,
      summary: `Have a ${table.slice(0, -1)} taken up at once`,
      access: ['admin'],
      params: idParams,
      responses: { ...taken, ...notFound, 409: { description: '`not_stuck`: it has ended, or is worked on now' } },
      async handle({ params, caller }) {
        await hurry(deps, { table, id: params.id, actor: caller })
        deps.driver.nudge()
        return { status: 204 }
      },
    })
  return [
    endpoint({
      method: 'get',
      path: '/stuck-payments',
      summary: 'Payments, refunds and events that wait longer than they should, oldest first',
      access: ['admin'],
      responses: { 200: { description: 'At most 200 of each', schema: stuckAnswer } },
      handle: async ({ caller }) => ({
        status: 200,
        body: presentStuck(await listStuck(db, now()), caller.sub, now()),
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    endpoint({
      method: 'post',
      path: '/stuck-payments/retries',
      summary: 'Have everything taken up at once that was set aside: payments, refunds, and events for commerce',
      access: ['admin'],
      responses: { 200: { description: 'How many of each; at most 200, the oldest', schema: retriedAnswer } },
      async handle({ caller }) {
        const body = await retryAll(deps, caller)
        deps.driver.nudge()
        deps.wake()
        return { status: 200, body, headers: { 'cache-control': 'no-store' } }
      },
    }),
    retry('payments'),
    retry('refunds'),
    endpoint({
      method: 'post',
      path: '/payments/{id}/queries',
      summary: 'Ask the gateway what it knows of a payment; changes nothing',
      access: ['admin'],
      params: idParams,
      responses: { 200: { description: 'The gateway’s word', schema: gatewayWord }, ...notFound },
      async handle({ params, caller }) {
        const payment = await Payment.query(db).findById(params.id)
        const gateway = payment && deps.gatewayOf(payment.gateway)
        if (!gateway) throw new NotFoundError('payment', params.id)
        const outcome = await gateway.find(knownOf(payment))
        const details = JSON.stringify(outcome)
        await audit(db, { actor: caller, action: 'payment.queried', subject: params.id, details, at: now() })
        const body: z.infer<typeof gatewayWord> = {
          status: outcome.status,
          amount: 'amount' in outcome ? outcome.amount : null,
          currency: 'currency' in outcome ? outcome.currency : null,
          refunded: 'refunded' in outcome ? outcome.refunded : null,
          code: 'code' in outcome ? outcome.code : null,
        }
        return { status: 200, body, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'post',
      path: '/events/{seq}/retries',
      summary: 'Tell commerce an event again that it refused too often',
      access: ['admin'],
      params: z.object({ seq: z.coerce.number().int().min(1) }),
      responses: { ...taken, ...notFound },
      async handle({ params, caller }) {
        await tellAgain(deps, { seq: params.seq, actor: caller })
        deps.wake()
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/audit',
      summary: 'Who did what to payments, newest first',
      access: ['admin'],
      query: z.object({ subject: z.string().refine(isId, 'is no id').optional() }),
      responses: { 200: { description: 'At most 200', schema: auditAnswer } },
      handle: async ({ query }) => ({
        status: 200,
        body: { items: await listAudit(db, query.subject) },
        headers: { 'cache-control': 'no-store' },
      }),
    }),
  ]
}
