import type { Context } from 'koa'
import type { Knex } from 'knex'
import { z } from 'zod'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { idShape } from '../ids.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { TokenIssuer } from './access-token.ts'
import { Account, normaliseEmail, StreamKey } from './account.ts'
import { admitBuyer, barBuyer, listBarredBuyers } from './barred-buyers.ts'
import { changePassword, WrongPasswordError } from './change-password.ts'
import { changeRole } from './change-role.ts'
import { revokeStreamKey, rotateStreamKey, type KeyChanged } from './change-stream-key.ts'
import { consumed, counted } from './counted.ts'
import { deleteAccount } from './delete-account.ts'
import type { KnownDevices } from './known-device.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from './refresh-cookie.ts'
import {
  accountDeletionShape,
  accountShape,
  barredBuyersShape,
  newAccountShape,
  passwordChangeShape,
  presentAccount,
  rolePatchShape,
  rotatedKeyShape,
  sessionShape,
  sessionsShape,
  signInShape,
  signUpShape,
} from './schema.ts'
import {
  endOtherSessions,
  endSession,
  listSessions,
  refreshSession,
  SessionEndedError,
  type RefreshGrant,
} from './session.ts'
import { BadCredentialsError, findByEmail, signIn } from './sign-in.ts'
import { signUp } from './sign-up.ts'

/** What the accounts' endpoints need. */
export interface AccountsDeps {
  db: Knex
  hasher: PasswordHasher
  tokens: TokenIssuer
  keyChanged: KeyChanged
  /** Told of a session that was ended here, so that its access token ends at once. */
  sessionEnded: (sessionId: string) => void
  clock: () => Date
  devices: KnownDevices
  limits: {
    signUp: RateLimit
    /** Failures: by address; by address and account; by account, of all browsers that are not known; of one that is. */
    signInByAddress: RateLimit
    signIn: RateLimit
    signInByAccount: RateLimit
    signInByDevice: RateLimit
    /** Wrong passwords of somebody who is signed in, from wherever. */
    ownPassword: RateLimit
    refresh: RateLimit
  }
}

const accountParams = z.object({ id: idShape })
const refused = { 401: { description: 'No valid access token' } }
const limited = {
  429: { description: '`rate_limited`: see Retry-After' },
  503: { description: '`busy` or a part is down' },
}

