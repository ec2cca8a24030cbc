import type { Knex } from 'knex'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Mails } from '../mail/enqueue-mail.ts'
import type { LinkTokens } from '../mail/link-tokens.ts'
import { enqueueLink, ownerOfLink, useLink } from '../mail/links.ts'
import { Account } from './account.ts'
import { LinkEndedError } from './reset-password.ts'

/** There is nothing left to verify. */
export class AlreadyVerifiedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'already_verified'
  constructor() {
    super('The e-mail address is verified already')
  }
}

/** Sends another link to the caller's address; earlier ones stay good. @throws {AlreadyVerifiedError} */
export async function sendVerification(
  { db, ...links }: { db: Knex; mails: Mails; tokens: LinkTokens },
  accountId: string,
): Promise<void> {
  const account = await Account.query(db).findById(accountId)
  if (account === undefined) throw new NotFoundError('account', accountId)
  if (account.emailVerifiedAt !== null) throw new AlreadyVerifiedError()
  await inTransaction(db, (trx) => enqueueLink(trx, links, { purpose: 'verify_email', accountId }))
}

/** Notes that somebody reads an account's mail. @throws {LinkEndedError} */
export async function verifyEmail({ db, now }: { db: Knex; now: Date }, token: string): Promise<void> {
  const purpose = 'verify_email'
  await inTransaction(db, async (trx) => {
    const accountId = await ownerOfLink(trx, { purpose, token })
    if (accountId === undefined) throw new LinkEndedError()
    await Account.query(trx).findById(accountId).forUpdate()
    if (!(await useLink(trx, { purpose, token, accountId }))) throw new LinkEndedError()
    await Account.query(trx).findById(accountId).patch({ emailVerifiedAt: now })
  })
}
