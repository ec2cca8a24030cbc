import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { z } from 'zod'
import type { ProductRevisions } from '../catalog/product-revisions.ts'
import type { ReservedOrder } from '../inventory/order-request.ts'
import type { Destination } from '../address.ts'
import { pageQuery } from '../paging.ts'
import { cancelOrder } from './cancel-order.ts'
import { isRemoteArea } from '../remote-areas.ts'
import { placeOrder, type Destinations, type PlaceOrderDeps } from './place-order.ts'
import { findOrder, listOrders } from './queries.ts'
import { quoteOrder, quoteShape } from './quote-order.ts'
import { presentOrders } from './present-orders.ts'
import { idempotencyHeaders, newOrderShape, orderPageShape, orderParams, orderShape } from './schema.ts'

/** What the orders' endpoints need. */
export interface OrdersDeps extends Omit<PlaceOrderDeps, 'inFlight'> {
  revisions: ProductRevisions
  destinations: Destinations
}

const refused = { 401: { description: '`unauthenticated`: no valid access token' } }
const unavailable = {
  503: { description: '`busy`, `database_unavailable`, `stopping`: send the same request again, see Retry-After' },
}

/** Orders of the caller. */
export function ordersRoutes({ revisions, destinations, ...deps }: OrdersDeps): Endpoint[] {
  const { db, inventory } = deps
  const inFlight = new Set<string>()
  const present = (orders: readonly ReservedOrder[]) => presentOrders(revisions, orders)
  const presentOne = async (order: ReservedOrder) => (await present([order]))[0] // one each
  const addressOf = async (buyerId: string, destination: Destination | undefined) =>
    destination && (await destinations.find(buyerId, destination))
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
        400: {
          description:
            '`invalid_request`, `idempotency_key_missing`, `variant_required` (the product has options; variants are the choices)',
        },
        404: { description: '`not_found`: no such product, variant or address, or not for sale' },
        409: {
          description:
            '`sold_out` (of several products, errors has each that is short), `over_limit`, `unpaid_limit` (pay for or cancel another first), `price_changed` (total is the new one, sending included), `coupon_not_found`, `coupon_not_now`, `coupon_used`, `coupon_used_up`, `coupon_minimum` (nothing is reserved), `request_in_flight`',
        },
        403: { description: '`barred`: the seller takes no orders of this account' },
        422: {
          description:
            '`idempotency_key_reused`, `total_too_large`, `mixed_sellers`, `mixed_currencies`, `not_in_broadcast`',
        },
        429: { description: '`rate_limited`: see Retry-After' },
        ...refused,
        ...unavailable,
      },
      handle: async ({ body: { destination, ...body }, headers, caller }, ctx) => {
        const idempotencyKey = headers['idempotency-key']
        const address = await addressOf(caller.sub, destination)
        const isRemote = address !== undefined && isRemoteArea(address)
        const asked = { buyerId: caller.sub, address: ctx.ip, idempotencyKey, isRemote, ...body }
        const order = await placeOrder({ ...deps, inFlight }, asked)
        // should this fail, the same request is answered with its order, and notes it then
        if (address !== undefined) await destinations.note(order.id, address)
        const location = `/api/commerce/v1/orders/${order.id}`
        return { status: 201, body: await presentOne(order), headers: { location } }
      },
    }),
    endpoint({
      method: 'post',
      path: '/order-quotes',
      summary: 'What an order would cost now, sending included; nothing is reserved',
      access: 'account',
      body: newOrderShape,
      responses: {
        200: { description: 'The total, and what it is made of', schema: quoteShape },
        400: { description: '`invalid_request`, `variant_required`' },
        404: { description: '`not_found`: no such product, variant or address, or not for sale' },
        409: { description: '`coupon_not_found`, `coupon_not_now`, `coupon_used`, `coupon_used_up`, `coupon_minimum`' },
        422: { description: '`total_too_large`, `mixed_sellers`, `mixed_currencies`' },
        429: { description: '`rate_limited`: codes of coupons are not to be guessed' },
        ...refused,
      },
      handle: async ({ body: { destination, items, broadcastId, coupon }, caller }) => {
        if (coupon !== undefined) await deps.limit.consume(caller.sub)
        const address = await addressOf(caller.sub, destination)
        const isRemote = address !== undefined && isRemoteArea(address)
        return {
          status: 200,
          body: await quoteOrder(db, { buyerId: caller.sub, items, broadcastId, isRemote, coupon }),
        }
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
        return { status: 200, body: { items: await present(items), nextCursor } }
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
        return { status: 200, body: await presentOne(order) }
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
        return { status: 200, body: await presentOne(order) }
      },
    }),
  ]
}
