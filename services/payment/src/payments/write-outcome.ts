import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { appendEvents } from '@mytaek1/platform/outbox.ts'
import type { DepositAccount } from '../gateways/payment-gateway.ts'
import { saleEntries, unclaimedEntries, type Entry } from '../ledger/entries.ts'
import { writeEntries } from '../ledger/write-entries.ts'
import { audit, theService } from '../operators/audit.ts'
import { mayMove, type PaymentState } from './payment-state.ts'
import type { Payment } from './payment.ts'

const declinesMax = 5 // of one order; then its units go back, for the cards may be stolen ones that are being tried

/** What the claim told of an order. */
export interface Claimed {
  amount: Money
  sellerId: string
}

/**
 * How a payment ended. `claimed` undefined: its order never was, and commerce need not be told. `returned`: its gateway had
 * taken this much nevertheless, and gave it back.
 */
export type Ending =
  | { to: 'CAPTURED'; claimed: Claimed; reference: string | null }
  | { to: 'DECLINED' | 'CANCELED'; claimed: Claimed | undefined; reason: string; returned?: Money }

type Held = Pick<Payment, 'id' | 'order_id' | 'state' | 'gateway'>

/**
 * Writes how payments ended, enters the money in the ledger and tells commerce, in one transaction; nothing of those that
 * another process holds by now.
 *
 * @returns for each whether it was written.
 */
export async function writeEndings(
  { db, now }: { db: Knex; now: () => Date },
  owner: string,
  endings: readonly { payment: Held; ending: Ending }[],
): Promise<boolean[]> {
  return await inTransaction(db, async (trx) => {
    const ended: boolean[] = []
    const written: { events: ServiceEvent[]; entries: Entry[] } = { events: [], entries: [] }
    for (const { payment, ending } of endings) {
      ended.push(await end(trx, now(), { payment, owner, ending }, written))
    }
    await writeEntries(trx, written.entries)
    await appendEvents(trx, 'commerce', written.events)
    return ended
  })
}

/** The same for one payment. */
export async function writeEnding(
  deps: { db: Knex; now: () => Date },
  payment: Held,
  owner: string,
  ending: Ending,
): Promise<boolean> {
  const [written] = await writeEndings(deps, owner, [{ payment, ending }])
  return written ?? false
}

async function end(
  trx: Knex.Transaction,
  now: Date,
  { payment, owner, ending }: { payment: Held; owner: string; ending: Ending },
  written: { events: ServiceEvent[]; entries: Entry[] },
): Promise<boolean> {
  const { claimed } = ending
  const facts = {
    ...(claimed && factsOf(claimed)),
    ...(ending.to === 'CAPTURED'
      ? { gateway_reference: ending.reference, failure_reason: null }
      : { failure_reason: ending.reason.slice(0, 64) }),
  }
  // said something while this process held it, which the ending may not know of
  const next_attempt_at = ending.to === 'CAPTURED' ? null : trx.raw('IF(hinted_at IS NULL, NULL, ?)', [now])
  if (!(await move(trx, payment, owner, ending.to, { ...facts, next_attempt_at, updated_at: now }))) return false
  if (ending.to !== 'CAPTURED' && ending.returned) {
    const { amount, currency } = ending.returned
    const subject = { paymentId: payment.id, sellerId: null, gateway: payment.gateway, currency }
    written.entries.push(...unclaimedEntries(subject, amount, now))
    const details = JSON.stringify({ amount, currency, reason: ending.reason, gateway: payment.gateway })
    await audit(trx, { actor: theService, action: 'money.returned', subject: payment.id, details, at: now })
  }
  if (claimed === undefined) return true
  if (ending.to === 'CAPTURED') written.entries.push(...entriesOf(payment, claimed, now))
  const subject = { paymentId: payment.id, orderId: payment.order_id }
  const data =
    ending.to === 'CAPTURED'
      ? { ...subject, outcome: 'paid' as const, amount: claimed.amount, settledAt: now.toISOString() }
      : {
          ...subject,
          outcome: 'failed' as const,
          reason: ending.reason,
          release: await isLast(trx, payment, ending.to),
        }
  written.events.push({ type: 'payment.settled', data })
  return true
}

/** Gives a payment back to be asked about later; what the claim told, if it did, stays. */
export async function writeLater(
  { db, now }: { db: Knex; now: () => Date },
  payment: Held,
  owner: string,
  later: { claimed: Claimed | undefined; waitMs: number; deposit?: DepositAccount | undefined },
): Promise<boolean> {
  const facts = {
    ...(later.claimed && factsOf(later.claimed)),
    ...(later.deposit && { deposit: JSON.stringify(later.deposit) }),
    next_attempt_at: new Date(now().getTime() + later.waitMs),
    updated_at: now(),
  }
  // not claimed yet: nothing was sent to the gateway, and nothing is unknown
  const waits = later.deposit !== undefined || payment.state === 'WAITING_DEPOSIT'
  const to = later.claimed === undefined ? payment.state : waits ? 'WAITING_DEPOSIT' : 'UNKNOWN'
  return await move(db, payment, owner, to, facts)
}

async function move(
  db: Knex | Knex.Transaction,
  payment: Held,
  owner: string,
  to: PaymentState,
  facts: Partial<Omit<Payment, 'next_attempt_at'>> & { next_attempt_at: Date | null | Knex.Raw },
): Promise<boolean> {
  if (to !== payment.state && !mayMove(payment.state, to)) {
    throw new Error(`A payment may not go from ${payment.state} to ${to}`)
  }
  const changed: number = await db('payments')
    .where({ id: payment.id, lease_owner: owner, state: payment.state })
    .update({ ...facts, state: to, lease_owner: null })
  return changed === 1
}

const factsOf = ({ amount, sellerId }: Claimed) => ({
  amount: amount.amount,
  currency: amount.currency,
  seller_id: sellerId,
})

const entriesOf = ({ id, gateway }: Held, { amount, sellerId }: Claimed, at: Date) =>
  saleEntries({ paymentId: id, sellerId, gateway, currency: amount.currency }, amount.amount, at)

async function isLast(trx: Knex.Transaction, { order_id }: Held, to: PaymentState): Promise<boolean> {
  if (to !== 'DECLINED') return false
  const [row] = await trx('payments')
    .where({ order_id, state: 'DECLINED' })
    .count<{ declines: number }[]>({ declines: '*' })
  return (row?.declines ?? 0) >= declinesMax // this one is among them
}
