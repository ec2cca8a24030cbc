import { z } from 'zod'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import type { CatalogDeps } from './routes.ts'
import { readShippingRule, setShippingRule, shippingRuleShape } from './shipping-rule.ts'

const answerShape = z
  .object({ rule: shippingRuleShape.nullable().describe('null: sending costs nothing') })
  .meta({ id: 'SellerShipping' })

/** What a seller takes for sending: said by the seller, shown to everybody. */
export function shippingRoutes({ db, clock, limits }: Pick<CatalogDeps, 'db' | 'clock' | 'limits'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/sellers/{id}/shipping',
      summary: 'What a seller takes for sending',
      access: 'public',
      params: z.object({ id: idShape }),
      responses: {
        200: { description: 'The rule, if there is one', schema: answerShape },
        400: { description: '`invalid_request`' },
      },
      handle: async ({ params }) => ({
        status: 200,
        body: { rule: await readShippingRule(db, params.id) },
        headers: { 'cache-control': 'no-cache' },
      }),
    }),
    endpoint({
      method: 'put',
      path: '/accounts/me/shipping',
      summary:
        'Say what the caller takes for sending, from the next order on; orders that were made keep what was agreed',
      access: ['seller', 'admin'],
      body: answerShape,
      responses: {
        200: { description: 'The rule, if there is one', schema: answerShape },
        400: { description: '`invalid_request`' },
        401: { description: '`unauthenticated`: no valid access token' },
        403: { description: '`forbidden`' },
        429: { description: '`rate_limited`' },
      },
      handle: async ({ body, caller }) => {
        await limits.write.consume(caller.sub)
        await setShippingRule({ db, now: clock() }, caller.sub, body.rule)
        return { status: 200, body: { rule: await readShippingRule(db, caller.sub) } }
      },
    }),
  ]
}
