import type { Knex } from 'knex'
import { newId } from '@mytaek1/platform/ids.ts'
import type { Mails } from './enqueue-mail.ts'
import { sha256OfToken, type LinkTokens } from './link-tokens.ts'
import { usefulSeconds } from './mail.ts'

/** What a link in a mail is for. */
export type LinkPurpose = 'password_reset' | 'verify_email'

/**
 * Has a mail with a link sent. Without an account the same rows are written by the same statements, for nobody: who asks for
 * a reset cannot tell by the time whether there is one.
 */
export async function enqueueLink(
  trx: Knex.Transaction,
  { mails, tokens }: { mails: Mails; tokens: LinkTokens },
  { purpose, accountId }: { purpose: LinkPurpose; accountId: string | null },
): Promise<void> {
  if (!mails.on) return
  const mailId = newId('mail')
  await trx('account_links').insert({
    sha256: tokens.sha256Of(mailId),
    account_id: accountId,
    purpose,
    mail_id: mailId,
    expires_at: trx.raw('UTC_TIMESTAMP(3) + INTERVAL ? SECOND', [usefulSeconds[purpose] ?? 0]),
  })
  await mails.enqueue(trx, [{ kind: purpose, accountId, cause: mailId, data: {}, id: mailId }])
}

/** Whose a link is, which is not used by the question; undefined when it was used, has run out or never was. */
export async function ownerOfLink(
  db: Knex | Knex.Transaction,
  { purpose, token }: { purpose: LinkPurpose; token: string },
): Promise<string | undefined> {
  const row = await db('account_links')
    .where({ sha256: sha256OfToken(token), purpose })
    .whereRaw('expires_at > UTC_TIMESTAMP(3)')
    .first<{ account_id: string | null } | undefined>('account_id')
  return row?.account_id ?? undefined
}

/**
 * Uses a link, and with it all others of its account and purpose: who used one needs no other. The caller holds the
 * account's row, so of two uses at once the second finds it gone.
 *
 * @returns whether it was still there.
 */
export async function useLink(
  trx: Knex.Transaction,
  { purpose, token, accountId }: { purpose: LinkPurpose; token: string; accountId: string },
): Promise<boolean> {
  if ((await ownerOfLink(trx, { purpose, token })) !== accountId) return false
  await trx('account_links').where({ account_id: accountId, purpose }).delete()
  return true
}

/** Forgets an account that was deleted: its links, and mails that were not sent. */
export async function forgetAccount(trx: Knex.Transaction, accountId: string): Promise<void> {
  await trx('account_links').where('account_id', accountId).delete()
  await trx('mail_outbox').where('account_id', accountId).whereNull('sent_at').delete()
}
