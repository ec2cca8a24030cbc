import type { Middleware } from 'koa'
import { internalSessionsRoutes } from '../accounts/ended-sessions.ts'
import { createKnownDevices } from '../accounts/known-device.ts'
import { createPasswordHasher } from '../accounts/password-hasher.ts'
import type { AccountsDeps } from '../accounts/routes.ts'
import { removeExpiredSessions } from '../accounts/session.ts'
import { requestOpenObjectSync } from '../broadcasts/request-object-sync.ts'
import type { BroadcastObjectsPart } from './broadcasts.ts'
import type { MailPart } from './mail.ts'
import type { Shared } from './shared.ts'

const sweepEveryMs = 3_600_000
const failuresSeconds = 900
const linksPerHour = 3 // to one address: nobody is bombed with mail, and everybody has a link to use

/** What the accounts' endpoints work with. */
export async function accountsDeps(
  shared: Shared,
  { wakeSync, ...mail }: Pick<BroadcastObjectsPart, 'wakeSync'> & MailPart,
): Promise<AccountsDeps> {
  const { config, db, tokens, endedSessions, clock, limit } = shared
  const failures = (name: string, points: number) => limit(name, { points, seconds: failuresSeconds })
  return {
    ...mail,
    db,
    hasher: await createPasswordHasher(),
    tokens,
    devices: createKnownDevices(config.SERVICE_TOKEN),
    sessionEnded: (id) => endedSessions.add(id, clock()),
    clock,
    keyChanged: async (trx, accountId) => {
      await requestOpenObjectSync(trx, accountId, clock())
      void trx.executionPromise.then(wakeSync, () => undefined) // rolled back: nothing to do
    },
    limits: {
      signUp: limit('sign-ups', { points: config.LIMIT_SIGN_UPS_PER_HOUR, seconds: 3_600 }),
      signUpMails: limit('mails of sign-ups', { points: config.LIMIT_RECOVERIES_PER_HOUR, seconds: 3_600 }),
      recovery: limit('links from mails', { points: config.LIMIT_RECOVERIES_PER_HOUR, seconds: 3_600 }),
      linksToAddress: limit('mails with a link', { points: linksPerHour, seconds: 3_600 }),
      signIn: failures('sign-ins of this account', config.LIMIT_SIGN_IN_FAILURES),
      signInByDevice: failures('sign-ins from here', config.LIMIT_SIGN_IN_FAILURES),
      signInByAccount: failures(
        'sign-ins of this account from new browsers',
        config.LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT,
      ),
      ownPassword: failures('passwords of this session', config.LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT),
      signInByAddress: failures('failed sign-ins', config.LIMIT_SIGN_IN_FAILURES_PER_ADDRESS),
      refresh: failures('failed session refreshes', config.LIMIT_SIGN_IN_FAILURES_PER_ADDRESS),
    },
  }
}

/** What other services ask of sessions. */
export const internalAccounts = ({ db, serviceTokens }: Shared): Middleware[] =>
  internalSessionsRoutes({ db, serviceTokens })

/** Removes the rows of expired sessions, once an hour. */
export function sweepSessions({ db, clock, log, onClose }: Shared): void {
  const sweep = setInterval(() => {
    removeExpiredSessions(db, clock()).catch((error: unknown) => log.warn('session.sweep_failed', { error }))
  }, sweepEveryMs)
  onClose(() => clearInterval(sweep))
}
