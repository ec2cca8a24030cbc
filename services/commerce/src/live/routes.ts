import type { Context } from 'koa'
import { z } from 'zod'
import { UnauthenticatedError } from '@mytaek1/platform/errors.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import { broadcastIdParams } from '../broadcasts/schema.ts'
import { isEventId } from './event-id.ts'
import { EventStream } from './event-stream.ts'
import type { LiveFeed } from './live-feed.ts'
import type { Hearts } from './hearts.ts'
import type { Hearer, OrderNews } from './order-news.ts'
import { heartsShape, newHeartsShape, streamedEventShape, streamedOrderShape } from './schema.ts'

/** What the live endpoints need. `streams` holds the open connections, so that a shutdown can end them. */
export interface LiveDeps {
  feed: LiveFeed
  orderNews: OrderNews
  /** Whose browser it is, by its session's cookie: an EventSource sends nothing else. Undefined: nobody's that is known. */
  sessionOf: (ctx: Context) => Promise<Hearer | undefined>
  hearts: Pick<Hearts, 'add'>
  log: Logger
  limits: { hearts: RateLimit }
  streams: Set<EventStream>
}

/** What moves in a broadcast, and in orders. */
export function liveRoutes(deps: LiveDeps): Endpoint[] {
  const { feed } = deps
  return [
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/events',
      summary:
        'What moves in a broadcast, and in the signed-in viewer’s orders, as server-sent events; Last-Event-ID goes on where a connection broke',
      access: 'public',
      params: broadcastIdParams,
      headers: z.object({ 'last-event-id': z.string().max(40).optional() }),
      responses: {
        200: {
          description: 'Events without end: `event:` is the type, `data:` its data as JSON',
          contentType: 'text/event-stream',
          schema: streamedEventShape,
        },
        404: { description: '`not_found`' },
        429: { description: '`too_many_streams`: of one address' },
        503: { description: '`busy`: this server has as many viewers as it may' },
      },
      handle: async ({ params, headers }, ctx) => {
        const given = headers['last-event-id']
        const stream = new EventStream()
        // what moves in the broadcast comes also while it cannot be read who watches
        const hearer = await deps.sessionOf(ctx).catch((error: unknown) => {
          deps.log.warn('live.viewer_not_read', { broadcastId: params.id, error })
          return undefined
        })
        const lastEventId = given !== undefined && isEventId(given) ? given : undefined
        const leave = await feed.join(params.id, stream, { address: ctx.ip, lastEventId })
        const leaveOrders = hearer && deps.orderNews.listen(hearer, stream, { alone: false })
        return open(deps, ctx, stream, () => {
          leave()
          leaveOrders?.()
        })
      },
    }),
    endpoint({
      method: 'get',
      path: '/orders/events',
      summary:
        'What happens to the signed-in account’s orders, bought and sold, as server-sent events; signed in by the session’s cookie',
      access: 'public',
      responses: {
        200: {
          description: 'Events without end, as those of a broadcast',
          contentType: 'text/event-stream',
          schema: streamedOrderShape,
        },
        401: { description: '`unauthenticated`: no session' },
        429: { description: '`too_many_streams`: of one address, or of the account' },
        503: { description: '`busy`: this server has as many viewers as it may' },
      },
      handle: async (_input, ctx) => {
        const hearer = await deps.sessionOf(ctx)
        if (hearer === undefined) throw new UnauthenticatedError('This needs a session; sign in')
        const stream = new EventStream()
        const leavePlace = feed.takePlace(ctx.ip)
        try {
          const leaveOrders = deps.orderNews.listen(hearer, stream, { alone: true })
          return open(deps, ctx, stream, () => {
            leaveOrders()
            leavePlace()
          })
        } catch (error) {
          leavePlace()
          throw error
        }
      },
    }),
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/hearts',
      summary: 'Give hearts; viewers are told the sum once a second',
      access: 'account',
      params: broadcastIdParams,
      body: newHeartsShape,
      responses: {
        202: { description: 'Counted', schema: heartsShape },
        400: { description: '`invalid_request`' },
        401: { description: '`unauthenticated`: no valid access token' },
        404: { description: '`not_found`' },
        409: { description: '`broadcast_state`: it is over or has not begun' },
        429: { description: '`rate_limited`: more than one viewer may give' },
        503: { description: '`chat_unavailable`' },
      },
      handle: async ({ params, body, caller }) => {
        await deps.limits.hearts.consume(caller.sub)
        return { status: 202, body: { hearts: await deps.hearts.add(params.id, body.hearts) } }
      },
    }),
  ]
}

function open(deps: LiveDeps, ctx: Context, stream: EventStream, leave: () => void) {
  deps.streams.add(stream)
  stream.once('close', () => {
    deps.streams.delete(stream)
    leave()
  })
  ctx.req.socket.setKeepAlive(true, 30_000)
  // it ends with its connection: without chunks an event is one buffer, the same for a thousand listeners
  ctx.res.useChunkedEncodingByDefault = false
  ctx.type = 'text/event-stream'
  ctx.body = stream
  // X-Accel-Buffering: proxies of the nginx family would gather events otherwise
  return { status: 200, headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' } }
}
