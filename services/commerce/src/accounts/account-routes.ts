import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { Account, StreamKey } from './account.ts'
import { limited, refused } from './answers.ts'
import { changeRole } from './change-role.ts'
import { revokeStreamKey, type KeyChanged } from './change-stream-key.ts'
import { consumed } from './counted.ts'
import { linksTo, mayHaveMore } from './links-to-address.ts'
import { moderatedBy } from './moderated-by.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { accountParams, accountShape, newAccountShape, presentAccount, rolePatchShape, signUpShape } from './schema.ts'
import { signUp } from './sign-up.ts'

/** What these endpoints need. */
export interface AccountRoutesDeps {
  db: Knex
  hasher: PasswordHasher
  keyChanged: KeyChanged
  mails: Mails
  linkTokens: LinkTokens
  clock: () => Date
  limits: { signUp: RateLimit; signUpMails: RateLimit; linksToAddress: RateLimit }
}

/** Sign-up, one's own account, and what an admin does to others'. */
export function accountRoutes({
  db,
  hasher,
  keyChanged,
  mails,
  linkTokens,
  clock,
  limits,
}: AccountRoutesDeps): Endpoint[] {
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
        // beyond that people sign up all the same, and ask for the mail later
        const mayMail = async (email: string) =>
          (await mayHaveMore(limits.linksToAddress, linksTo(email, 'verify_email'))) &&
          (await mayHaveMore(limits.signUpMails, ctx.ip))
        const { account, streamKey } = await consumed(tries, () =>
          signUp({ db, hasher, mails, tokens: linkTokens, mayMail, now: clock() }, body),
        )
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
        const [account, key, moderates] = await Promise.all([
          Account.query(db).findById(caller.sub),
          StreamKey.query(db).findById(caller.sub),
          moderatedBy(db, caller.sub),
        ])
        if (account === undefined || key === undefined) throw new NotFoundError('account', caller.sub)
        return {
          status: 200,
          body: presentAccount(account, { key, moderates }),
          headers: { 'cache-control': 'no-store' },
        }
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
  ]
}
