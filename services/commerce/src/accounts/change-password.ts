import type { Knex } from 'knex'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Mails, NewMail } from '../mail/enqueue-mail.ts'
import { Account } from './account.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { checkPassword } from './password-policy.ts'
import { endOtherSessions } from './session.ts'

/** Somebody who is signed in gave another password than the account's. */
export class WrongPasswordError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'wrong_password'
  constructor() {
    super('The current password is another one')
  }
}

/**
 * Changes a password for somebody who knows the old one, and ends the account's other sessions: whoever took one over is
 * out.
 *
 * @returns the ids of the sessions that ended.
 * @throws {WrongPasswordError | WeakPasswordError}
 */
export async function changePassword(
  { db, hasher, mails, now }: { db: Knex; hasher: PasswordHasher; mails: Mails; now: Date },
  input: { accountId: string; sessionId: string; currentPassword: string; newPassword: string },
): Promise<string[]> {
  const account = await verifyOwner({ db, hasher }, input.accountId, input.currentPassword)
  checkPassword(input.newPassword, account)
  const passwordHash = await hasher.hash(input.newPassword)
  return await inTransaction(db, async (trx) => {
    await lockVerified(trx, account)
    await Account.query(trx).findById(account.id).patch({ passwordHash })
    // whoever had a link sent and can read it may be why the password is changed
    await trx('account_links').where({ account_id: account.id, purpose: 'password_reset' }).delete()
    await mails.enqueue(trx, [passwordChangedMail(account.id)])
    return await endOtherSessions(trx, { accountId: account.id, sessionId: input.sessionId }, now)
  })
}

/** Tells an account's owner, who may not be the one that did it. */
export const passwordChangedMail = (accountId: string): NewMail => ({
  kind: 'password_changed',
  accountId,
  cause: newId('pwd'), // each change has a mail
  data: {},
})

/** Holds a verified account's row; of two who change the password at once, the second finds it changed: WrongPasswordError. */
export async function lockVerified(trx: Knex.Transaction, verified: Account): Promise<void> {
  const account = await Account.query(trx).findById(verified.id).forUpdate()
  if (account?.passwordHash !== verified.passwordHash) throw new WrongPasswordError()
}

/** The account, if that is its password; throws WrongPasswordError, or NotFoundError when there is none. */
export async function verifyOwner(
  { db, hasher }: { db: Knex; hasher: PasswordHasher },
  accountId: string,
  password: string,
): Promise<Account> {
  const account = await Account.query(db).findById(accountId)
  if (account === undefined) throw new NotFoundError('account', accountId)
  if (!(await hasher.verify(account.passwordHash, password))) throw new WrongPasswordError()
  return account
}
