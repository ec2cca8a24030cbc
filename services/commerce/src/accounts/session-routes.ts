import type { Knex } from 'knex'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { refused } from './answers.ts'
import { clearRefreshCookie } from './refresh-cookie.ts'
import { sessionsShape } from './schema.ts'
import { endOtherSessions, endSession, listSessions } from './session.ts'

/** What these endpoints need. */
export interface SessionRoutesDeps {
  db: Knex
  /** Told of a session that was ended here, so that its access token ends at once. */
  sessionEnded: (sessionId: string) => void
  clock: () => Date
}

/** Where an account is signed in, and how that ends. */
export function sessionRoutes({ db, sessionEnded, clock }: SessionRoutesDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/sessions',
      summary: 'Where the account is signed in, the newest first',
      access: 'account',
      responses: { 200: { description: 'At most 100', schema: sessionsShape }, ...refused },
      handle: async ({ caller }) => {
        const items = (await listSessions(db, caller.sub, clock())).map(({ id, createdAt, expiresAt }) => ({
          id,
          createdAt: createdAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          current: id === caller.sid,
        }))
        return { status: 200, body: { items }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/sessions/others',
      summary: 'End every session of the account but this one',
      access: 'account',
      responses: { 204: { description: 'Ended' }, ...refused },
      handle: async ({ caller }) => {
        const own = { accountId: caller.sub, sessionId: caller.sid }
        const ended = await inTransaction(db, (trx) => endOtherSessions(trx, own, clock()))
        ended.forEach(sessionEnded)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/sessions/current',
      summary: 'Sign out: the session ends and its refresh cookie goes',
      access: 'account',
      responses: { 204: { description: 'Signed out' }, ...refused },
      handle: async ({ caller }, ctx) => {
        await endSession(db, caller.sid, clock())
        sessionEnded(caller.sid)
        clearRefreshCookie(ctx)
        return { status: 204 }
      },
    }),
  ]
}
