import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { GatewayUnclearError, type CardGateway } from '../gateways/card-gateway.ts'
import { IdempotencyKeyReusedError, NotRefundableError } from './errors.ts'
import { gatewayKey, Payment, Refund } from './payment.ts'
import { returnedAmounts } from './queries.ts'

const firstAttemptMs = 15_000 // reconciliation comes by if this process dies before completing it

/**
 * Notes a refund; the amount is set aside in the same transaction, so refunds together never exceed the payment.
 *
 * @param input.amount minor units; absent means all that is left
 * @param input.paymentId of a payment that the caller may refund
 * @throws {NotFoundError | NotRefundableError | IdempotencyKeyReusedError}
 */
export async function requestRefund(
  { db, now }: { db: Knex; now: () => Date },
  input: {
    paymentId: string
    amount?: number
    restock: boolean
    idempotencyKey: string
  },
): Promise<Refund> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify([input.amount ?? 'all', input.restock]))
    .digest('hex')
  return await inTransaction(db, async (trx) => {
    const payment = await Payment.query(trx).findById(input.paymentId).forUpdate()
    if (!payment) throw new NotFoundError('payment', input.paymentId)
    const known = await Refund.query(trx).findOne({ payment_id: payment.id, idempotency_key: input.idempotencyKey })
    if (known && known.request_hash !== requestHash) throw new IdempotencyKeyReusedError()
    if (known) return known
    if (payment.state !== 'CAPTURED' && payment.state !== 'PARTIALLY_REFUNDED') {
      throw new NotRefundableError(`Payment ${payment.id} is ${payment.state}: there is no money to give back`)
    }
    const left = payment.amount - payment.refunded_amount
    const amount = input.amount ?? left
    if (amount === 0) throw new NotRefundableError(`Payment ${payment.id} has nothing left to refund`)
    if (amount > left) throw new NotRefundableError(`Payment ${payment.id} has ${left} left to refund, not ${amount}`)
    await Payment.query(trx)
      .findById(payment.id)
      .patch({ refunded_amount: payment.refunded_amount + amount, updated_at: now() })
    return await Refund.query(trx).insertAndFetch({
      id: newId('ref'),
      payment_id: payment.id,
      amount,
      restock: input.restock,
      state: 'REQUESTED',
      idempotency_key: input.idempotencyKey,
      request_hash: requestHash,
      created_at: now(),
      next_attempt_at: new Date(now().getTime() + firstAttemptMs),
    })
  })
}

/**
 * Has the network give the money back, once, and tells commerce. What the network refuses for good ends FAILED, and the
 * amount may be refunded anew.
 *
 * @throws {GatewayUnclearError} try again later.
 */
export async function completeRefund(
  { db, gateway, now, wake }: { db: Knex; gateway: CardGateway; now: () => Date; wake: () => void },
  refund: Refund,
): Promise<void> {
  const payment = await Payment.query(db).findById(refund.payment_id).throwIfNotFound()
  const amount = { amount: refund.amount, currency: payment.currency }
  const status = await gateway.refund({ key: gatewayKey(payment.id), refundKey: refund.id, amount })
  if (status.status === 'REFUNDED' && status.amount !== refund.amount) throw new GatewayUnclearError('refund')
  await inTransaction(db, async (trx) => {
    const locked = await Payment.query(trx).findById(payment.id).forUpdate().throwIfNotFound()
    const outcome =
      status.status === 'REFUNDED'
        ? { state: 'DONE' as const }
        : { state: 'FAILED' as const, failure_reason: status.reason.slice(0, 64) }
    const ended = await Refund.query(trx)
      .where({ id: refund.id, state: 'REQUESTED' })
      .patch({ ...outcome, next_attempt_at: null })
    if (ended === 0) return
    if (outcome.state === 'FAILED') {
      const left = { refunded_amount: locked.refunded_amount - refund.amount, updated_at: now() }
      return void (await Payment.query(trx).findById(payment.id).patch(left))
    }
    const returned = (await returnedAmounts(trx, [payment.id])).get(payment.id) ?? 0
    const state = returned === locked.amount ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
    await Payment.query(trx).findById(payment.id).patch({ state, updated_at: now() })
    const remaining = { amount: locked.amount - returned, currency: locked.currency }
    const subject = { paymentId: payment.id, orderId: payment.order_id }
    const data = { ...subject, refunded: amount, remaining, restock: refund.restock }
    await appendEvent(trx, { target: 'commerce', event: { type: 'payment.refunded', data } })
  })
  wake()
}
