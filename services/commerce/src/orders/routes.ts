import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { z } from 'zod'
import type { Inventory } from '../inventory/engine.ts'
import { pageQuery } from '../paging.ts'
import { cancelOrder } from './cancel-order.ts'
import { placeOrder, type RequestsInFlight } from './place-order.ts'
import { findOrder, listOrders } from './queries.ts'
import { idempotencyHeaders, newOrderShape, orderPageShape, orderParams, orderShape, presentOrder } from './schema.ts'

/** What the orders' endpoints need. */
export interface OrdersDeps {
  db: Knex
  inventory: Inventory
}

const refused = { 401: { description: 'No valid access token' } }
const unavailable = {
  503: { description: '`busy`, `database_unavailable`, `stopping`: send the same request again, see Retry-After' },
}

/** Orders of the caller. */
export function ordersRoutes({ db, inventory }: OrdersDeps): Endpoint[] {
  const inFlight: RequestsInFlight = new Set()
  return [
    endpoint({
      method: 'post',
      path: '/orders',
      summary: 'Reserve units of one product, or of several in one order; answered when the order is durable',
      access: 'account',
      headers: idempotencyHeaders,
      body: newOrderShape,
      responses: {
        201: { description: 'The order; for a request seen before, the order it made', schema: orderShape },
        400: { description: '`invalid_request`, `idempotency_key_missing`' },
        404: { description: '`not_found`: no such product, or not for sale' },
        409: {
          description:
            '`sold_out` (of several products, `errors` has each that is short), `over_limit`, `request_in_flight`',
        },
        422: { description: '`idempotency_key_reused`, `total_too_large`, `mixed_sellers`, `mixed_currencies`' },
        ...refused,
        ...unavailable,
      },
      handle: async ({ body, headers, caller }) => {
        const idempotencyKey = headers['idempotency-key']
        const order = await placeOrder({ inventory, inFlight }, { buyerId: caller.sub, idempotencyKey, ...body })
        return { status: 201, body: presentOrder(order), headers: { location: `/api/commerce/v1/orders/${order.id}` } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/orders',
      summary: 'The caller’s orders, newest first',
      access: 'account',
      query: z.object(pageQuery),
      responses: {
        200: { description: 'One page', schema: orderPageShape },
        400: { description: '`invalid_request`' },
        ...refused,
      },
      handle: async ({ query, caller }) => {
        const { items, nextCursor } = await listOrders(db, caller.sub, query)
        return { status: 200, body: { items: items.map(presentOrder), nextCursor } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/orders/{id}',
      summary: 'One of the caller’s orders',
      access: 'account',
      params: orderParams,
      responses: {
        200: { description: 'The order', schema: orderShape },
        400: { description: '`invalid_request`' },
        404: { description: '`not_found`' },
        ...refused,
      },
      handle: async ({ params, caller }) => {
        const order = await findOrder(db, params.id)
        if (!order || order.buyerId !== caller.sub) throw new NotFoundError('order', params.id)
        return { status: 200, body: presentOrder(order) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/orders/{id}/cancel',
      summary: 'Give a reservation back; may be repeated',
      access: 'account',
      params: orderParams,
      responses: {
        200: { description: 'The released order', schema: orderShape },
        400: { description: '`invalid_request`' },
        404: { description: '`not_found`' },
        409: { description: '`order_not_cancellable`: being paid, paid or refunded' },
        ...refused,
        ...unavailable,
      },
      handle: async ({ params, caller }) => {
        const order = await cancelOrder({ db, inventory }, { orderId: params.id, buyerId: caller.sub })
        return { status: 200, body: presentOrder(order) }
      },
    }),
  ]
}