/** Sign-up, sessions, and the stream key. */
export function accountsRoutes(deps: AccountsDeps): Endpoint[] {
  const { db, hasher, clock, limits, keyChanged } = deps
  return [
    endpoint({
      method: 'post',
      path: '/accounts',
      summary: 'Sign up; the stream key is shown this once',
      access: 'public',
      body: signUpShape,
      responses: {
        201: { description: 'The account, a seller from the start', schema: newAccountShape },
        400: { description: '`invalid_request`' },
        409: { description: '`email_taken`' },
        422: { description: '`weak_password`: among the most used ones, or the account’s own name' },
        ...limited,
      },
      handle: async ({ body }, ctx) => {
        const tries = [{ limit: limits.signUp, key: ctx.ip }]
        const { account, streamKey } = await consumed(tries, () => signUp({ db, hasher, now: clock() }, body))
        const { id, email, displayName, role } = account
        return {
          status: 201,
          body: { id, email, displayName, role, streamKey },
          headers: { 'cache-control': 'no-store' },
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/accounts/me',
      summary: 'The caller’s account',
      access: 'account',
      responses: { 200: { description: 'The account', schema: accountShape }, ...refused },
      handle: async ({ caller }) => {
        const [account, key] = await Promise.all([
          Account.query(db).findById(caller.sub),
          StreamKey.query(db).findById(caller.sub),
        ])
        if (account === undefined || key === undefined) throw new NotFoundError('account', caller.sub)
        return { status: 200, body: presentAccount(account, key), headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'put',
      path: '/accounts/{id}/role',
      summary: 'Change what an account may do (admin); its sessions end',
      access: ['admin'],
      params: accountParams,
      body: rolePatchShape,
      responses: {
        204: { description: 'Changed' },
        400: { description: '`invalid_request`' },
        403: { description: '`forbidden`' },
        404: { description: '`not_found`' },
        ...refused,
      },
      handle: async ({ params, body }) => {
        await changeRole({ db, now: clock() }, params.id, body.role)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/accounts/{id}/stream-key',
      summary: 'Revoke an account’s stream key (admin); a live session on it ends',
      access: ['admin'],
      params: accountParams,
      responses: {
        204: { description: 'Revoked' },
        403: { description: '`forbidden`' },
        404: { description: '`not_found`' },
        ...refused,
      },
      handle: async ({ params }) => {
        await revokeStreamKey({ db, keyChanged, now: clock() }, params.id)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/barred-buyers',
      summary: 'Accounts of which the caller takes no orders, the last first',
      access: ['seller', 'admin'],
      responses: {
        200: { description: 'All of them, at most 1,000', schema: barredBuyersShape },
        403: { description: '`forbidden`' },
        ...refused,
      },
      handle: async ({ caller }) => {
        const barred = await listBarredBuyers(db, caller.sub)
        const items = barred.map(({ barredAt, ...buyer }) => ({ ...buyer, barredAt: barredAt.toISOString() }))
        return { status: 200, body: { items } }
      },
    }),
    endpoint({
      method: 'put',
      path: '/barred-buyers/{id}',
      summary: 'Take no more orders of an account; orders that there are stay',
      access: ['seller', 'admin'],
      params: accountParams,
      responses: {
        204: { description: 'Barred' },
        403: { description: '`forbidden`' },
        404: { description: '`not_found`' },
        409: { description: '`too_many_barred`' },
        ...refused,
      },
      handle: async ({ params, caller }) => {
        await barBuyer({ db, now: clock() }, { sellerId: caller.sub, buyerId: params.id })
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/barred-buyers/{id}',
      summary: 'Take an account’s orders again',
      access: ['seller', 'admin'],
      params: accountParams,
      responses: { 204: { description: 'Its orders are taken' }, 403: { description: '`forbidden`' }, ...refused },
      handle: async ({ params, caller }) => {
        await admitBuyer(db, { sellerId: caller.sub, buyerId: params.id })
        return { status: 204 }
      },
    }),
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
    endpoint({
      method: 'put',
      path: '/accounts/me/password',
      summary: 'Change the password; the account’s other sessions end',
      access: 'account',
      body: passwordChangeShape,
      responses: {
        204: { description: 'Changed' },
        400: { description: '`invalid_request`' },
        403: { description: '`wrong_password`: the current one is another' },
        ...refused,
        404: { description: '`not_found`' },
        422: { description: '`weak_password`: among the most used ones, or the account’s own name' },
        ...limited,
      },
      handle: async ({ body, caller }, ctx) => {
        const { sub: accountId, sid: sessionId } = caller
        const ended = await counted(ownTries(deps, ctx, caller), isWrongPassword, () =>
          changePassword({ db, hasher, now: clock() }, { accountId, sessionId, ...body }),
        )
        ended.forEach(deps.sessionEnded)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/accounts/me/deletion',
      summary: 'Delete the account; orders and payments stay, under an id that leads to nobody',
      access: 'account',
      body: accountDeletionShape,
      responses: {
        204: { description: 'Deleted' },
        400: { description: '`invalid_request`' },
        403: { description: '`wrong_password`' },
        ...refused,
        404: { description: '`not_found`' },
        409: { description: '`account_in_use`: a broadcast is open or an order reserved' },
        ...limited,
      },
      handle: async ({ body, caller }, ctx) => {
        const ended = await counted(ownTries(deps, ctx, caller), isWrongPassword, () =>
          deleteAccount({ db, hasher, keyChanged, now: clock() }, { accountId: caller.sub, ...body }),
        )
        ended.forEach(deps.sessionEnded)
        clearRefreshCookie(ctx)
        return { status: 204 }
      },
    }),
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
        ended.forEach(deps.sessionEnded)
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
        deps.sessionEnded(caller.sid)
        clearRefreshCookie(ctx)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/stream-key/rotate',
      summary: 'A new stream key, shown this once; a live session on the old one ends',
      access: ['seller', 'admin'],
      responses: {
        200: { description: 'The new key', schema: rotatedKeyShape },
        403: { description: '`forbidden`' },
        ...refused,
      },
      handle: async ({ caller }) => {
        const streamKey = await rotateStreamKey({ db, keyChanged, now: clock() }, caller.sub)
        return { status: 200, body: { streamKey }, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/stream-key',
      summary: 'Revoke the stream key; nothing can be published until it is rotated',
      access: ['seller', 'admin'],
      responses: { 204: { description: 'Revoked' }, 403: { description: '`forbidden`' }, ...refused },
      handle: async ({ caller }) => {
        await revokeStreamKey({ db, keyChanged, now: clock() }, caller.sub)
        return { status: 204 }
      },
    }),
  ]
}

const isWrongPassword = (error: unknown) => error instanceof BadCredentialsError || error instanceof WrongPasswordError

/**
 * What a sign-in is counted by. A browser that has signed in to the account before has a count of its own: strangers'
 * guesses, from wherever and however many, do not lock it out.
 */
function signInTries(
  { limits, devices }: AccountsDeps,
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

// Of somebody who is signed in: guesses of a stolen session, from however many addresses, count against that session, and
// not against its owner's sign-ins.
const ownTries = ({ limits }: AccountsDeps, ctx: Context, { sub, sid }: { sub: string; sid: string }) => [
  { limit: limits.signIn, key: `${ctx.ip} ${sub}` },
  { limit: limits.ownPassword, key: sid },
]

async function session({ tokens, clock }: AccountsDeps, ctx: Context, grant: RefreshGrant) {
  const { account, sessionId, refreshToken, expiresAt: sessionEndsAt } = grant
  const claims = { sub: account.id, role: account.role, name: account.displayName, sid: sessionId }
  const { accessToken, expiresAt } = await tokens.issue(claims, clock())
  setRefreshCookie(ctx, refreshToken, sessionEndsAt)
  const body = { accessToken, expiresAt: expiresAt.toISOString() }
  return { status: 201, body, headers: { 'cache-control': 'no-store' } }
}
