import type { Knex } from 'knex'
import type { ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { keyOfClaim, tellRefundFailed } from './claim-refund-key.ts'
import { IdempotencyKeyReusedError, NotRefundableError } from './errors.ts'
import { Payment } from './payment.ts'
import { requestRefund, tellRefunded } from './refund.ts'

/**
 * Takes up the refund that a claim of commerce asks for, or what is left of its payment when that is less; told again, it
 * changes nothing and says again how it ended: a process of the version before ends one without a word of the claim. What cannot be given back is told at once. The order has to be the payment's.
 */
export async function refundForClaim(
  { db, now }: { db: Knex; now: () => Date },
  data: Extract<ServiceEvent, { type: 'order.refund_requested' }>['data'],
): Promise<void> {
  const { paymentId, orderId, claimId, amount, restock, actor } = data
  const failed = (reason: string) =>
    inTransaction(db, (trx) => tellRefundFailed(trx, { paymentId, orderId, claimId, reason }))
  const payment = await Payment.query(db).findById(paymentId)
  if (payment === undefined || payment.order_id !== orderId) return await failed('NO_SUCH_PAYMENT')
  if (amount !== null && amount.currency !== payment.currency) return await failed('OTHER_CURRENCY')
  try {
    const refund = await requestRefund(
      { db, now },
      {
        paymentId,
        amount: amount?.amount,
        orLess: true,
        restock,
        idempotencyKey: keyOfClaim(claimId),
        actor: { sub: actor.id, role: actor.role },
      },
    )
    if (refund.state === 'FAILED') await failed(refund.failure_reason ?? 'REFUSED')
    if (refund.state === 'DONE') {
      await inTransaction(db, async (trx) => {
        const locked = await Payment.query(trx).findById(paymentId).forUpdate().throwIfNotFound()
        await tellRefunded(trx, locked, refund)
      })
    }
  } catch (error) {
    if (error instanceof NotRefundableError) return await failed('NOT_REFUNDABLE')
    if (error instanceof IdempotencyKeyReusedError) return await failed('CLAIM_CHANGED')
    if (error instanceof NotFoundError) return await failed('NO_SUCH_PAYMENT')
    throw error
  }
}
