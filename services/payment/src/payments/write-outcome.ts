import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { appendEvents, handOver, type HandedOver } from '@mytaek1/platform/outbox.ts'
import type { DepositAccount } from '../gateways/payment-gateway.ts'
import { saleEntries, unclaimedEntries, type Entry } from '../ledger/entries.ts'
import { writeEntries } from '../ledger/write-entries.ts'
import { audit, theService } from '../operators/audit.ts'
import { mayMove, type PaymentState } from './payment-state.ts'
import { nextAsk } from './patience.ts'
import { Payment } from './payment.ts'

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

/** Why a payment is asked about again: `at` a time, with nothing in vain, or soon. `owed`: what is to go back to its buyer. */
export interface Later {
  claimed: Claimed | undefined
  why: string
  at?: Date
  deposit?: DepositAccount | undefined
  owed?: Money
}

/** No money of it is to go back any more. */
export const nothingOwed = { owed_amount: null, owed_currency: null, owed_since: null }

type Held = Pick<Payment, 'id' | 'order_id' | 'state' | 'gateway'>

/** `deliver` tells commerce at once what is committed; without it the relay finds the events. */
export interface EndingDeps {
  db: Knex
  now: () => Date
  deliver?: ((handed: HandedOver) => void) | undefined
}

/**
 * Writes how payments ended, enters the money in the ledger and tells commerce, in one transaction; nothing of those that
 * another process holds by now.
 *
 * @returns for each whether it was written.
 */
export async function writeEndings(
  deps: EndingDeps,
  owner: string,
  endings: readonly { payment: Held; ending: Ending }[],
): Promise<boolean[]> {
  try {
    return await writeAll(deps, owner, endings, true)
  } catch (error) {
    if (!(error instanceof NotAllHeldError)) throw error
    return await writeAll(deps, owner, endings, false)
  }
}

/** Another process holds a payment of a batch by now: each is to be written by itself. */
class NotAllHeldError extends Error {}

async function writeAll(
  { db, now, deliver }: EndingDeps,
  owner: string,
  endings: readonly { payment: Held; ending: Ending }[],
  mayPayTogether: boolean,
): Promise<boolean[]> {
  const { ended, handed } = await inTransaction(db, async (trx) => {
    const ended: boolean[] = []
    const written: { events: ServiceEvent[]; entries: Entry[] } = { events: [], entries: [] }
    const paidTogether = mayPayTogether ? await payTogether(trx, now(), owner, endings) : new Set<Held>()
    for (const { payment, ending } of endings) {
      const isWritten = paidTogether.has(payment) && ending.to === 'CAPTURED'
      if (isWritten) tellPaid(payment, ending, now(), written)
      ended.push(isWritten || (await end(trx, now(), { payment, owner, ending }, written)))
    }
    await writeEntries(trx, written.entries)
    if (deliver) return { ended, handed: await handOver(trx, 'commerce', written.events) }
    await appendEvents(trx, 'commerce', written.events)
    return { ended, handed: undefined }
  })
  if (handed) deliver?.(handed)
  return ended
}

/** The same for one payment. */
export async function writeEnding(deps: EndingDeps, payment: Held, owner: string, ending: Ending): Promise<boolean> {
  const [written] = await writeEndings(deps, owner, [{ payment, ending }])
  return written ?? false
}

/**
 * Marks all payments of a batch that are paid by one statement.
 *
 * @returns those that are written.
 * @throws {NotAllHeldError}
 */
async function payTogether(
  trx: Knex.Transaction,
  now: Date,
  owner: string,
  endings: readonly { payment: Held; ending: Ending }[],
): Promise<Set<Held>> {
  const all = endings.flatMap(({ payment, ending }) => (ending.to === 'CAPTURED' ? [{ payment, ending }] : []))
  const [from] = all.map(({ payment }) => payment.state) // nearly all of them are REQUESTED
  const paid = all.filter(({ payment }) => payment.state === from)
  const [first] = paid
  if (first === undefined || paid.length === 1) return new Set()
  assertMayMove(first.payment, 'CAPTURED')
  const rows = paid.map(() => 'SELECT ? AS id, ? AS amount, ? AS currency, ? AS seller, ? AS reference')
  const ascii = (column: string) => `CONVERT(paid.${column} USING ascii) COLLATE ascii_bin`
  const [result] = await trx.raw(
    `UPDATE (${rows.join(' UNION ALL ')}) AS paid STRAIGHT_JOIN payments AS p ON p.id = ${ascii('id')}
        SET p.state = 'CAPTURED', p.amount = paid.amount, p.currency = paid.currency, p.seller_id = paid.seller,
            p.gateway_reference = paid.reference, p.failure_reason = NULL, p.lease_owner = NULL, p.next_attempt_at = NULL,
            p.owed_amount = NULL, p.owed_currency = NULL, p.owed_since = NULL, p.asked_since = NULL, p.updated_at = ?
      WHERE p.lease_owner = ? AND p.state = ?`,
    [
      ...paid.flatMap(({ payment: { id }, ending: { claimed, reference } }) => [
        id,
        claimed.amount.amount,
        claimed.amount.currency,
        claimed.sellerId,
        reference,
      ]),
      now,
      owner,
      from ?? null,
    ],
  )
  if (result.affectedRows !== paid.length) throw new NotAllHeldError('a payment is held by another process')
  return new Set(paid.map(({ payment }) => payment))
}

