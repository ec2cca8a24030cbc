import type { Knex } from 'knex'
import type { EventEnvelope } from '@mytaek1/contracts/service-events.ts'
import { receiveEvent } from '@mytaek1/platform/inbox.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { CardGateway } from '../gateways/card-gateway.ts'
import { move } from './move.ts'
import { amountOf, gatewayKey, Payment } from './payment.ts'

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
export async function settle(
  { db, gateway, now, wake }: { db: Knex; gateway: CardGateway; now: () => Date; wake: () => void },
  payment: Payment,
): Promise<void> {
  if (payment.state !== 'AUTHORIZED' || payment.claim === null) return
  const subject = { paymentId: payment.id, orderId: payment.order_id }
  if (payment.claim === 'REFUSED') {
    await gateway.void(gatewayKey(payment.id))
    await inTransaction(db, (trx) =>
      move(trx, payment, 'CANCELED', { now: now(), facts: { failure_reason: 'reservation_gone' } }),
    )
    return
  }
  const status = await gateway.capture(gatewayKey(payment.id))
  await inTransaction(db, async (trx) => {
    if (status.status === 'CAPTURED') {
      const capturedAt = now().toISOString()
      const event = { type: 'payment.captured' as const, data: { ...subject, amount: amountOf(payment), capturedAt } }
      return await move(trx, payment, 'CAPTURED', { now: now(), event })
    }
    // The hold is gone (voided by the network): no money was taken, so the units go back.
    const event = { type: 'payment.failed' as const, data: { ...subject, reason: 'capture_failed' } }
    return await move(trx, payment, 'CANCELED', { now: now(), facts: { failure_reason: 'capture_failed' }, event })
  })
  wake()
}
