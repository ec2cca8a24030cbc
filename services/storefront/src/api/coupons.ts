/** Calls about coupons. */
import type { Coupon, NewCoupon, ShownCoupon } from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** What everybody may use of a seller's goods now without a code. */
export const listShownCoupons = async (sellerId: string, signal?: AbortSignal): Promise<ShownCoupon[]> =>
  (await operate('get', `${base}/sellers/{id}/coupons`, { params: { id: sellerId }, signal })).items

const whose = (isPlatform: boolean) => (isPlatform ? ({ of: 'platform' } as const) : {})

/** The signed-in seller's coupons, or, of an admin, the platform's. */
export const listCoupons = async (isPlatform: boolean): Promise<Coupon[]> =>
  (await operateSignedIn('get', `${base}/coupons`, { query: whose(isPlatform) })).items

/** @throws {ApiProblem} code `coupon_code_taken`. */
export const createCoupon = (body: NewCoupon): Promise<Coupon> => operateSignedIn('post', `${base}/coupons`, { body })

export const endCoupon = (id: string, isPlatform: boolean): Promise<Coupon> =>
  operateSignedIn('post', `${base}/coupons/{id}/end`, { params: { id }, query: whose(isPlatform) })