async function end(
  trx: Knex.Transaction,
  now: Date,
  { payment, owner, ending }: { payment: Held; owner: string; ending: Ending },
  written: { events: ServiceEvent[]; entries: Entry[] },
): Promise<boolean> {
  const { claimed } = ending
  const facts = {
    ...nothingOwed,
    asked_since: null,
    ...(claimed && factsOf(claimed)),
    ...(ending.to === 'CAPTURED'
      ? { gateway_reference: ending.reference, failure_reason: null }
      : { failure_reason: ending.reason.slice(0, 64) }),
  }
  // said something while this process held it, which the ending may not know of
  const next_attempt_at = ending.to === 'CAPTURED' ? null : trx.raw('IF(hinted_at IS NULL, NULL, ?)', [now])
  if (!(await move(trx, payment, owner, ending.to, { ...facts, next_attempt_at, updated_at: now }))) return false
  if (ending.to !== 'CAPTURED' && ending.returned) {
    await Payment.query(trx).findById(payment.id).patch({ refund_account: null })
    const { amount, currency } = ending.returned
    const subject = { paymentId: payment.id, sellerId: null, gateway: payment.gateway, currency }
    written.entries.push(...unclaimedEntries(subject, amount, now))
    const details = JSON.stringify({ amount, currency, reason: ending.reason, gateway: payment.gateway })
    await audit(trx, { actor: theService, action: 'money.returned', subject: payment.id, details, at: now })
  }
  if (ending.to === 'CAPTURED') tellPaid(payment, ending, now, written)
  else if (claimed !== undefined) {
    const subject = { paymentId: payment.id, orderId: payment.order_id }
    const release = await isLast(trx, payment, ending.to)
    const data = { ...subject, outcome: 'failed' as const, reason: ending.reason, release }
    written.events.push({ type: 'payment.settled', data })
  }
  return true
}

type Paid = Extract<Ending, { to: 'CAPTURED' }>

function tellPaid(payment: Held, { claimed }: Paid, now: Date, written: { events: ServiceEvent[]; entries: Entry[] }) {
  written.entries.push(...entriesOf(payment, claimed, now))
  const subject = { paymentId: payment.id, orderId: payment.order_id }
  const data = { ...subject, outcome: 'paid' as const, amount: claimed.amount, settledAt: now.toISOString() }
  written.events.push({ type: 'payment.settled', data })
}

/**
 * Gives a payment back to be asked about later, or sets it aside; what the claim told, if it did, stays. What was told
 * while it was held has it asked about at once.
 *
 * @returns when it is due.
 */
export async function writeLater(
  { db, now }: { db: Knex; now: () => Date },
  payment: Held & Pick<Payment, 'asked_since'>,
  owner: string,
  later: Later & { attempts: number },
): Promise<Date> {
  const at = now()
  const isPlanned = later.at !== undefined
  const next = later.at ?? nextAsk({ since: payment.asked_since, attempts: later.attempts }, at)
  const { owed } = later
  const facts = {
    ...(later.claimed && factsOf(later.claimed)),
    ...(later.deposit && { deposit: JSON.stringify(later.deposit) }),
    ...(owed && { owed_amount: owed.amount, owed_currency: owed.currency }),
    ...(owed && { owed_since: db.raw('COALESCE(owed_since, ?)', [at]) }),
    asked_since: isPlanned ? null : (payment.asked_since ?? at),
    last_word: isPlanned ? null : later.why.slice(0, 64),
    next_attempt_at: db.raw('IF(hinted_at IS NULL, ?, ?)', [next, at]),
    ...(!hasEnded(payment) && { updated_at: at }), // since it ended it may be woken for a day
  }
  // not claimed yet: nothing was sent to the gateway, and nothing is unknown
  const waits = later.deposit !== undefined || payment.state === 'WAITING_DEPOSIT'
  const to = later.claimed === undefined ? payment.state : waits ? 'WAITING_DEPOSIT' : 'UNKNOWN'
  await move(db, payment, owner, to, facts)
  return next
}

const hasEnded = ({ state }: Held) => state === 'DECLINED' || state === 'CANCELED'

async function move(
  db: Knex | Knex.Transaction,
  payment: Held,
  owner: string,
  to: PaymentState,
  facts: Partial<Omit<Payment, 'next_attempt_at' | 'owed_since'>> & {
    next_attempt_at: Date | null | Knex.Raw
    owed_since?: Date | null | Knex.Raw
  },
): Promise<boolean> {
  assertMayMove(payment, to)
  const changed: number = await db('payments')
    .where({ id: payment.id, lease_owner: owner, state: payment.state })
    .update({ ...facts, state: to, lease_owner: null })
  return changed === 1
}

function assertMayMove({ state }: Held, to: PaymentState): void {
  if (to !== state && !mayMove(state, to)) throw new Error(`A payment may not go from ${state} to ${to}`)
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
