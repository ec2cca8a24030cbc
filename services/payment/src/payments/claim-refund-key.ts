import type { Knex } from 'knex'
import { appendEvent } from '@mytaek1/platform/outbox.ts'

// No header has a line feed in it (RFC 9110 section 5.5): nobody takes a claim's key by the API.
const prefix = 'claim\n'

/** The Idempotency-Key of the refund that a claim of commerce asks for: one claim, one refund. */
export const keyOfClaim = (claimId: string): string => `${prefix}${claimId}`

/** The claim that a refund is of, by its Idempotency-Key; null: somebody gives it back by hand. */
export const claimOfKey = (key: string): string | null => (key.startsWith(prefix) ? key.slice(prefix.length) : null)

/** Tells commerce that a claim's money did not go back, and why. */
export async function tellRefundFailed(
  trx: Knex.Transaction,
  data: { paymentId: string; orderId: string; claimId: string; reason: string },
): Promise<void> {
  await appendEvent(trx, { target: 'commerce', event: { type: 'payment.refund_failed', data } })
}
