import { Router } from '@koa/router'
import type { Middleware } from 'koa'
import { eventEnvelopeShape } from '@mytaek1/contracts/service-events.ts'
import { InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'
import { findOrder } from './queries.ts'
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
    ctx.body = presentInternalOrder(order)
  })
  router.post('/events', async (ctx) => {
    ctx.state.route = '/internal/events'
    const envelope = parse(await readSignedBody(ctx, deps.serviceToken))
    await settleOrder(deps, envelope)
    ctx.status = 204
  })
  return [router.routes() as Middleware]
}

function parse(body: string) {
  try {
    return eventEnvelopeShape.parse(JSON.parse(body))
  } catch (error) {
    throw new InvalidRequestError('Not an event', [{ path: 'body', message: String(error).slice(0, 200) }])
  }
}
