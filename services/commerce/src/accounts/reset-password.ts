import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { enqueueLink, ownerOfLink, useLink } from '../mail/links.ts'
import { Account } from './account.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { checkPassword } from './password-policy.ts'
import { endOtherSessions } from './session.ts'
import { findByEmail } from './sign-in.ts'
import { passwordChangedMail } from './change-password.ts'

/** The link was used, has run out, or never was: one answer for all, for a stranger may be asking. */
export class LinkEndedError extends AppError {
  readonly kind = 'gone'
  readonly code = 'link_ended'
  constructor() {
    super('The link was used or has run out; ask for another one')
  }
}

/** Sends a link to the account of an e-mail address. Nothing that it does, nor its time, tells whether there is one. */
export async function requestPasswordReset(
  { db, ...links }: { db: Knex; mails: Mails; tokens: LinkTokens },
  email: string,
): Promise<void> {
  const account = await findByEmail(db, email)
  const wanted = { purpose: 'password_reset' as const, accountId: account?.id ?? null }
  await inTransaction(db, (trx) => enqueueLink(trx, links, wanted))
}

/**
 * Sets a new password by a link. All sessions end, all links of the account are used up, and its address counts as
 * verified: who has the link reads its mail.
 *
 * @returns the account and the ids of the sessions that ended.
 * @throws {LinkEndedError | WeakPasswordError} a weak password does not use the link up.
 */
export async function resetPassword(
  { db, hasher, mails, now }: { db: Knex; hasher: PasswordHasher; mails: Mails; now: Date },
  { token, newPassword }: { token: string; newPassword: string },
): Promise<{ account: Account; ended: string[] }> {
  const purpose = 'password_reset'
  const accountId = await ownerOfLink(db, { purpose, token })
  const account = accountId === undefined ? undefined : await Account.query(db).findById(accountId)
  if (account === undefined) throw new LinkEndedError()
  checkPassword(newPassword, account)
  const passwordHash = await hasher.hash(newPassword)
  return await inTransaction(db, async (trx) => {
    await Account.query(trx).findById(account.id).forUpdate()
    if (!(await useLink(trx, { purpose, token, accountId: account.id }))) throw new LinkEndedError()
    await Account.query(trx)
      .findById(account.id)
      .patch({ passwordHash, emailVerifiedAt: account.emailVerifiedAt ?? now })
    await mails.enqueue(trx, [passwordChangedMail(account.id)])
    return { account, ended: await endOtherSessions(trx, { accountId: account.id, sessionId: '' }, now) }
  })
}
