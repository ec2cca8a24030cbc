import type { Knex } from 'knex'
import type { EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { receiveEvent } from '@mytaek1/platform/inbox.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { GatewayUnclearError, type CardGateway } from '../gateways/card-gateway.ts'
import { move } from './move.ts'
import { amountOf, gatewayKey, Payment } from './payment.ts'

/** Collaborators of settle; `wake` has the outbox relay look now. */
interface SettleDeps {
  db: Knex
  gateway: CardGateway
  now: () => Date
  wake: () => void
}

/**
 * Takes commerce's answer to payment.authorized: the reservation is claimed (the money may be taken) or gone (the hold
 * must be voided). Only notes it; `settle` does the work, now or, after a crash, when reconciliation comes by.
 *
 * @returns the payment to settle, or undefined when the event was known or its payment is not waiting for it.
 */
export async function receiveOrderEvent(
  { db, now }: { db: Knex; now: () => Date },
  envelope: EventEnvelope,
): Promise<Payment | undefined> {
  const { event } = envelope
  if (event.type !== 'order.claimed' && event.type !== 'order.claim_refused') return undefined
  const claim = event.type === 'order.claimed' ? 'CLAIMED' : 'REFUSED'
  return await inTransaction(db, async (trx) => {
    if (!(await receiveEvent(trx, envelope))) return undefined
    await Payment.query(trx)
      .where({ id: event.data.paymentId, order_id: event.data.orderId, state: 'AUTHORIZED' })
      .whereNull('claim')
      .patch({ claim, updated_at: now(), next_attempt_at: now() })
    return await Payment.query(trx).findById(event.data.paymentId)
  })
}

/**
 * Captures an authorised payment whose order was claimed, or voids one whose order was lost. May run any number of
 * times: the network does each once a key, and the move is guarded.
 *
 * @throws {GatewayUnclearError} try again later.
 */
export async function settle({ db, gateway, now, wake }: SettleDeps, payment: Payment): Promise<void> {
  if (payment.state !== 'AUTHORIZED' || payment.claim === null) return
  const subject = { paymentId: payment.id, orderId: payment.order_id }
  if (payment.claim === 'REFUSED') return await cancel({ db, gateway, now }, payment)
  const status = await gateway.capture(gatewayKey(payment.id))
  await inTransaction(db, async (trx) => {
    if (status.status === 'CAPTURED' && status.amount === payment.amount) {
      const capturedAt = now().toISOString()
      const event = { type: 'payment.captured' as const, data: { ...subject, amount: amountOf(payment), capturedAt } }
      return await move(trx, payment, 'CAPTURED', { now: now(), event })
    }
    // still held, another amount, or never heard of: whether money moved is not known, so nothing is given up yet
    if (status.status !== 'VOIDED' && status.status !== 'DECLINED') throw new GatewayUnclearError('capture')
    const data = { ...subject, reason: 'capture_failed', release: false }
    const event = { type: 'payment.failed' as const, data }
    return await move(trx, payment, 'CANCELED', { now: now(), facts: { failure_reason: 'capture_failed' }, event })
  })
  wake()
}

// Only the network's word that it holds and took nothing ends the payment; money that it took for a lost reservation is
// given back in full.
async function cancel(
  { db, gateway, now }: Pick<SettleDeps, 'db' | 'gateway' | 'now'>,
  payment: Payment,
): Promise<void> {
  let status = await gateway.void(gatewayKey(payment.id))
  if (status.status === 'CAPTURED') {
    const refund = { key: gatewayKey(payment.id), refundKey: `${payment.id}:cancel`, amount: amountOf(payment) }
    const back = await gateway.refund(refund)
    if (back.status !== 'REFUNDED' || back.amount !== payment.amount) throw new GatewayUnclearError('refund')
    status = { ...status, status: 'VOIDED' }
  }
  if (status.status !== 'VOIDED' && status.status !== 'DECLINED') throw new GatewayUnclearError('void')
  await inTransaction(db, (trx) =>
    move(trx, payment, 'CANCELED', { now: now(), facts: { failure_reason: 'reservation_gone' } }),
  )
}
