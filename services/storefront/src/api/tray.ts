/** What a seller does with the products of a show that is on. */
import type { Broadcast } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** A product of the tray; hidden from viewers, or not. */
export interface TrayItem {
  productId: string
  hidden: boolean
}

/** Shows products first to every viewer, in this order; none takes the pins away. */
export async function pinProducts(broadcastId: string, productIds: string[]): Promise<void> {
  await operateSignedIn('put', `${base}/broadcasts/{id}/pins`, { params: { id: broadcastId }, body: { productIds } })
}

/** Makes the tray what is given, in this order. @throws {ApiProblem} code `product_not_offered`. */
export const changeTray = (broadcastId: string, items: TrayItem[]): Promise<Broadcast> =>
  operateSignedIn('put', `${base}/broadcasts/{id}/products`, { params: { id: broadcastId }, body: { items } })
