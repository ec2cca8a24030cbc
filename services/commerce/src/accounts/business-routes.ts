import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { refused } from './answers.ts'
import { businessShape, noteBusiness, readBusiness, readSeller, sellerShape } from './business.ts'
import { accountParams } from './schema.ts'

/** What these endpoints need. */
export interface BusinessDeps {
  db: Knex
  clock: () => Date
}

/** Whose business a seller's is: said by the seller, shown to everybody. */
export function businessRoutes({ db, clock }: BusinessDeps): Endpoint[] {
  return [
    endpoint({
      method: 'put',
      path: '/accounts/me/business',
      summary: 'Say whose business the caller’s is, as receipts show it',
      access: ['seller', 'admin'],
      body: businessShape,
      responses: { 204: { description: 'Noted' }, 403: { description: '`forbidden`' }, ...refused },
      handle: async ({ body, caller }) => {
        await noteBusiness(db, caller.sub, body, clock())
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/accounts/{id}/business',
      summary: 'Whose business a seller’s is',
      access: 'public',
      params: accountParams,
      responses: {
        200: { description: 'What the seller said', schema: businessShape },
        404: { description: '`not_found`: the seller did not say' },
      },
      handle: async ({ params }) => ({
        status: 200,
        body: await readBusiness(db, params.id),
        headers: { 'cache-control': 'public, max-age=60' },
      }),
    }),
    endpoint({
      method: 'get',
      path: '/sellers/{id}',
      summary: 'A seller, with whose business it is',
      access: 'public',
      params: accountParams,
      responses: {
        200: { description: 'The seller', schema: sellerShape },
        404: { description: '`not_found`' },
      },
      handle: async ({ params }) => ({
        status: 200,
        body: await readSeller(db, params.id),
        headers: { 'cache-control': 'public, max-age=60' },
      }),
    }),
  ]
}
