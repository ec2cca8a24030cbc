import type { Context } from 'koa'
import type { Knex } from 'knex'
import { z } from 'zod'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { mailLocales } from '../mail/mail.ts'
import { Account } from './account.ts'
import { limited, refused } from './answers.ts'
import { consumed } from './counted.ts'
import type { KnownDevices } from './known-device.ts'
import { linksTo, mayHaveMore } from './links-to-address.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { requestPasswordReset, resetPassword } from './reset-password.ts'
import { passwordShape, signInShape } from './schema.ts'
import { sendVerification, verifyEmail } from './verify-email.ts'

/** What these endpoints need. */
export interface RecoveryDeps {
  db: Knex
  hasher: PasswordHasher
  mails: Mails
  linkTokens: LinkTokens
  devices: KnownDevices
  sessionEnded: (sessionId: string) => void
  clock: () => Date
  limits: {
    signIn: RateLimit
    signInByAccount: RateLimit
    /** Mails that a client asks for, and links that it brings. */
    recovery: RateLimit
    /** Mails with a link for one purpose to one e-mail address. */
    linksToAddress: RateLimit
  }
}

/** This platform has no mail server. */
export class MailOffError extends AppError {
  readonly kind = 'conflict' // no later try mends it
  readonly code = 'mail_off'
  constructor() {
    super('This platform sends no e-mail; ask whoever runs it')
  }
}

// 43 characters are 256 bits; longer and other ones are no token of ours, and are told so as an old one is
const token = z.string().min(1).max(100).describe('from behind the # of the link')
const mailOff = '`mail_off`: this platform sends no mail'
const linkEnded = { description: '`link_ended`: the link was used or has run out' }

const resetRequestShape = z.strictObject({ email: signInShape.shape.email }).meta({ id: 'PasswordResetRequest' })
const resetShape = z.strictObject({ token, newPassword: passwordShape }).meta({ id: 'PasswordReset' })
const verificationShape = z.strictObject({ token }).meta({ id: 'EmailVerification' })
const localeShape = z.strictObject({ locale: z.enum(mailLocales) }).meta({ id: 'AccountLocale' })

/** What mail is for: a forgotten password, and to show whose an address is. */
export function recoveryRoutes(deps: RecoveryDeps): Endpoint[] {
  const { db, hasher, mails, linkTokens: tokens, clock, limits } = deps
  const needMail = () => {
    if (!mails.on) throw new MailOffError()
  }
  const byClient = (ctx: Context) => [{ limit: limits.recovery, key: ctx.ip }]
  return [
    endpoint({
      method: 'post',
      path: '/password-resets',
      summary: 'Have a link sent that sets a new password; the answer is the same whether the address has an account',
      access: 'public',
      body: resetRequestShape,
      responses: {
        202: { description: 'If there is such an account, a mail is on its way; at most three an hour to one address' },
        400: { description: '`invalid_request`' },
        409: { description: mailOff },
        ...limited,
      },
      handle: async ({ body }, ctx) => {
        needMail()
        await consumed(byClient(ctx), async () => {
          if (await mayHaveMore(limits.linksToAddress, linksTo(body.email, 'password_reset'))) {
            await requestPasswordReset({ db, mails, tokens }, body.email)
          }
        })
        return { status: 202 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/password-resets/use',
      summary: 'Set a new password by such a link; all sessions end, and guesses against the account are forgotten',
      access: 'public',
      body: resetShape,
      responses: {
        204: { description: 'Set; sign in with it' },
        400: { description: '`invalid_request`' },
        410: linkEnded,
        422: {
          description: '`weak_password`: among the most used ones, or the account’s own name; the link stays good',
        },
        ...limited,
      },
      handle: async ({ body }, ctx) => {
        const { account, ended } = await consumed(byClient(ctx), () =>
          resetPassword({ db, hasher, mails, now: clock() }, body),
        )
        ended.forEach(deps.sessionEnded)
        await Promise.all([
          limits.signInByAccount.forget(account.email),
          limits.signIn.forget(`${ctx.ip} ${account.email}`),
        ])
        deps.devices.remember(ctx, account.id) // strangers who go on guessing lock this browser out of nothing
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/email-verifications',
      summary: 'Show by a link from a mail that somebody reads the account’s address',
      access: 'public',
      body: verificationShape,
      responses: {
        204: { description: 'Verified' },
        400: { description: '`invalid_request`' },
        410: linkEnded,
        ...limited,
      },
      handle: async ({ body }, ctx) => {
        await consumed(byClient(ctx), () => verifyEmail({ db, now: clock() }, body.token))
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'post',
      path: '/accounts/me/verification-mails',
      summary: 'Have another link sent that verifies the caller’s address',
      access: 'account',
      responses: {
        202: { description: 'On its way; at most three an hour, that of sign-up among them' },
        ...refused,
        404: { description: '`not_found`' },
        409: { description: `\`already_verified\`, or ${mailOff}` },
        ...limited,
      },
      handle: async ({ caller }) => {
        needMail()
        const account = await Account.query(db).findById(caller.sub)
        if (account === undefined) throw new NotFoundError('account', caller.sub)
        const tries = [{ limit: limits.linksToAddress, key: linksTo(account.email, 'verify_email') }]
        await consumed(tries, () => sendVerification({ db, mails, tokens }, caller.sub))
        return { status: 202 }
      },
    }),
    endpoint({
      method: 'put',
      path: '/accounts/me/locale',
      summary: 'The language that mails to the caller are in',
      access: 'account',
      body: localeShape,
      responses: { 204: { description: 'Noted' }, 400: { description: '`invalid_request`' }, ...refused },
      handle: async ({ body, caller }) => {
        await Account.query(db).findById(caller.sub).patch({ locale: body.locale })
        return { status: 204 }
      },
    }),
  ]
}
