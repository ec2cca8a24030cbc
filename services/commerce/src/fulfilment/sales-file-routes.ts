import { Readable } from 'node:stream'
import { z } from 'zod'
import { InvalidRequestError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { fulfilmentStates } from './order-life.ts'
import type { FulfilmentDeps } from './routes.ts'
import { momentsOf, salesFile } from './sales-file.ts'

const daysMax = 366
const fileMs = 300_000

const query = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  state: z.enum(fulfilmentStates).optional().describe('how far they are; left out: all that were paid for'),
})

/** What was sold over some days, for whoever keeps the books. */
export function salesFileRoutes(deps: FulfilmentDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/sales.csv',
      summary: 'Orders of the caller’s products that were paid for on some days of Korea’s, with amounts, as CSV',
      access: ['seller', 'admin'],
      query,
      responses: {
        200: { description: 'UTF-8 with a byte order mark', contentType: 'text/csv', schema: z.string() },
        400: { description: '`invalid_request`: malformed, or more than a year' },
        429: { description: '`rate_limited`: see Retry-After' },
      },
      handle: async ({ query: { from, to, state }, caller }) => {
        const { begin, end } = momentsOf({ from, to })
        const days = (end.getTime() - begin.getTime()) / 86_400_000
        if (days < 1 || days > daysMax) {
          throw new InvalidRequestError('Ask for one day to a year', [
            { path: 'to', message: 'is too early or too late' },
          ])
        }
        await deps.limit.consume(caller.sub)
        return {
          status: 200,
          body: Readable.from(salesFile(deps, { seller: caller, from, to, state }), {
            signal: AbortSignal.timeout(fileMs), // whoever reads slower than that is cut off
          }),
          headers: {
            'cache-control': 'no-store',
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="sales-${from}-${to}.csv"`,
          },
        }
      },
    }),
  ]
}
