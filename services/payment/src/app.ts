import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import type { TokenVerifier } from '@mytaek1/platform/auth.ts'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import { readDelivery, receiveEvent } from '@mytaek1/platform/inbox.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, openApiDocument, type ApiInfo } from '@mytaek1/platform/openapi.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'
import type { CardTokens } from './cards/card-token.ts'
import type { CardGateway } from './gateways/card-gateway.ts'
import type { ReadOrder } from './payments/orders.ts'
import { Refund } from './payments/payment.ts'
import { PaymentProcessor, unclear } from './payments/process-payment.ts'
import { startReconciler } from './payments/reconcile.ts'
import { completeRefund } from './payments/refund.ts'
import { paymentEndpoints, type PaymentRouteDeps } from './payments/routes.ts'
import { receiveOrderEvent, settle } from './payments/settle.ts'

const apiInfo: ApiInfo = { title: 'MyTaek1 payment', version: '1', basePath: '/api/payment/v1' }

/** What the payment service is made of. `wake` has the outbox relay look now. */
export interface PaymentAppDeps {
  db: Knex
  gateway: CardGateway
  tokens: CardTokens
  readOrder: ReadOrder
  verify: TokenVerifier
  serviceToken: string
  gatewayTimeoutMs: number
  wake: () => void
  log: Logger
  registry: Registry
  now?: () => Date
}

/** The payment service's API as a document; needs nothing running. */
export const paymentDocument = () => openApiDocument(apiInfo, paymentEndpoints({} as PaymentRouteDeps)) // handlers are never called

/** Builds the service: its HTTP application, and `stop`, which lets accepted payments get their answer. */
export function createPaymentApp(options: PaymentAppDeps): { app: Koa; stop(): Promise<void> } {
  const deps = { ...options, now: options.now ?? (() => new Date()) }
  const processor = new PaymentProcessor(deps)
  const reconciler = startReconciler(deps)
  const completeSoon = (refundId: string) => {
    void Refund.query(deps.db)
      .findById(refundId)
      .then((refund) => refund && completeRefund(deps, refund))
      .catch((error: unknown) => deps.log.warn('refund.later', { refundId, error })) // the reconciler completes it
  }
  const endpoints = paymentEndpoints({ ...deps, processor, gatewayName: deps.gateway.name, completeSoon })
  const middleware = [...internalRoutes(deps), ...apiRoutes(apiInfo, endpoints, deps.verify)]
  return {
    app: createHttpApp({ log: deps.log, registry: deps.registry, middleware }),
    stop: async () => {
      await processor.stop()
      await reconciler.stop()
    },
  }
}

function internalRoutes(deps: PaymentAppDeps & { now: () => Date }): Middleware[] {
  const router = new Router()
  router.post('/internal/events', async (ctx) => {
    ctx.state.route = '/internal/events'
    const delivery = readDelivery(await readSignedBody(ctx, deps.serviceToken))
    ctx.status = 204
    if ('strange' in delivery) {
      deps.log.warn('events.strange', delivery.strange) // of a newer version: noted and skipped
      return void (await receiveEvent(deps.db, delivery.strange))
    }
    const payment = await receiveOrderEvent(deps, delivery.envelope)
    // The answer does not wait for the card network; what fails here the reconciler does again.
    if (payment)
      void settle(deps, payment)
        .catch(unclear)
        .catch((error: unknown) => deps.log.warn('payment.settle_later', { error }))
  })
  return [router.routes() as Middleware]
}
