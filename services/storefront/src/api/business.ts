/** Whose business a seller's is. */
import { ApiProblem } from './problem.ts'
import type { SellerBusiness } from './model.ts'
import { operate, operateSignedIn } from './session.ts'

const base = '/api/commerce/v1/accounts'

/** Null: the seller did not say. */
export async function readBusiness(sellerId: string): Promise<SellerBusiness | null> {
  try {
    return await operate('get', `${base}/{id}/business`, { params: { id: sellerId } })
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}

/** Says whose business the signed-in seller's is. */
export async function noteBusiness(body: SellerBusiness): Promise<void> {
  await operateSignedIn('put', `${base}/me/business`, { body })
}
