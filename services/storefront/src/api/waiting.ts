/** Calls about waiting lists of what is sold out. */
import type { WaitingPlace } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** What the signed-in account waits for, and what is kept for it. */
export const listPlaces = async (): Promise<WaitingPlace[]> =>
  (await operateSignedIn('get', `${base}/waiting-places`, {})).items

/** Waits for what is sold out; may be repeated. @throws {ApiProblem} code `in_stock`, `waiting_list_full`, `too_many_places`. */
export const joinList = (productId: string, variantId: string | undefined): Promise<WaitingPlace> =>
  operateSignedIn('post', `${base}/waiting-places`, { body: { productId, variantId } })

/** Waits no more. */
export const leaveList = (variantId: string): Promise<unknown> =>
  operateSignedIn('delete', `${base}/waiting-places/{id}`, { params: { id: variantId } })
