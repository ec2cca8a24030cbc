/**
 * The mutes of moderators: for a time, of whom nobody else keeps from the chat. A moderator changes only what the same one set:
 * a mute of a second would else lift a ban.
 */
import type { Knex } from 'knex'
import { BeyondModeratorError } from './errors.ts'
import type { RestrictionKind } from './judge-message.ts'

const daySeconds = 86_400

/** Whom, in whose chats. */
interface Whom {
  seller_id: string
  account_id: string
}

/** @throws {BeyondModeratorError} it is none that a moderator may set. */
export function requireModeratorsMute({ kind, seconds }: { kind: RestrictionKind; seconds: number | null }): void {
  if (kind === 'mute' && seconds !== null && seconds <= daySeconds) return
  throw new BeyondModeratorError(
    `A moderator may mute for ${daySeconds} s at most; anything else is the seller’s to do`,
  )
}

/** Mutes, unless somebody else keeps the account from the chat: one statement decides, whoever sets one meanwhile. */
export async function muteAsModerator(
  trx: Knex.Transaction,
  whom: Whom,
  values: { kind: RestrictionKind; until_at: Date | null; made_at: Date; made_by: string },
): Promise<void> {
  const [inserted] = (await trx.raw(
    `INSERT IGNORE INTO chat_restrictions (seller_id, account_id, kind, until_at, made_at, made_by)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [whom.seller_id, whom.account_id, values.kind, values.until_at, values.made_at, values.made_by],
  )) as [{ affectedRows: number }]
  if (inserted.affectedRows > 0) return
  const changed = await trx('chat_restrictions')
    .where({ ...whom, made_by: values.made_by })
    .update(values)
  if (changed === 0) throw anothers()
}

/** Lifts what the moderator set; answers how many that was. @throws {BeyondModeratorError} somebody else set it. */
export async function admitAsModerator(trx: Knex.Transaction, whom: Whom, moderatorId: string): Promise<number> {
  const gone = await trx('chat_restrictions')
    .where({ ...whom, made_by: moderatorId })
    .delete()
  if (gone === 0 && (await trx('chat_restrictions').where(whom).first('kind')) !== undefined) throw anothers()
  return gone
}

const anothers = () => new BeyondModeratorError('Somebody else keeps this account from the chat: the seller decides')
