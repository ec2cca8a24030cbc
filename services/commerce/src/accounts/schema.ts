import { z } from 'zod'
import { roleShape } from '@mytaek1/contracts/access-token.ts'
import { idShape } from '../ids.ts'
import { mailLocales } from '../mail/mail.ts'
import { lineOfText } from '../text.ts'
import type { Account, StreamKey } from './account.ts'
import { normalisePassword, passwordLength } from './password-policy.ts'

const codePoints = (text: string) => Array.from(text).length
const emailShape = z.email().max(254)
// counted in code points; longer ones are refused, never cut
export const passwordShape = z
  .string()
  .max(passwordLength.max * 6) // as it comes: a decomposed Hangul syllable is up to three
  .overwrite(normalisePassword)
  .refine((text) => codePoints(text) >= passwordLength.min, `must have at least ${passwordLength.min} characters`)
  .refine((text) => codePoints(text) <= passwordLength.max, `must have at most ${passwordLength.max} characters`)

export const accountParams = z.object({ id: idShape })

export const signUpShape = z
  .strictObject({
    email: emailShape,
    password: passwordShape,
    displayName: lineOfText(1, 50),
    locale: z.enum(mailLocales).default('ko').describe('the language of mails to the account'),
  })
  .meta({ id: 'SignUp' })

export const signInShape = z
  .strictObject({
    email: z.string().max(254),
    password: z
      .string()
      .max(passwordLength.max * 6)
      .overwrite(normalisePassword),
  })
  .meta({ id: 'SignIn' })

export const passwordChangeShape = z
  .strictObject({ currentPassword: signInShape.shape.password, newPassword: passwordShape })
  .meta({ id: 'PasswordChange' })

export const accountDeletionShape = z
  .strictObject({ password: signInShape.shape.password })
  .meta({ id: 'AccountDeletion', description: 'The password again, since it cannot be undone' })

export const sessionsShape = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        createdAt: z.iso.datetime(),
        expiresAt: z.iso.datetime(),
        current: z.boolean().describe('the one that asks'),
      }),
    ),
  })
  .meta({ id: 'Sessions' })

export const streamKeyShape = z
  .string()
  .meta({ id: 'StreamKey', description: 'The stream name for RTMP; shown this once' })

export const newAccountShape = z
  .object({ id: z.string(), email: z.string(), displayName: z.string(), role: roleShape, streamKey: streamKeyShape })
  .meta({ id: 'NewAccount' })

export const accountShape = z
  .object({
    id: z.string(),
    email: z.string(),
    emailVerified: z.boolean().describe('somebody has shown to read the address'),
    displayName: z.string(),
    role: roleShape,
    locale: z.enum(mailLocales).describe('the language of mails to the account'),
    moderates: z
      .array(z.string())
      .optional()
      .describe('sellers whose chats it keeps in order; a process of the version before tells none'),
    streamKey: z
      .object({ last4: z.string().nullable(), issuedAt: z.iso.datetime(), revokedAt: z.iso.datetime().nullable() })
      .describe('What may be shown of the key; null last4 and a revokedAt once revoked'),
  })
  .meta({ id: 'Account' })

export const sessionShape = z
  .object({ accessToken: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'Session', description: 'The refresh token comes as a cookie' })

export const rotatedKeyShape = z.object({ streamKey: streamKeyShape }).meta({ id: 'RotatedStreamKey' })

export const barredBuyersShape = z
  .object({ items: z.array(z.object({ id: z.string(), displayName: z.string(), barredAt: z.iso.datetime() })) })
  .meta({ id: 'BarredBuyers' })

export const rolePatchShape = z.strictObject({ role: roleShape }).meta({ id: 'RolePatch' })

/** An account as its owner sees it. */
export function presentAccount(
  account: Account,
  { key, moderates }: { key: StreamKey; moderates: readonly string[] },
): z.infer<typeof accountShape> {
  return {
    id: account.id,
    email: account.email,
    emailVerified: account.emailVerifiedAt !== null,
    displayName: account.displayName,
    role: account.role,
    locale: mailLocales.find((one) => one === account.locale) ?? 'ko',
    moderates: [...moderates],
    streamKey: {
      last4: key.last4,
      issuedAt: key.issuedAt.toISOString(),
      revokedAt: key.revokedAt?.toISOString() ?? null,
    },
  }
}
