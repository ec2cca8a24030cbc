/** What a seller does with timed deals of a show. */
import type { Deal, NewDeal } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** @throws {ApiProblem} code `deal_running`, `deal_too_large`, `product_not_shown`, `broadcast_state`. */
export const startDeal = (broadcastId: string, body: NewDeal): Promise<Deal> =>
  operateSignedIn('post', `${base}/broadcasts/{id}/deals`, { params: { id: broadcastId }, body })

export const endDeal = (id: string): Promise<Deal> =>
  operateSignedIn('post', `${base}/deals/{id}/end`, { params: { id } })

/** The show's, the newest first. */
export const listDeals = async (broadcastId: string): Promise<Deal[]> =>
  (await operateSignedIn('get', `${base}/broadcasts/{id}/deals`, { params: { id: broadcastId } })).items
