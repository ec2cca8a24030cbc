import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { Inventory } from '../inventory/engine.ts'
import { readPlaces } from '../inventory/waiting-places.ts'
import { joinWaitingList } from './join-waiting-list.ts'
import { newPlaceShape, placeParams, placeShape, placesShape, presentPlace } from './waiting-schema.ts'

/** What the endpoints of waiting lists need. `limit`: how often one account may join and leave. */
export interface WaitingDeps {
  db: Knex
  inventory: Pick<Inventory, 'waitingLists'>
  limit: RateLimit
}

const refused = {
  401: { description: '`unauthenticated`: no valid access token' },
  429: { description: '`rate_limited`: see Retry-After' },
}

/** Places of the caller on waiting lists of what is sold out. */
export function waitingRoutes({ db, inventory, limit }: WaitingDeps): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/waiting-places',
      summary:
        'Wait for what is sold out; may be repeated. A unit that comes back is kept for the first who waits for two minutes (event `offer`), to be ordered by POST /orders, then for the next',
      access: 'account',
      body: newPlaceShape,
      responses: {
        201: { description: 'The place; for who has one, that', schema: placeShape },
        400: { description: '`invalid_request`, `variant_required`' },
        403: { description: '`barred`: the seller takes no orders of this account' },
        404: { description: '`not_found`: no such product or variant, or not for sale' },
        409: {
          description:
            '`in_stock` (order it), `waiting_list_full`, `too_many_places`, `over_limit`, `unpaid_limit` (as an order would be), `request_in_flight`',
        },
        ...refused,
      },
      handle: async ({ body, caller }) => {
        await limit.consume(caller.sub)
        const place = await joinWaitingList({ db, inventory }, { buyerId: caller.sub, ...body })
        return { status: 201, body: presentPlace(place) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/waiting-places',
      summary: 'What the caller waits for, and what is kept for them',
      access: 'account',
      responses: {
        200: { description: 'All of it', schema: placesShape },
        401: refused[401],
      },
      handle: async ({ caller }) => ({
        status: 200,
        body: { items: (await readPlaces(db, caller.sub)).map(presentPlace) },
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    endpoint({
      method: 'delete',
      path: '/waiting-places/{id}',
      summary: 'Wait no more, and leave what is kept to the next; may be repeated',
      access: 'account',
      params: placeParams,
      responses: {
        204: { description: 'It does not wait' },
        400: { description: '`invalid_request`' },
        ...refused,
      },
      handle: async ({ params, caller }) => {
        await limit.consume(caller.sub)
        await inventory.waitingLists.leave({ buyerId: caller.sub, productId: params.id })
        return { status: 204 }
      },
    }),
  ]
}
