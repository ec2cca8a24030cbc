import type { Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { ProductRevisions } from '../catalog/product-revisions.ts'
import { addressRoutes } from './address-routes.ts'
import { buyerRoutes } from './buyer-routes.ts'
import type { ClaimDeps } from './make-claim.ts'
import { salesFileRoutes } from './sales-file-routes.ts'
import { sellerRoutes } from './seller-routes.ts'

/** What the endpoints of addresses, fulfilments and claims need. `limit`: how often one account may change them. */
export interface FulfilmentDeps extends ClaimDeps {
  revisions: ProductRevisions
  limit: RateLimit
}

/** From the order that is paid for to a doorstep, and back: what buyers and sellers see and do. */
export const fulfilmentRoutes = (deps: FulfilmentDeps): Endpoint[] => [
  ...addressRoutes(deps),
  ...buyerRoutes(deps),
  ...sellerRoutes(deps),
  ...salesFileRoutes(deps),
]
