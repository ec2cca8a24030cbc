import type { Knex } from 'knex'
import { UniqueViolationError } from 'objection'
import { AppError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { enqueueLink } from '../mail/links.ts'
import type { MailLocale } from '../mail/mail.ts'
import { Account, normaliseEmail, StreamKey } from './account.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { checkPassword } from './password-policy.ts'
import { issueStreamKey } from './stream-key.ts'

/** Another account has this e-mail address. Sign-up alone tells it, and is limited per address for that reason. */
export class EmailTakenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'email_taken'
  constructor() {
    super('An account with this e-mail address exists; sign in instead')
  }
}

/** What signing up works with. `mayMail`: whether an address, which may be a stranger's, may be sent one more link now. */
export interface SignUpDeps {
  db: Knex
  hasher: PasswordHasher
  mails: Mails
  tokens: LinkTokens
  mayMail: (email: string) => Promise<boolean>
  now: Date
}

/**
 * Creates an account, a seller from the start, with a stream key that is shown this once, and has a link sent that shows
 * whose its address is.
 */
export async function signUp(
  { db, hasher, now, mayMail, ...links }: SignUpDeps,
  input: { email: string; password: string; displayName: string; locale: MailLocale },
): Promise<{ account: Account; streamKey: string }> {
  const email = normaliseEmail(input.email)
  checkPassword(input.password, { email, displayName: input.displayName })
  const passwordHash = await hasher.hash(input.password)
  const { key, sha256, last4 } = issueStreamKey()
  try {
    const account = await inTransaction(db, async (trx) => {
      const created = await Account.query(trx).insertAndFetch({
        id: newId('acc'),
        email,
        displayName: input.displayName,
        passwordHash,
        role: 'seller',
        locale: input.locale,
        createdAt: now,
      })
      await StreamKey.query(trx).insert({ accountId: created.id, sha256, last4, issuedAt: now })
      // asked only for who has an account now: nobody uses up the mails of an address that is taken
      if (await mayMail(email)) await enqueueLink(trx, links, { purpose: 'verify_email', accountId: created.id })
      return created
    })
    return { account, streamKey: key }
  } catch (error) {
    if (error instanceof UniqueViolationError) throw new EmailTakenError()
    throw error
  }
}
