import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type Koa from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { answerer, said } from './answer.ts'
import { faultsShape, type Faults } from './faults.ts'
import type { TossView } from './ledger-row.ts'
import { Ledger } from './ledger.ts'
import { paymentRoutes } from './payment-routes.ts'
import { settlementPage, settlementQuery } from './settlement.ts'
import { webhookSender, type Tell } from './webhooks.ts'
import { windowPage } from './window.ts'

const toldAgainMs = 2_000 // by then what was pending, or a deposit that went back, has changed

/** Where the simulated network's own migrations are: its database is not payment's. */
export const simulatorMigrations = fileURLToPath(new URL('migrations', import.meta.url))

/**
 * The simulated card network: it speaks the public shape of Toss Payments' API, has a ledger of its own, and fails by card
 * number (scenarios.ts), by a request's header (`TossPayments-Test-Code` with one of Toss's codes, `x-simulated-fault` with
 * one of faults.ts), and by rate (faults.ts).
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
  const control = { faults: faultsShape.parse(deps.faults ?? {}) }
  const faults = () => control.faults
  const ledger = new Ledger(deps.db, { clocks: faults })
  const tell = webhookSender({ url: deps.webhookUrl, log: deps.log, faults })
  const changed = (payment: TossView) => {
    tell(payment)
    if (payment.status === 'IN_PROGRESS') tellAgain(ledger, tell, payment, deps.log)
  }
  const answer = answerer({ faults, changed, log: deps.log })
  const endpoints = [
    ...paymentRoutes({ ledger, faults, answer, ...(deps.publicUrl !== undefined && { publicUrl: deps.publicUrl }) }),
    ...controlRoutes({ ...deps, ledger, control, tell }),
    ...windowPage(ledger),
  ]
  const info = { title: 'Simulated card network', version: '1', basePath: '/v1' }
  const nobody = () => Promise.reject(new Error('the simulator has no accounts'))
  return createHttpApp({ ...deps, middleware: apiRoutes(info, endpoints, nobody) })
}

/** What the network is told or asked beside payments: its settlement file, its books, its faults, and money in the bank. */
function controlRoutes(deps: {
  db: Knex
  log: Logger
  ledger: Ledger
  control: { faults: Faults }
  tell: Tell
}): Endpoint[] {
  const { db, log, ledger, control, tell } = deps
  return [
    endpoint({
      method: 'get',
      path: '/settlements',
      summary: 'What was charged and given back on some days, with its fee',
      access: 'public',
      query: settlementQuery,
      responses: { 200: { description: 'One page' } },
      handle: async ({ query }) => ({ status: 200, body: await settlementPage(db, query, control.faults) }),
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
        control.faults = body
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/deposits',
      summary: 'Money comes in to a virtual account',
      access: 'public',
      body: z.strictObject({
        accountNumber: z.string().max(32),
        amount: z.number().int().min(1),
        afterExpiry: z.boolean().default(false), // the bank takes it all the same
      }),
      responses: { 200: { description: 'The payment as it is now' }, 403: { description: 'The bank refused it' } },
      handle: ({ body }) => {
        const isUndone = Math.random() < control.faults.depositUndone
        return said(
          () => ledger.deposit({ ...body, isUndone }),
          (payment) => {
            if (payment.status !== 'DONE') return
            tell(payment)
            tell(payment, 'DEPOSIT_CALLBACK') // a shop that takes both events hears of a deposit twice
            if (isUndone) tellAgain(ledger, tell, payment, log)
          },
        )
      },
    }),
  ]
}

function tellAgain(ledger: Ledger, tell: Tell, { orderId }: TossView, log: Logger): void {
  delay(toldAgainMs, undefined, { ref: false })
    .then(async () => tell(await ledger.byOrder(orderId)))
    .catch((error: unknown) => log.debug('simulator.webhook_lost', { error }))
}
