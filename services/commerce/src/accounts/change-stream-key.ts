import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { StreamKey } from './account.ts'
import { issueStreamKey, unusableKeySha256 } from './stream-key.ts'

/**
 * Told, inside the transaction, that an account's key hash is another now: whoever carries the hash elsewhere
 * (an open Broadcast object) notes there that it must follow, so a live session on the old key ends.
 */
export type KeyChanged = (trx: Knex.Transaction, accountId: string) => Promise<void>

/** Replaces an account's stream key and tells the new one, this once; also gives a new one after a revocation. */
export async function rotateStreamKey(
  { db, keyChanged, now }: { db: Knex; keyChanged: KeyChanged; now: Date },
  accountId: string,
): Promise<string> {
  const { key, sha256, last4 } = issueStreamKey()
  await replaceKey({ db, keyChanged }, accountId, { sha256, last4, issuedAt: now, revokedAt: null })
  return key
}

/** Takes an account's stream key away; nothing can be published until it is rotated. */
export async function revokeStreamKey(
  { db, keyChanged, now }: { db: Knex; keyChanged: KeyChanged; now: Date },
  accountId: string,
): Promise<void> {
  await replaceKey({ db, keyChanged }, accountId, { sha256: unusableKeySha256(), last4: null, revokedAt: now })
}

async function replaceKey(
  { db, keyChanged }: { db: Knex; keyChanged: KeyChanged },
  accountId: string,
  patch: Partial<Pick<StreamKey, 'sha256' | 'last4' | 'issuedAt' | 'revokedAt'>>,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const changed = await StreamKey.query(trx).findById(accountId).patch(patch)
    if (changed === 0) throw new NotFoundError('account', accountId)
    await keyChanged(trx, accountId)
  })
}
