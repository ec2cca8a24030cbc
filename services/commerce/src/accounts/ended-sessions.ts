import { Router } from '@koa/router'
import type { Middleware } from 'koa'
import type { Knex } from 'knex'
import { endedSessionsMax, type EndedSession, type EndedSessions } from '@mytaek1/contracts/access-token.ts'
import { InvalidRequestError } from '@mytaek1/platform/errors.ts'
import { readSignedBody } from '@mytaek1/platform/service-signature.ts'

/** The sessions that ended after a time, for whatever reason. */
export async function readEndedSessions(db: Knex, since: Date): Promise<EndedSession[]> {
  const rows = await db('sessions')
    .where('ended_at', '>', since)
    .orderBy('ended_at', 'desc')
    .limit(endedSessionsMax)
    .select<{ id: string; ended_at: Date }[]>('id', 'ended_at')
  return rows.map(({ id, ended_at: endedAt }) => ({ id, endedAt: endedAt.getTime() }))
}

/**
 * What only other services call, signed with the shared secret: `GET /internal/ended-sessions/{since}`, `since` in Unix
 * milliseconds. They refuse the access tokens of these sessions, as this service does.
 */
export function internalSessionsRoutes({
  db,
  serviceTokens,
}: {
  db: Knex
  serviceTokens: readonly string[]
}): Middleware[] {
  const router = new Router({ prefix: '/internal' })
  router.get('/ended-sessions/:since', async (ctx) => {
    ctx.state.route = '/internal/ended-sessions/{since}'
    await readSignedBody(ctx, serviceTokens)
    const since = ctx.params.since ?? ''
    if (!/^\d{1,15}$/.test(since)) throw new InvalidRequestError('Not a time in Unix milliseconds')
    ctx.body = { sessions: await readEndedSessions(db, new Date(Number(since))) } satisfies EndedSessions
  })
  return [router.routes() as Middleware]
}
