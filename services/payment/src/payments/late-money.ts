/**
 * Payments that ended without money, and of which their gateway or buyer says something afterwards. A gateway that ends
 * nothing itself may charge a window that was given up; a charge that nobody heard of may have arrived. So for a day a hint or
 * a return wakes such a payment, one that ended by time alone is looked at by itself (late-looks.ts), and the gateway is
 * asked:
 *   no money        it sleeps again, as it was
 *   money           the payment is opened again (UNKNOWN), unless another one holds its order, and goes the way of any other:
 *                   its order is claimed and paid with it, or it goes back, once
 *   went back       it is in the ledger, if it was not yet
 *   no clear word   it is asked again, for as long as patience.ts says; money that cannot go back yet is noted as owed
 */
import type { Knex } from 'knex'
import type { Money } from '@mytaek1/contracts/money.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import type { Gateways } from '../gateways/gateways.ts'
import { unclaimedDeed } from '../ledger/entries.ts'
import { letGo } from './give-back.ts'
import { nextLateLook } from './late-looks.ts'
import { setAside } from './patience.ts'
import { knownOf, Payment } from './payment.ts'
import { nothingOwed, type Ending } from './write-outcome.ts'

/** How long after its end a payment without money may be woken. */
export const wokenForMs = 24 * 3_600_000

/** Nobody paid, or its money is with its buyer: then nothing more can come. */
type Asleep = 'unpaid' | 'returned'

/** What came of a look: it sleeps again, is opened again with what pays it, ends as it had with its money gone back, or later. */
export type Looked =
  | { asleep: Asleep }
  | { reopen: { reference: string } }
  | { ending: Ending }
  | { later: { claimed: undefined; why: string; owed?: Money } }

type Late = Pick<
  Payment,
  | 'id'
  | 'order_id'
  | 'state'
  | 'gateway'
  | 'gateway_reference'
  | 'window_until'
  | 'instrument'
  | 'failure_reason'
  | 'method'
  | 'refund_account'
>

/** Whether a payment had ended without money. */
export const hadEnded = ({ state }: Pick<Payment, 'state'>) => state === 'DECLINED' || state === 'CANCELED'

/** Has a payment looked at that ended without money within a day, or whose late money is a person's case. */
export async function wakeEnded(db: Knex, id: string, now: Date): Promise<void> {
  await Payment.query(db)
    .where({ id, lease_owner: null })
    .whereIn('state', ['DECLINED', 'CANCELED'])
    .whereRaw('(((next_attempt_at IS NULL OR next_attempt_at > ?) AND updated_at > ?) OR next_attempt_at = ?)', [
      now,
      new Date(now.getTime() - wokenForMs),
      setAside,
    ])
    .patch({ next_attempt_at: now })
}

/** Asks the gateway about a payment that had ended without money. */
export async function lookForLateMoney(
  { db, gateways, log }: { db: Knex; gateways: Gateways; log: Logger },
  payment: Late,
): Promise<Looked> {
  const later = (why: string): Looked => ({ later: { claimed: undefined, why } })
  const outcome = await gateways.get(payment.gateway).find(knownOf(payment))
  if (outcome.status === 'UNCLEAR') return later(outcome.code)
  if (outcome.status === 'HELD') return later((await gateways.get(payment.gateway).leave(knownOf(payment))).status)
  if (outcome.status !== 'PAID') return { asleep: 'unpaid' }
  const found = { ...payment, instrument: outcome.reference }
  const reason = payment.failure_reason ?? 'interrupted'
  if (outcome.refunded >= outcome.amount) {
    const entered: unknown = await db('ledger_entries')
      .where({ deed: unclaimedDeed(payment.id) })
      .first()
    return entered ? { asleep: 'returned' } : await letGo({ db, gateways, log }, found, reason)
  }
  log.warn('payment.late_money', { paymentId: payment.id, amount: outcome.amount, currency: outcome.currency })
  // what commerce is still to be told of this order would undo the claim
  const untold: unknown = await db('outbox').where({ event_key: payment.order_id }).first('seq')
  if (untold) return later('commerce is not told yet')
  const other = await Payment.query(db)
    .where({ order_id: payment.order_id })
    .whereNotIn('state', ['DECLINED', 'CANCELED'])
    .first()
  return other ? await letGo({ db, gateways, log }, found, reason) : { reopen: { reference: outcome.reference } }
}

/** Writes what came of a look that ended nothing; nothing of a payment that another process holds by now. */
export async function writeLooked(
  { db, now }: { db: Knex; now: () => Date },
  payment: Pick<Payment, 'id' | 'state' | 'failure_reason' | 'updated_at'>,
  owner: string,
  looked: { asleep: Asleep } | { reopen: { reference: string } },
): Promise<void> {
  const mine = () => Payment.query(db).where({ id: payment.id, state: payment.state, lease_owner: owner })
  const free = { lease_owner: null, hinted_at: null, asked_since: null, ...nothingOwed }
  if ('asleep' in looked) {
    const ended = { reason: payment.failure_reason, at: payment.updated_at }
    const next_attempt_at = looked.asleep === 'unpaid' ? nextLateLook(ended, now()) : null
    return void (await mine().patch({ ...free, next_attempt_at }))
  }
  const { reference } = looked.reopen
  const opened = { state: 'UNKNOWN' as const, instrument: reference, amount: null, updated_at: now() }
  try {
    await mine().patch({ ...free, ...opened, next_attempt_at: now() })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    await mine().patch({ ...free, next_attempt_at: now() }) // another payment holds its order since: looked at once more
  }
}
