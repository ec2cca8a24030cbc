import { Router } from '@koa/router'
import type { Middleware } from 'koa'
import {
  claimBatchShape,
  claimRequestShape,
  eventBatchShape,
  type EventEnvelope,
} from '@mytaek1/contracts/service-events.ts'
import { InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { readDelivery, receiveEvent } from '@mytaek1/platform/inbox.ts'
import { check } from '@mytaek1/platform/json-body.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'
import { claimOrder, claimOrders } from './claim-order.ts'
import { findOrder, sellerOf } from './queries.ts'
import { presentInternalOrder } from './schema.ts'
import { settleOrder, settleOrders, tellSettled, type SettleDeps } from './settle-order.ts'

const toldAtOnce = 8 // deliveries, of up to 64 orders each

/**
 * What only the payment service calls, signed with the shared secret; the ingress does not lead here.
 * `GET /internal/orders/{id}`, `POST /internal/orders/{id}/claims` (of payments of the version before), `POST /internal/claims`,
 * `POST /internal/events` and `…/event-batches`.
 */
export function internalOrdersRoutes(deps: SettleDeps & { serviceTokens: readonly string[] }): Middleware[] {
  const router = new Router({ prefix: '/internal' })
  // payment is answered before: what comes meanwhile is told together
  const news = new Gather<readonly EventEnvelope[], undefined>({
    most: toldAtOnce,
    isOfOne: () => false,
    work: async (taken) => {
      await tellSettled(deps, taken.flat())
      return taken.map(() => undefined)
    },
  })
  const tell = (taken: readonly EventEnvelope[]) => {
    news.add(taken).catch((error: unknown) => deps.log.warn('orders.news_not_told', { orders: taken.length, error }))
  }
  router.get('/orders/:id', async (ctx) => {
    ctx.state.route = '/internal/orders/{id}'
    await readSignedBody(ctx, deps.serviceTokens)
    const orderId = ctx.params.id ?? ''
    const order = await findOrder(deps.db, orderId)
    if (!order) throw new NotFoundError('order', orderId)
    ctx.body = presentInternalOrder(order, await sellerOf(deps.db, order))
  })
  router.post('/orders/:id/claims', async (ctx) => {
    ctx.state.route = '/internal/orders/{id}/claims'
    const request = check(claimRequestShape, parse(await readSignedBody(ctx, deps.serviceTokens)), 'body')
    ctx.body = await claimOrder(deps.db, ctx.params.id ?? '', request)
  })
  router.post('/claims', async (ctx) => {
    ctx.state.route = '/internal/claims'
    const { claims } = check(claimBatchShape, parse(await readSignedBody(ctx, deps.serviceTokens)), 'body')
    ctx.body = { answers: await claimOrders(deps.db, claims) }
  })
  router.post('/event-batches', async (ctx) => {
    ctx.state.route = '/internal/event-batches'
    const { events } = check(eventBatchShape, parse(await readSignedBody(ctx, deps.serviceTokens)), 'body')
    await settleOrders(deps, events)
    tell(events)
    ctx.status = 204
  })
  router.post('/events', async (ctx) => {
    ctx.state.route = '/internal/events'
    const delivery = readDelivery(await readSignedBody(ctx, deps.serviceTokens))
    ctx.status = 204
    if ('envelope' in delivery) {
      await settleOrder(deps, delivery.envelope)
      return tell([delivery.envelope])
    }
    deps.log.warn('events.strange', delivery.strange) // of a newer version: noted and skipped
    await receiveEvent(deps.db, delivery.strange)
  })
  return [router.routes() as Middleware]
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new InvalidRequestError('The body is not JSON')
  }
}
