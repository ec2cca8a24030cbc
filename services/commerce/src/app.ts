import type Koa from 'koa'
import type { Middleware } from 'koa'
import type { Registry } from 'prom-client'
import { createHttpApp } from '@mytaek1/platform/http-app.ts'
import type { TokenVerifier } from '@mytaek1/platform/auth.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { apiRoutes, type ApiInfo, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { TokenIssuer } from './accounts/access-token.ts'
import { accountsRoutes, type AccountsDeps } from './accounts/routes.ts'
import { dealRoutes } from './broadcasts/deal-routes.ts'
import { broadcastsRoutes, type BroadcastsDeps } from './broadcasts/routes.ts'
import { pictureRoutes } from './catalog/picture-routes.ts'
import { productFileRoutes } from './catalog/product-file-routes.ts'
import { catalogRoutes, type CatalogDeps } from './catalog/routes.ts'
import { couponRoutes } from './catalog/coupon-routes.ts'
import { shippingRoutes } from './catalog/shipping-routes.ts'
import { variantRoutes } from './catalog/variant-routes.ts'
import type { ImageStore } from './catalog/image-store.ts'
import { serveImages } from './catalog/serve-image.ts'
import type { ChatDeps } from './chat/chat-deps.ts'
import { chatRoutes } from './chat/routes.ts'
import { conditionalGet } from './conditional-get.ts'
import { followsRoutes, type FollowsDeps } from './follows/routes.ts'
import { fulfilmentRoutes, type FulfilmentDeps } from './fulfilment/routes.ts'
import { liveRoutes, type LiveDeps } from './live/routes.ts'
import { barRoutes } from './orders/bar-routes.ts'
import { ordersRoutes, type OrdersDeps } from './orders/routes.ts'
import { waitingRoutes, type WaitingDeps } from './orders/waiting-routes.ts'
import { reportRoutes, type ReportDeps } from './report/routes.ts'
import { forgetAfterChanges, type SharedReadsNews } from './shared-reads-news.ts'

/** The API's name and place. */
export const api: ApiInfo = Object.freeze({
  title: 'MyTaek1 commerce',
  version: '1.0.0',
  basePath: '/api/commerce/v1',
  conditionalGet: true,
  description:
    'Accounts, products, broadcasts and orders. Errors are problem+json (RFC 9457) with a stable `code`; lists are paged by `cursor`.',
})

/** What the endpoints of each feature need. */
export interface Features {
  accounts: AccountsDeps
  catalog: CatalogDeps
  broadcasts: BroadcastsDeps
  live: LiveDeps
  chat: ChatDeps
  follows: FollowsDeps
  report: ReportDeps
  orders: OrdersDeps
  waiting: WaitingDeps
  fulfilment: FulfilmentDeps
}

/** The features, and what all of them share. */
export interface AppDeps {
  log: Logger
  registry: Registry
  verify: TokenVerifier
  tokens: TokenIssuer
  imageStore: ImageStore
  readsNews: SharedReadsNews
  features: Features
  trustedProxies?: number
  /** What only other services call. */
  internal: readonly Middleware[]
}

/** Mounts the features. No rules here. */
export function createApp(deps: AppDeps): Koa {
  const { log, registry } = deps
  return createHttpApp({
    log,
    registry,
    trustedProxies: deps.trustedProxies,
    middleware: [
      ...deps.internal.map(onlyInternal),
      serveImages(deps.imageStore),
      jwks(deps.tokens.jwks),
      conditionalGet(),
      forgetAfterChanges(deps.readsNews),
      ...apiRoutes(api, endpointsOf(deps.features), deps.verify),
    ],
  })
}

/** Every operation of the API, as the document and the router have it. */
export function endpointsOf({
  accounts,
  catalog,
  broadcasts,
  live,
  chat,
  follows,
  report,
  orders,
  waiting,
  fulfilment,
}: Features): Endpoint[] {
  return [
    ...accountsRoutes(accounts),
    ...catalogRoutes(catalog),
    ...variantRoutes(catalog),
    ...pictureRoutes(catalog),
    ...productFileRoutes(catalog),
    ...shippingRoutes(catalog),
    ...couponRoutes(catalog),
    ...broadcastsRoutes(broadcasts),
    ...dealRoutes(broadcasts),
    ...liveRoutes(live),
    ...chatRoutes(chat),
    ...followsRoutes(follows),
    ...reportRoutes(report),
    ...ordersRoutes(orders),
    ...barRoutes(orders),
    ...waitingRoutes(waiting),
    ...fulfilmentRoutes(fulfilment),
  ]
}

// A router tries its patterns on every request; nearly none is for this one.
function onlyInternal(middleware: Middleware): Middleware {
  return (ctx, next) => (ctx.path.startsWith('/internal/') ? middleware(ctx, next) : next())
}

// The public keys that verify access tokens (RFC 7517); a new key may take five minutes to be known everywhere.
function jwks(keys: TokenIssuer['jwks']): Middleware {
  const body = JSON.stringify(keys)
  return async (ctx, next) => {
    if (ctx.path !== `${api.basePath}/jwks.json` || ctx.method !== 'GET') return await next()
    ctx.state.route = '/jwks.json'
    ctx.set('cache-control', 'public, max-age=300')
    ctx.body = body
    ctx.type = 'application/json'
  }
}
