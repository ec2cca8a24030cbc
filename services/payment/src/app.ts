import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import type { TokenVerifier } from '@mytaek1/platform/auth.ts'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { HandedOver } from '@mytaek1/platform/outbox.ts'
import { readDelivery, receiveEvent } from '@mytaek1/platform/inbox.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, openApiDocument, type ApiInfo } from '@mytaek1/platform/openapi.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'
import type { CardTokens } from './cards/card-token.ts'
import type { Gateways } from './gateways/gateways.ts'
import { ClaimNotes } from './payments/claim-notes.ts'
import type { CardLimits } from './payments/card-limits.ts'
import type { Orders } from './payments/claim.ts'
import { Driver } from './payments/driver.ts'
import { paymentHints } from './payments/hints.ts'
import { paymentInserts } from './payments/insert-payments.ts'
import { operatorEndpoints, type OperatorRouteDeps } from './operators/routes.ts'
import { paymentReads } from './payments/queries.ts'
import { refundForClaim } from './payments/refund-for-claim.ts'
import { paymentEndpoints, type PaymentRouteDeps } from './payments/routes.ts'
import { settlementEndpoints } from './settlement/routes.ts'

const apiInfo: ApiInfo = { title: 'MyTaek1 payment', version: '1', basePath: '/api/payment/v1' }

/** What the payment service is made of. `wake` has the outbox relay look now. */
export interface PaymentAppDeps {
  db: Knex
  gateways: Gateways
  /** Where browsers reach this installation. */
  publicUrl: string
  tokens: CardTokens
  orders: Orders
  limits: CardLimits
  /** In front, that add to X-Forwarded-For: limits count by the address before them. */
  trustedProxies?: number
  verify: TokenVerifier
  /** Calls of commerce may be signed by any of them. */
  serviceTokens: readonly string[]
  gatewayTimeoutMs: number
  concurrency?: number
  leaseMs?: number
  wake: () => void
  /** Has events told that were committed here; without it the relay finds them. */
  deliver?: (handed: HandedOver) => void
  log: Logger
  registry: Registry
  now?: () => Date
}

/** The payment service's API as a document, with or without cards of our own page; needs nothing running. */
export const paymentDocument = (cardEntry = true) => openApiDocument(apiInfo, allEndpoints({} as AllDeps, cardEntry)) // handlers are never called

type AllDeps = PaymentRouteDeps & OperatorRouteDeps

const allEndpoints = (deps: AllDeps, cardEntry: boolean) => [
  ...paymentEndpoints(deps, cardEntry),
  ...settlementEndpoints(deps),
  ...operatorEndpoints(deps),
]

/** Builds the service: its HTTP application, its driver, and `stop`, which lets accepted payments get their answer. */
export function createPaymentApp(options: PaymentAppDeps): { app: Koa; driver: Driver; stop(): Promise<void> } {
  const deps = { ...options, now: options.now ?? (() => new Date()) }
  const notes = new ClaimNotes(deps)
  const driver = new Driver({ ...deps, notes })
  const inserts = paymentInserts(deps.db)
  const { gateways } = deps
  const hints = paymentHints({ ...deps, driver })
  const reads = paymentReads(deps.db)
  const all = { ...deps, driver, notes, inserts, hints, reads, gatewayOf: (name: string) => gateways.find(name) }
  const endpoints = allEndpoints(all, gateways.cardEntry !== undefined)
  const middleware = [...internalRoutes({ ...deps, driver }), ...apiRoutes(apiInfo, endpoints, deps.verify)]
  return {
    app: createHttpApp({ log: deps.log, registry: deps.registry, middleware, trustedProxies: deps.trustedProxies }),
    driver,
    stop: async () => {
      await driver.stop()
      await notes.stop()
    },
  }
}

// Commerce tells payment of claims whose money goes back, and of what it owes to payments of the version before: those are
// asked about.
function internalRoutes(deps: PaymentAppDeps & { now: () => Date; driver: Driver }): Middleware[] {
  const router = new Router()
  router.post('/internal/events', async (ctx) => {
    ctx.state.route = '/internal/events'
    const delivery = readDelivery(await readSignedBody(ctx, deps.serviceTokens))
    ctx.status = 204
    if ('envelope' in delivery && delivery.envelope.event.type === 'order.refund_requested') {
      await refundForClaim(deps, delivery.envelope.event.data) // before it is noted: told again, it changes nothing
      deps.driver.nudge()
      deps.wake()
      return void (await receiveEvent(deps.db, delivery.envelope))
    }
    if ('strange' in delivery) deps.log.warn('events.strange', delivery.strange) // of a newer version: noted and skipped
    await receiveEvent(deps.db, 'strange' in delivery ? delivery.strange : delivery.envelope)
    if ('strange' in delivery || !delivery.envelope.event.type.startsWith('order.')) return
    const { paymentId } = delivery.envelope.event.data
    await deps.db('payments').where({ id: paymentId, state: 'AUTHORIZED' }).update({ next_attempt_at: deps.now() })
  })
  return [router.routes() as Middleware]
}
