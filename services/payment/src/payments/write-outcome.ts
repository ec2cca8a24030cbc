import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import {
  currencyType,
  idType,
  inOneTrip,
  isRefusedHere,
  literal,
  matched,
  tableOf,
  unless,
} from '@mytaek1/platform/mysql-trip.ts'
import { appendEvents, handOver, handOverInTrip, type HandedOver } from '@mytaek1/platform/outbox.ts'
import type { DepositAccount } from '../gateways/payment-gateway.ts'
import { saleEntries, unclaimedEntries, type Entry } from '../ledger/entries.ts'
import { entriesStatement, writeEntries } from '../ledger/write-entries.ts'
import { audit, theService } from '../operators/audit.ts'
import { nextLateLook } from './late-looks.ts'
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
 * another process holds by now. Those that are paid, nearly all, are a transaction of their own: one round trip.
 *
 * @returns for each whether it was written.
 */
export async function writeEndings(
  deps: EndingDeps,
  owner: string,
  endings: readonly PaymentEnding[],
): Promise<boolean[]> {
  const isPaid = ({ payment, ending }: PaymentEnding) => ending.to === 'CAPTURED' && payment.state === 'REQUESTED'
  const paid = deps.deliver === undefined ? [] : endings.filter(isPaid)
  const others = new Set(endings.filter((each) => !paid.includes(each)))
  if (paid.length > 0 && !(await payTogether(deps, owner, paid))) for (const each of paid) others.add(each)
  const oneByOne = [...others]
  const written = oneByOne.length > 0 ? await writeAll(deps, owner, oneByOne) : []
  return endings.map((each) => !others.has(each) || (written[oneByOne.indexOf(each)] ?? false))
}

/** How a payment ended that this process holds. */
export interface PaymentEnding {
  payment: Held
  ending: Ending
}

async function writeAll(
  { db, now, deliver }: EndingDeps,
  owner: string,
  endings: readonly PaymentEnding[],
): Promise<boolean[]> {
  const { ended, handed } = await inTransaction(db, async (trx) => {
    const ended: boolean[] = []
    const written: { events: ServiceEvent[]; entries: Entry[] } = { events: [], entries: [] }
    for (const { payment, ending } of endings) ended.push(await end(trx, now(), { payment, owner, ending }, written))
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

const paidColumns = {
  id: idType,
  amount: 'BIGINT UNSIGNED',
  currency: currencyType,
  seller: idType,
  reference: 'VARCHAR(255)',
}

/** All of them or, where one is held by another process or commerce is to be told something of its order before, none. */
async function payTogether(
  { db, now, deliver }: EndingDeps,
  owner: string,
  endings: readonly PaymentEnding[],
): Promise<boolean> {
  const at = now()
  const written: { events: ServiceEvent[]; entries: Entry[] } = { events: [], entries: [] }
  const rows = endings.flatMap(({ payment, ending }) => {
    if (ending.to !== 'CAPTURED') return []
    assertMayMove(payment, 'CAPTURED')
    tellPaid(payment, ending, at, written)
    const { amount, sellerId } = ending.claimed
    return [[payment.id, amount.amount, amount.currency, sellerId, ending.reference]]
  })
  const { statements, handed } = handOverInTrip('commerce', written.events)
  try {
    await inOneTrip(db, [
      `UPDATE ${tableOf('paid', paidColumns, rows)} STRAIGHT_JOIN payments AS p ON p.id = paid.id
          SET p.state = 'CAPTURED', p.amount = paid.amount, p.currency = paid.currency, p.seller_id = paid.seller,
              p.gateway_reference = paid.reference, p.failure_reason = NULL, p.lease_owner = NULL, p.next_attempt_at = NULL,
              p.owed_amount = NULL, p.owed_currency = NULL, p.owed_since = NULL, p.asked_since = NULL,
              p.updated_at = ${literal(at)}
        WHERE p.lease_owner = ${literal(owner)} AND p.state = 'REQUESTED'`,
      unless(matched(rows.length)),
      ...entriesStatement(written.entries),
      ...statements,
    ])
  } catch (error) {
    if (isRefusedHere(error)) return false
    throw error
  }
  deliver?.(handed)
  return true
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
  const next_attempt_at =
    ending.to === 'CAPTURED' ? null : trx.raw('IF(hinted_at IS NULL, ?, ?)', [lateLookAfter(ending, now), now])
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

const lateLookAfter = ({ reason, returned }: Exclude<Ending, Paid>, at: Date) =>
  returned === undefined ? nextLateLook({ reason, at }, at) : null

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
