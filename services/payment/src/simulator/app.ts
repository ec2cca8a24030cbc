import { setTimeout as delay } from 'node:timers/promises'
import type Koa from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, endpoint } from '@mytaek1/platform/openapi.ts'
import { cardShape } from '../cards/card.ts'
import { Ledger } from './ledger.ts'
import { scenarioOf } from './scenarios.ts'

const silenceMs = 60_000 // longer than any caller waits
const keyParams = z.object({ key: z.string().min(1).max(128) })
const answered = { 200: { description: 'The authorisation as it is now' }, 400: { description: 'Malformed' } }

/** The simulated card network: an HTTP service with its own ledger, and faults by card number (scenarios.ts). */
export function createSimulatorApp(deps: {
  db: Knex
  log: Logger
  registry: Registry
  latencyMs: number
  webhookUrl?: string
}): Koa {
  const ledger = new Ledger(deps.db)
  const endpoints = [
    endpoint({
      method: 'put',
      path: '/authorizations/{key}',
      summary: 'Authorise an amount on a card',
      access: 'public',
      params: keyParams,
      body: z.strictObject({ amount: moneyShape, card: cardShape }),
      responses: { ...answered, 500: { description: 'The network failed' } },
      async handle({ params: { key }, body: { amount, card } }) {
        const scenario = scenarioOf(card.number)
        await delay(deps.latencyMs)
        if (scenario.kind === 'fail') return { status: 500, body: { error: 'network failure' } }
        if (scenario.kind === 'swallow') {
          await delay(silenceMs, undefined, { ref: false })
          return { status: 500, body: { error: 'network failure' } }
        }
        const status = await ledger.authorize({
          key,
          amount,
          declineReason: scenario.kind === 'decline' ? scenario.reason : undefined,
          refusesRefunds: scenario.kind === 'refuse_refunds',
        })
        if (deps.webhookUrl) void sendWebhook(deps.webhookUrl, key, deps.log) // its own catch logs
        if (scenario.kind === 'approve_silently') await delay(silenceMs, undefined, { ref: false })
        return { status: 200, body: status }
      },
    }),
    endpoint({
      method: 'get',
      path: '/authorizations/{key}',
      summary: 'Read an authorisation',
      access: 'public',
      params: keyParams,
      responses: answered,
      handle: async ({ params }) => ({ status: 200, body: await ledger.find(params.key) }),
    }),
    ...(['abandon', 'capture', 'void'] as const).map((verb) =>
      endpoint({
        method: 'post',
        path: `/authorizations/{key}/${verb}`,
        summary: `${verb} an authorisation`,
        access: 'public',
        params: keyParams,
        responses: answered,
        handle: async ({ params }) => ({ status: 200, body: await ledger[verb](params.key) }),
      }),
    ),
    endpoint({
      method: 'put',
      path: '/authorizations/{key}/refunds/{refundKey}',
      summary: 'Give money back',
      access: 'public',
      params: keyParams.extend({ refundKey: z.string().min(1).max(128) }),
      body: z.strictObject({ amount: moneyShape }),
      responses: answered,
      handle: async ({ params, body }) => ({
        status: 200,
        body: await ledger.refund({ ...params, amount: body.amount }),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/ledger',
      summary: 'Sums of everything authorised, captured, voided and refunded',
      access: 'public',
      responses: { 200: { description: 'Sums by status' } },
      handle: async () => ({ status: 200, body: await ledger.totals() }),
    }),
  ]
  const info = { title: 'Simulated card network', version: '1', basePath: '/v1' }
  const nobody = () => Promise.reject(new Error('the simulator has no accounts'))
  return createHttpApp({ ...deps, middleware: apiRoutes(info, endpoints, nobody) })
}

async function sendWebhook(url: string, key: string, log: Logger): Promise<void> {
  try {
    const body = JSON.stringify({ key })
    const headers = { 'content-type': 'application/json' }
    await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal: AbortSignal.timeout(3_000) })
  } catch (error) {
    log.warn('simulator.webhook_lost', { error })
  }
}
