import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { forgetAccount } from '../mail/links.ts'
import { Account } from './account.ts'
import { lockVerified, verifyOwner } from './change-password.ts'
import type { KeyChanged } from './change-stream-key.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { endOtherSessions } from './session.ts'
import { unusableKeySha256 } from './stream-key.ts'

/** Something of the account is still under way. */
export class AccountInUseError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'account_in_use'
  constructor(what: string) {
    super(`The account cannot be deleted yet: ${what}`)
  }
}

/**
 * Deletes an account for its owner: its e-mail address, name, password, key and sessions are gone, and its products are
 * no longer listed; its address book and its places on waiting lists are gone. Orders stay, with the address that each was given, and so do payments, under
 * an id that leads to nobody: the law wants records of sales kept (전자상거래법 시행령 제6조: five years).
 *
 * @returns the ids of its sessions, which ended.
 * @throws {WrongPasswordError | AccountInUseError}
 */
export async function deleteAccount(
  { db, hasher, keyChanged, now }: { db: Knex; hasher: PasswordHasher; keyChanged: KeyChanged; now: Date },
  { accountId, password }: { accountId: string; password: string },
): Promise<string[]> {
  const account = await verifyOwner({ db, hasher }, accountId, password)
  const passwordHash = await hasher.hash(randomBytes(32).toString('base64url')) // of a password nobody knows
  return await inTransaction(db, async (trx) => {
    await lockVerified(trx, account)
    const open = await trx('broadcasts').where('open_seller_id', accountId).first('id')
    if (open !== undefined) throw new AccountInUseError('a broadcast is open; end it first')
    const held = await trx('orders').where({ buyer_id: accountId, state: 'RESERVED' }).first('id')
    if (held !== undefined) throw new AccountInUseError('an order is reserved; pay for or cancel it first')
    await Account.query(trx)
      .findById(accountId)
      .patch({ email: `deleted:${accountId}`, displayName: '—', passwordHash, role: 'viewer', emailVerifiedAt: null })
    await forgetAccount(trx, accountId)
    await trx('stream_keys')
      .where('account_id', accountId)
      .update({ sha256: unusableKeySha256(), last4: null, revoked_at: now })
    await keyChanged(trx, accountId)
    await trx('products').where('seller_id', accountId).update({ listed: false, updated_at: now })
    // over now: the next sweep takes them off their lists, whose counts are changed under other locks than these
    await trx('waiting_places')
      .where('buyer_id', accountId)
      .update({ ends_at: trx.raw('UTC_TIMESTAMP(3)') })
    await trx('addresses').where('account_id', accountId).delete()
    await trx('barred_buyers').where('buyer_id', accountId).orWhere('seller_id', accountId).delete()
    await trx('chat_restrictions').where('account_id', accountId).orWhere('seller_id', accountId).delete()
    await trx('chat_reporters').where('account_id', accountId).delete()
    // who did what to whom stays, under an id; their words do not
    await trx('chat_reports').where('author_id', accountId).delete()
    await trx('chat_acts').where('account_id', accountId).update({ details: '' })
    await forgetFollows(trx, accountId)
    await trx('chat_rules').where('seller_id', accountId).delete()
    await trx('chat_answers').where('seller_id', accountId).delete()
    await trx('chat_moderators').where('account_id', accountId).orWhere('seller_id', accountId).delete()
    await trx('chat_moderator_invites').where('email', account.email).orWhere('seller_id', accountId).delete()
    return await endOtherSessions(trx, { accountId, sessionId: '' }, now)
  })
}

// With the numbers of those whom it followed; its own followers have nobody to follow any more.
async function forgetFollows(trx: Knex.Transaction, accountId: string): Promise<void> {
  await trx.raw(
    `UPDATE seller_followers JOIN follows ON follows.seller_id = seller_followers.seller_id
        SET followers = followers - 1 WHERE follows.follower_id = ?`,
    [accountId],
  )
  await trx('follows').where('follower_id', accountId).orWhere('seller_id', accountId).delete()
  await trx('seller_followers').where('seller_id', accountId).delete()
}
