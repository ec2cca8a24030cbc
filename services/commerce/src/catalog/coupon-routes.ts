import { z } from 'zod'
import { ForbiddenError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import {
  couponShape,
  couponsShape,
  createCoupon,
  endCoupon,
  listCoupons,
  newCouponShape,
  platform,
  shownCoupons,
  shownCouponsShape,
} from './coupons.ts'
import type { CatalogDeps } from './routes.ts'

const access = ['seller', 'admin'] as const
const refused = {
  400: { description: '`invalid_request`' },
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: the platform’s are an admin’s' },
}
const query = z.object({ of: z.literal('platform').optional().describe('the platform’s instead of the caller’s own') })

/** Coupons, as sellers and the platform make them known. */
export function couponRoutes({ db, clock, limits }: Pick<CatalogDeps, 'db' | 'clock' | 'limits'>): Endpoint[] {
  const ownerOf = (caller: { sub: string; role: string }, isPlatform: boolean) => {
    if (!isPlatform) return caller.sub
    if (caller.role !== 'admin') throw new ForbiddenError('The platform’s coupons are an admin’s')
    return platform
  }
  return [
    endpoint({
      method: 'post',
      path: '/coupons',
      summary: 'Make a coupon known: for the caller’s goods, or, of an admin, for every seller’s',
      access,
      body: newCouponShape,
      responses: {
        201: { description: 'The coupon', schema: couponShape },
        409: { description: '`coupon_code_taken`' },
        429: { description: '`rate_limited`' },
        ...refused,
      },
      handle: async ({ body, caller }) => {
        await limits.write.consume(caller.sub)
        const owner = ownerOf(caller, body.isPlatform)
        return { status: 201, body: await createCoupon({ db, now: clock() }, owner, body) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/coupons',
      summary: 'The caller’s coupons, or the platform’s, newest first, with how often they were used',
      access,
      query,
      responses: { 200: { description: 'At most 200', schema: couponsShape }, ...refused },
      handle: async ({ query: { of }, caller }) => {
        const items = await listCoupons(db, ownerOf(caller, of === 'platform'))
        return { status: 200, body: { items }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'post',
      path: '/coupons/{id}/end',
      summary: 'End a coupon now; orders that used it keep what it took off',
      access,
      params: z.object({ id: idShape }),
      query,
      responses: {
        200: { description: 'The coupon', schema: couponShape },
        404: { description: '`not_found`' },
        429: { description: '`rate_limited`' },
        ...refused,
      },
      handle: async ({ params, query: { of }, caller }) => {
        await limits.write.consume(caller.sub)
        const sellerId = ownerOf(caller, of === 'platform')
        return { status: 200, body: await endCoupon({ db, now: clock() }, { id: params.id, sellerId }) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/sellers/{id}/coupons',
      summary: 'What everybody may use of a seller’s goods now without a code, the platform’s included',
      access: 'public',
      params: z.object({ id: idShape }),
      responses: {
        200: { description: 'At most 20', schema: shownCouponsShape },
        400: refused[400],
      },
      handle: async ({ params }) => ({
        status: 200,
        body: { items: await shownCoupons(db, params.id, clock()) },
        headers: { 'cache-control': 'no-cache' },
      }),
    }),
  ]
}
