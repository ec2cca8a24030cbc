import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { refused } from './answers.ts'
import { admitBuyer, barBuyer, listBarredBuyers } from './barred-buyers.ts'
import { accountParams, barredBuyersShape } from './schema.ts'

/** What these endpoints need. */
export interface BarredBuyersDeps {
  db: Knex
  clock: () => Date
}

/** Of whom a seller takes no orders. */
export function barredBuyersRoutes({ db, clock }: BarredBuyersDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/barred-buyers',
      summary: 'Accounts of which the caller takes no orders, the last first',
      access: ['seller', 'admin'],
      responses: {
        200: { description: 'All of them, at most 1,000', schema: barredBuyersShape },
        403: { description: '`forbidden`' },
        ...refused,
      },
      handle: async ({ caller }) => {
        const barred = await listBarredBuyers(db, caller.sub)
        const items = barred.map(({ barredAt, ...buyer }) => ({ ...buyer, barredAt: barredAt.toISOString() }))
        return { status: 200, body: { items } }
      },
    }),
    endpoint({
      method: 'put',
      path: '/barred-buyers/{id}',
      summary: 'Take no more orders of an account; orders that there are stay',
      access: ['seller', 'admin'],
      params: accountParams,
      responses: {
        204: { description: 'Barred' },
        403: { description: '`forbidden`' },
        404: { description: '`not_found`' },
        409: { description: '`too_many_barred`' },
        ...refused,
      },
      handle: async ({ params, caller }) => {
        await barBuyer({ db, now: clock() }, { sellerId: caller.sub, buyerId: params.id })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/barred-buyers/{id}',
      summary: 'Take an account’s orders again',
      access: ['seller', 'admin'],
      params: accountParams,
      responses: { 204: { description: 'Its orders are taken' }, 403: { description: '`forbidden`' }, ...refused },
      handle: async ({ params, caller }) => {
        await admitBuyer(db, { sellerId: caller.sub, buyerId: params.id })
        return { status: 204 }
      },
    }),
  ]
}
