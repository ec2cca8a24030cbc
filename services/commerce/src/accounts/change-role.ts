import type { Knex } from 'knex'
import type { Role } from '@mytaek1/contracts/access-token.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'

/**
 * Gives an account another role and ends its sessions, so a token that carries the old role is refused two seconds later
 * (by the payment service once it expires, in ten minutes at most).
 */
export async function changeRole({ db, now }: { db: Knex; now: Date }, accountId: string, role: Role): Promise<void> {
  await inTransaction(db, async (trx) => {
    const changed = await trx('accounts').where('id', accountId).update({ role })
    if (changed === 0) throw new NotFoundError('account', accountId)
    await trx('sessions')
      .where('account_id', accountId)
      .whereNull('ended_at')
      .update({ ended_at: now, ended_by: 'admin' })
  })
}
