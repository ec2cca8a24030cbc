import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { Account, normaliseEmail } from './account.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { openSession, type RefreshGrant } from './session.ts'

/** Sign-in failed; the same for an unknown address and a wrong password, in text and in time. */
export class BadCredentialsError extends AppError {
  readonly kind = 'unauthenticated'
  readonly code = 'bad_credentials'
  constructor() {
    super('The e-mail address or the password is wrong')
  }
}

/** Whom an e-mail address belongs to. */
export async function findByEmail(db: Knex, email: string): Promise<Account | undefined> {
  return await Account.query(db).findOne({ email: normaliseEmail(email) })
}

/** Checks the password of an account, if there is one, and opens a session; throws BadCredentialsError. */
export async function signIn(
  { db, hasher, now }: { db: Knex; hasher: PasswordHasher; now: Date },
  account: Account | undefined,
  input: { password: string },
): Promise<RefreshGrant> {
  const matches = await hasher.verify(account?.passwordHash, input.password)
  if (account === undefined || !matches) throw new BadCredentialsError()
  const grant = await openSession(db, account, now)
  if (grant === undefined) throw new BadCredentialsError() // it was the password when it was looked at
  return grant
}
