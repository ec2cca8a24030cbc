import type { Endpoint } from '@mytaek1/platform/openapi.ts'
import { accountRoutes, type AccountRoutesDeps } from './account-routes.ts'
import { barredBuyersRoutes, type BarredBuyersDeps } from './barred-buyers-routes.ts'
import { businessRoutes, type BusinessDeps } from './business-routes.ts'
import { ownAccountRoutes, type OwnAccountDeps } from './own-account-routes.ts'
import { recoveryRoutes, type RecoveryDeps } from './recovery-routes.ts'
import { sessionRoutes, type SessionRoutesDeps } from './session-routes.ts'
import { signInRoutes, type SignInDeps } from './sign-in-routes.ts'
import { streamKeyRoutes, type StreamKeyDeps } from './stream-key-routes.ts'

type EachDeps = AccountRoutesDeps &
  BarredBuyersDeps &
  BusinessDeps &
  SignInDeps &
  OwnAccountDeps &
  RecoveryDeps &
  SessionRoutesDeps &
  StreamKeyDeps

/** What the accounts' endpoints need. */
export interface AccountsDeps extends EachDeps {}

/** Accounts, sessions, stream keys, and who is barred; in the order of the API's document. */
export function accountsRoutes(deps: AccountsDeps): Endpoint[] {
  return [
    ...accountRoutes(deps),
    ...barredBuyersRoutes(deps),
    ...businessRoutes(deps),
    ...signInRoutes(deps),
    ...ownAccountRoutes(deps),
    ...recoveryRoutes(deps),
    ...sessionRoutes(deps),
    ...streamKeyRoutes(deps),
  ]
}
