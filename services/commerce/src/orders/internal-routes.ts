import { Router } from '@koa/router'
import type { Middleware } from 'koa'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { readDelivery, receiveEvent } from '@mytaek1/platform/inbox.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'
import { findOrder, sellerOf } from './queries.ts'
import { presentInternalOrder } from './schema.ts'
import { settleOrder, type SettleDeps } from './settle-order.ts'

/**
 * What only the payment service calls, signed with the shared secret; the ingress does not lead here.
 * `GET /internal/orders/{id}` and `POST /internal/events`.
 */
export function internalOrdersRoutes(deps: SettleDeps & { serviceToken: string }): Middleware[] {
  const router = new Router({ prefix: '/internal' })
  router.get('/orders/:id', async (ctx) => {
    ctx.state.route = '/internal/orders/{id}'
    await readSignedBody(ctx, deps.serviceToken)
    const orderId = ctx.params.id ?? ''
    const order = await findOrder(deps.db, orderId)
    if (!order) throw new NotFoundError('order', orderId)
    ctx.body = presentInternalOrder(order, await sellerOf(deps.db, order))
  })
  router.post('/events', async (ctx) => {
    ctx.state.route = '/internal/events'
    const delivery = readDelivery(await readSignedBody(ctx, deps.serviceToken))
    ctx.status = 204
    if ('envelope' in delivery) return await settleOrder(deps, delivery.envelope)
    deps.log.warn('events.strange', delivery.strange) // of a newer version: noted and skipped
    await receiveEvent(deps.db, delivery.strange)
  })
  return [router.routes() as Middleware]
}
