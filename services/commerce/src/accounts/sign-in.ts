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

/** Checks e-mail address and password and opens a session; throws BadCredentialsError. */
export async function signIn(
  { db, hasher, now }: { db: Knex; hasher: PasswordHasher; now: Date },
  input: { email: string; password: string },
): Promise<RefreshGrant> {
  const account = await Account.query(db).findOne({ email: normaliseEmail(input.email) })
  const matches = await hasher.verify(account?.passwordHash, input.password)
  if (account === undefined || !matches) throw new BadCredentialsError()
  return await openSession(db, account, now)
}
