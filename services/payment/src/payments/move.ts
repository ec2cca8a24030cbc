import type { Transaction } from 'objection'
import type { ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { appendEvent } from '@mytaek1/platform/outbox.ts'
import { mayMove, type PaymentState } from './payment-state.ts'
import { Payment } from './payment.ts'

/**
 * Moves a payment to another state, if it is still in the one it was read in, and tells commerce in the same
 * transaction.
 *
 * @returns false when another worker moved it first: nothing was written.
 * @throws {Error} the move is not in the transition table: a bug.
 */
export async function move(
  trx: Transaction,
  payment: Pick<Payment, 'id' | 'state'>,
  to: PaymentState,
  options: {
    facts?: Partial<Pick<Payment, 'gateway_reference' | 'failure_reason' | 'refunded_amount'>>
    event?: ServiceEvent
    nextAttemptAt?: Date | null
    now: Date
  },
): Promise<boolean> {
  if (!mayMove(payment.state, to)) throw new Error(`A payment may not go from ${payment.state} to ${to}`)
  const changed = await Payment.query(trx)
    .where({ id: payment.id, state: payment.state })
    .patch({
      ...options.facts,
      state: to,
      updated_at: options.now,
      next_attempt_at: options.nextAttemptAt ?? null,
      attempts: 0,
    })
  if (changed === 0) return false
  if (options.event) await appendEvent(trx, { target: 'commerce', event: options.event })
  return true
}
