import { z } from 'zod'
import { dealShape } from '@mytaek1/contracts/live-events.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import { dealsShape, endDeal, listDeals, newDealShape, startDeal } from './deals.ts'
import type { BroadcastsDeps } from './routes.ts'
import { broadcastIdParams } from './schema.ts'

const access = ['seller', 'admin'] as const
const refused = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: not the seller’s own' },
  404: { description: '`not_found`' },
}

/** Timed deals of a show's products, as their seller starts and ends them. */
export function dealRoutes({
  db,
  limits,
  dealChanged,
}: Pick<BroadcastsDeps, 'db' | 'limits' | 'dealChanged'>): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/broadcasts/{id}/deals',
      summary:
        'Start a timed deal on one of the show’s products: so many units for less, until a time; viewers are told (event `deal`), and orders placed meanwhile get the price',
      access,
      params: broadcastIdParams,
      body: newDealShape,
      responses: {
        201: { description: 'The deal, which runs', schema: dealShape },
        400: { description: '`invalid_request`' },
        409: { description: '`broadcast_state`: it is not on; `deal_running`: another deal of the product runs' },
        422: { description: '`product_not_shown`; `deal_too_large`: a variant would cost nothing' },
        429: { description: '`rate_limited`' },
        ...refused,
      },
      handle: async ({ params, body, caller }) => {
        await limits.write.consume(caller.sub)
        const deal = await startDeal(db, caller, params.id, body)
        dealChanged(deal)
        return { status: 201, body: deal }
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/deals',
      summary: 'The deals of the caller’s show, newest first; units that do not remain were sold in them',
      access,
      params: broadcastIdParams,
      responses: { 200: { description: 'At most 200', schema: dealsShape }, ...refused },
      handle: async ({ params, caller }) => ({
        status: 200,
        body: { items: await listDeals(db, caller, params.id) },
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    endpoint({
      method: 'post',
      path: '/deals/{id}/end',
      summary: 'End a deal now; orders that were placed in it keep its price. May be repeated',
      access,
      params: z.object({ id: idShape }),
      responses: {
        200: { description: 'The deal, which is over', schema: dealShape },
        429: { description: '`rate_limited`' },
        ...refused,
      },
      handle: async ({ params, caller }) => {
        await limits.write.consume(caller.sub)
        const deal = await endDeal(db, caller, params.id)
        dealChanged(deal)
        return { status: 200, body: deal }
      },
    }),
  ]
}
