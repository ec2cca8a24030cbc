import type { Knex } from 'knex'
import { z } from 'zod'
import type { Money } from '@mytaek1/contracts/money.ts'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { setAside } from '../payments/patience.ts'
import { Payment, Refund } from '../payments/payment.ts'
import { audit, auditAll, type Actor, type AuditAction } from './audit.ts'

const stuckAfterMs = 60_000 // most are over in seconds
const failedShownMs = 30 * 86_400_000
const listMax = 200

/** Another process works on it at this moment, or it has ended: there is nothing to hurry. */
export class NotStuckError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'not_stuck'
}

/** What waits longer than it should, oldest first. */
export interface Stuck {
  payments: Payment[]
  refunds: (Refund & { currency: string })[]
  /** What a gateway took and no order is paid with, and what is with its buyer again, newest first. */
  returned: { paymentId: string; amount: Money; reason: string; gateway: string; at: Date }[]
  events: { seq: number; key: string; type: string; since: Date; lastError: string }[]
}

/** Payments without an ending, refunds that are under way or failed, and events that commerce refused too often. */
export async function listStuck(db: Knex, now: Date): Promise<Stuck> {
  const before = new Date(now.getTime() - stuckAfterMs)
  const failedAfter = new Date(now.getTime() - failedShownMs)
  const payments = await Payment.query(db)
    .whereNotNull('next_attempt_at')
    // its buyer has hours to pay in; what ended by time is looked at for a day: unless something is the matter
    .where((due) => void due.whereNotIn('state', ['WAITING_DEPOSIT', 'CANCELED']).orWhereNotNull('asked_since'))
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(listMax)
  const refunds = await Refund.query(db)
    .join('payments', 'payments.id', 'refunds.payment_id')
    .where((either) => {
      void either.where(
        (open) => void open.where('refunds.state', 'REQUESTED').where('refunds.created_at', '<', before),
      )
      void either.orWhere(
        (failed) => void failed.where('refunds.state', 'FAILED').where('refunds.created_at', '>', failedAfter),
      )
    })
    .orderBy('refunds.created_at')
    .limit(listMax)
    .select('refunds.*', 'payments.currency')
  const events: unknown = await db('outbox').whereNotNull('set_aside_at').orderBy('seq').limit(listMax)
  const returned: unknown = await db('audit_entries')
    .where({ action: 'money.returned' })
    .where('at', '>', failedAfter)
    .orderBy('seq', 'desc')
    .limit(listMax)
  return {
    returned: z.array(returnedShape).parse(returned),
    payments,
    refunds: refunds.map((refund) => Object.assign(refund, currencyShape.parse(refund))),
    events: z.array(eventShape).parse(events),
  }
}

const returnedShape = z
  .object({ subject: z.string(), details: z.string(), at: z.date() })
  .transform(({ subject: paymentId, details, at }) => {
    const { amount, currency, reason, gateway } = returnedDetails.parse(JSON.parse(details))
    return { paymentId, amount: { amount, currency }, reason, gateway, at }
  })
const returnedDetails = z.object({ amount: z.number(), currency: z.string(), reason: z.string(), gateway: z.string() })
const currencyShape = z.object({ currency: z.string() })
const eventShape = z
  .object({
    seq: z.coerce.number(),
    event_key: z.string(),
    body: z.string(),
    set_aside_at: z.date(),
    last_error: z.string().nullable(),
  })
  .transform(({ seq, event_key: key, body, set_aside_at: since, last_error: lastError }) => ({
    seq,
    key,
    type: /"type":"([\w.]+)"/.exec(body)?.[1] ?? '',
    since,
    lastError: lastError ?? '',
  }))

/**
 * Has a payment or a refund taken up at once instead of when its turn comes.
 *
 * @throws {NotFoundError | NotStuckError}
 */
export async function hurry(
  { db, now }: { db: Knex; now: () => Date },
  what: { table: 'payments' | 'refunds'; id: string; actor: Actor },
): Promise<void> {
  const { table, id, actor } = what
  await inTransaction(db, async (trx) => {
    const row: { id: string; payment_id?: string } | undefined = await trx(table).where({ id }).first()
    if (!row) throw new NotFoundError(table.slice(0, -1), id)
    const hurried = await trx(table)
      .where({ id })
      .whereNotNull('next_attempt_at')
      .where((one) => void one.whereNot('state', 'CANCELED').orWhereNotNull('asked_since'))
      .where((free) => void free.whereNull('lease_owner').orWhere('next_attempt_at', '<', now()))
      .update({ next_attempt_at: now() })
    if (hurried === 0) throw new NotStuckError(`${id} has ended, or is worked on now`)
    const action = table === 'payments' ? 'payment.retried' : 'refund.retried'
    await audit(trx, { actor, action, subject: row.payment_id ?? id, details: id, at: now() })
  })
}

/**
 * Has everything taken up that was set aside, as after a gateway came back or a bug of commerce was mended; of each kind the
 * oldest, as many as the page shows.
 *
 * @returns how many of each.
 */
export async function retryAll(
  { db, now }: { db: Knex; now: () => Date },
  actor: Actor,
): Promise<{ payments: number; refunds: number; events: number }> {
  return await inTransaction(db, async (trx) => {
    const at = now()
    const hurryAll = async (table: 'payments' | 'refunds', action: AuditAction) => {
      const rows: { id: string; payment_id?: string }[] = await trx(table)
        .where('next_attempt_at', '>=', setAside)
        .orderBy('created_at')
        .limit(listMax)
        .select('id', ...(table === 'refunds' ? ['payment_id'] : []))
        .forUpdate()
      const ids = rows.map(({ id }) => id)
      await trx(table).whereIn('id', ids).update({ next_attempt_at: at })
      await auditAll(
        trx,
        rows.map(({ id, payment_id }) => ({ actor, action, subject: payment_id ?? id, details: id, at })),
      )
      return ids.length
    }
    const payments = await hurryAll('payments', 'payment.retried')
    const refunds = await hurryAll('refunds', 'refund.retried')
    const aside: { seq: number }[] = await trx('outbox')
      .whereNotNull('set_aside_at')
      .orderBy('seq')
      .limit(listMax)
      .select('seq')
      .forUpdate()
    const seqs = aside.map(({ seq }) => seq)
    await trx('outbox')
      .whereIn('seq', seqs)
      .update({ set_aside_at: null, refusals: 0, due_at: trx.raw('UTC_TIMESTAMP(3)') })
    await auditAll(
      trx,
      seqs.map((seq) => ({ actor, action: 'event.retold' as const, subject: `${seq}`, at })),
    )
    return { payments, refunds, events: seqs.length }
  })
}

/**
 * Has an event told again that was set aside.
 *
 * @throws {NotFoundError} there is none that was set aside.
 */
export async function tellAgain(
  { db, now }: { db: Knex; now: () => Date },
  event: { seq: number; actor: Actor },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const told = await trx('outbox')
      .where({ seq: event.seq })
      .whereNotNull('set_aside_at')
      .update({ set_aside_at: null, refusals: 0, due_at: trx.raw('UTC_TIMESTAMP(3)') })
    if (told === 0) throw new NotFoundError('event', `${event.seq}`)
    await audit(trx, { actor: event.actor, action: 'event.retold', subject: `${event.seq}`, at: now() })
  })
}
