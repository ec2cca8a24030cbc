/**
 * Payments into a virtual account. The order is claimed, the gateway issues an account, and the payment waits, with the order's
 * units, until the whole amount came in or the account's time is over (some hours: a capability of the gateway's). A gateway
 * tells of the deposit; what it says is asked for. Money that comes later is late money (late-money.ts). Money goes back on an
 * account of the buyer's, which only the buyer can tell.
 */
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { RefundAccount } from '../gateways/payment-gateway.ts'
import { NoDepositError, RefundAccountToldError } from './errors.ts'
import { Payment, Refund } from './payment.ts'
import { hurryReturned } from './window.ts'

interface Deps {
  db: Knex
  now: () => Date
}

/**
 * Its buyer will not pay in any more. The driver has the account closed; what came in before that pays.
 *
 * @throws {NotFoundError | NoDepositError}
 */
export async function giveUpDeposit({ db, now }: Deps, of: { id: string; buyerId: string }): Promise<Payment> {
  const payment = await ownDeposit(db, of)
  const noted = await Payment.query(db)
    .where({ id: of.id, state: 'WAITING_DEPOSIT' })
    .patch({ left_reason: 'buyer_left' })
  if (noted === 0) throw new NoDepositError(`Payment ${of.id} waits for no deposit`)
  await hurryReturned(db, of.id, now())
  return payment
}

/**
 * Notes where a buyer's money goes back to, and has what is owed go there now. While something is on its way to one account,
 * another would be a second refund to its gateway: only one that the gateway refused is replaced.
 *
 * @throws {NotFoundError | NoDepositError | RefundAccountToldError}
 */
export async function noteRefundAccount(
  { db, now }: Deps,
  input: { id: string; buyerId: string; account: RefundAccount },
): Promise<void> {
  const { id } = await ownDeposit(db, input)
  const told = JSON.stringify(input.account)
  await inTransaction(db, async (trx) => {
    const payment = await Payment.query(trx).findById(id).forUpdate().throwIfNotFound()
    if (payment.refund_account === told) return
    const asked = Refund.query(trx).where({ payment_id: id, state: 'REQUESTED' })
    const isUnderWay = payment.owed_since !== null || (await asked.select('id').first()) !== undefined
    if (payment.refund_account !== null && isUnderWay) throw new RefundAccountToldError(id)
    // its gateway was in vain without it: patience begins anew (patience.ts), for what waited for days for its buyer as well
    await Payment.query(trx).findById(id).patch({ refund_account: told, asked_since: null })
    await Refund.query(trx).where({ payment_id: id, state: 'REQUESTED' }).patch({ asked_since: null })
  })
  // one statement: whoever holds it knew of no account, and looks again when it lets it go
  await db.raw(
    `UPDATE payments SET hinted_at = IF(lease_owner IS NULL, hinted_at, ?),
            next_attempt_at = IF(lease_owner IS NULL AND next_attempt_at > ?, ?, next_attempt_at) WHERE id = ?`,
    [now(), now(), now(), id],
  )
  const due = { next_attempt_at: now() }
  await Refund.query(db)
    .where({ payment_id: id, state: 'REQUESTED', lease_owner: null })
    .where('next_attempt_at', '>', now())
    .patch(due)
}

async function ownDeposit(db: Knex, { id, buyerId }: { id: string; buyerId: string }): Promise<Payment> {
  const payment = await Payment.query(db).findOne({ id, buyer_id: buyerId })
  if (!payment) throw new NotFoundError('payment', id)
  if (payment.method !== 'virtual_account') throw new NoDepositError(`Payment ${id} is not paid into an account`)
  return payment
}
