import type { Context } from 'koa'
import type { Knex } from 'knex'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import { limited, refused } from './answers.ts'
import { changePassword, WrongPasswordError } from './change-password.ts'
import type { KeyChanged } from './change-stream-key.ts'
import { counted } from './counted.ts'
import { deleteAccount } from './delete-account.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { clearRefreshCookie } from './refresh-cookie.ts'
import { accountDeletionShape, passwordChangeShape } from './schema.ts'

/** What these endpoints need. */
export interface OwnAccountDeps {
  db: Knex
  hasher: PasswordHasher
  keyChanged: KeyChanged
  mails: Mails
  /** Told of a session that was ended here, so that its access token ends at once. */
  sessionEnded: (sessionId: string) => void
  clock: () => Date
  limits: {
    signIn: RateLimit
    /** Wrong passwords of somebody who is signed in, from wherever. */
    ownPassword: RateLimit
  }
}

/** What is asked for again with the password. */
export function ownAccountRoutes(deps: OwnAccountDeps): Endpoint[] {
  const { db, hasher, clock, keyChanged, mails } = deps
  return [
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
          changePassword({ db, hasher, mails, now: clock() }, { accountId, sessionId, ...body }),
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
  ]
}

const isWrongPassword = (error: unknown) => error instanceof WrongPasswordError

// Of somebody who is signed in: guesses of a stolen session, from however many addresses, count against that session, and
// not against its owner's sign-ins.
const ownTries = ({ limits }: OwnAccountDeps, ctx: Context, { sub, sid }: { sub: string; sid: string }) => [
  { limit: limits.signIn, key: `${ctx.ip} ${sub}` },
  { limit: limits.ownPassword, key: sid },
]
