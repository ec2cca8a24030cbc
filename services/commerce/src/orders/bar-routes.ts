import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { Account } from '../accounts/account.ts'
import { findOrder, sellerOf } from './queries.ts'
import { orderBuyerShape, orderParams } from './schema.ts'

/** Who is behind an order: what its seller has to know to bar them (`PUT /barred-buyers/{id}`). */
export function barRoutes({ db }: { db: Knex }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/orders/{id}/buyer',
      summary: 'The account that placed an order of the caller’s products',
      access: ['seller', 'admin'],
      params: orderParams,
      responses: {
        200: { description: 'Its id and name', schema: orderBuyerShape },
        401: { description: '`unauthenticated`: no valid access token' },
        403: { description: '`forbidden`' },
        404: { description: '`not_found`: no such order, or another seller’s' },
      },
      handle: async ({ params, caller }) => {
        const order = await findOrder(db, params.id)
        if (order === undefined || (await sellerOf(db, order)) !== caller.sub) {
          throw new NotFoundError('order', params.id)
        }
        const { id, displayName } = await Account.query(db).findById(order.buyerId).throwIfNotFound()
        return { status: 200, body: { id, displayName }, headers: { 'cache-control': 'no-store' } }
      },
    }),
  ]
}
