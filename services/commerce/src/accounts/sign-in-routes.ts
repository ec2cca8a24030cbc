import type { Context } from 'koa'
import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { TokenIssuer } from './access-token.ts'
import { normaliseEmail, type Account } from './account.ts'
import { limited } from './answers.ts'
import { counted } from './counted.ts'
import type { KnownDevices } from './known-device.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from './refresh-cookie.ts'
import { sessionShape, signInShape } from './schema.ts'
import { refreshSession, SessionEndedError, type RefreshGrant } from './session.ts'
import { BadCredentialsError, findByEmail, signIn } from './sign-in.ts'

/** What these endpoints need. */
export interface SignInDeps {
  db: Knex
  hasher: PasswordHasher
  tokens: TokenIssuer
  devices: KnownDevices
  clock: () => Date
  limits: {
    /** Failures: by address; by address and account; by account, of all browsers that are not known; of one that is. */
    signInByAddress: RateLimit
    signIn: RateLimit
    signInByAccount: RateLimit
    signInByDevice: RateLimit
    refresh: RateLimit
  }
}

/** How a session begins and goes on. */
export function signInRoutes(deps: SignInDeps): Endpoint[] {
  const { db, hasher, clock, limits } = deps
  return [
    endpoint({
      method: 'post',
      path: '/sessions',
      summary: 'Sign in; the refresh token comes as a cookie',
      access: 'public',
      body: signInShape,
      responses: {
        201: { description: 'An access token for ten minutes', schema: sessionShape },
        400: { description: '`invalid_request`' },
        401: { description: '`bad_credentials`: the same for an unknown address and a wrong password' },
        ...limited,
      },
      handle: async ({ body }, ctx) => {
        const account = await findByEmail(db, body.email)
        const tries = signInTries(deps, ctx, { email: normaliseEmail(body.email), account })
        const grant = await counted(tries, isWrongPassword, () => signIn({ db, hasher, now: clock() }, account, body))
        await Promise.all(
          tries.filter(({ limit }) => limit !== limits.signInByAddress).map(({ limit, key }) => limit.forget(key)),
        )
        const answer = await session(deps, ctx, grant)
        deps.devices.remember(ctx, grant.account.id)
        return answer
      },
    }),
    endpoint({
      method: 'post',
      path: '/sessions/refresh',
      summary: 'Trade the refresh cookie for a new access token and a new cookie',
      access: 'public',
      responses: {
        201: { description: 'A new access token', schema: sessionShape },
        401: {
          description:
            '`session_ended`: no cookie, or its session expired, was ended, or the cookie was used more than ten seconds before',
        },
        403: { description: '`forbidden`: asked from another site' },
        ...limited,
      },
      handle: async (_input, ctx) => {
        try {
          const ended = (error: unknown) => error instanceof SessionEndedError
          const grant = await counted([{ limit: limits.refresh, key: ctx.ip }], ended, async () => {
            const token = readRefreshCookie(ctx)
            if (token === undefined) throw new SessionEndedError()
            return await refreshSession(db, token, clock())
          })
          return await session(deps, ctx, grant)
        } catch (error) {
          if (error instanceof SessionEndedError) clearRefreshCookie(ctx)
          throw error
        }
      },
    }),
  ]
}

const isWrongPassword = (error: unknown) => error instanceof BadCredentialsError

/**
 * What a sign-in is counted by. A browser that has signed in to the account before has a count of its own: strangers'
 * guesses, from wherever and however many, do not lock it out.
 */
function signInTries(
  { limits, devices }: SignInDeps,
  ctx: Context,
  { email, account }: { email: string; account: Account | undefined },
) {
  const device = account && devices.recognise(ctx, account.id)
  if (device !== undefined) return [{ limit: limits.signInByDevice, key: device }]
  return [
    { limit: limits.signInByAddress, key: ctx.ip },
    { limit: limits.signIn, key: `${ctx.ip} ${email}` },
    { limit: limits.signInByAccount, key: email },
  ]
}

async function session({ tokens, clock }: SignInDeps, ctx: Context, grant: RefreshGrant) {
  const { account, sessionId, refreshToken, expiresAt: sessionEndsAt } = grant
  const claims = { sub: account.id, role: account.role, name: account.displayName, sid: sessionId }
  const { accessToken, expiresAt } = await tokens.issue(claims, clock())
  setRefreshCookie(ctx, refreshToken, sessionEndsAt)
  const body = { accessToken, expiresAt: expiresAt.toISOString() }
  return { status: 201, body, headers: { 'cache-control': 'no-store' } }
}
