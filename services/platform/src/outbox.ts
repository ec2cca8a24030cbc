/**
 * Services tell each other by rows: `appendEvent` writes one in the transaction of its cause, the relay delivers it at
 * least once as `POST <target>/internal/events`, and the receiver's `receiveEvent` (inbox.ts) makes the effect happen once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { EventEnvelope, ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { newId } from './ids.ts'
import type { Logger } from './logger.ts'
import { inTransaction } from './mysql.ts'
import { signedFetch } from './service-signature.ts'

const batchSize = 32
const deliveryTimeoutMs = 5_000
const leaseMs = 3 * deliveryTimeoutMs // a relay that dies while delivering frees its events after so long
const pollMs = 500
const firstRetryMs = 200
const maxRetryMs = 30_000
const inboxKeptDays = 30
const pruneEveryMs = 3_600_000

/** Who can be told: the keys of the relay's `targets`. */
export type EventTarget = 'commerce' | 'payment'

/** A running relay. */
export interface OutboxRelay {
  /** Looks now instead of at the next poll; call it after a transaction that appended an event. */
  wake(): void
  /** Waits for the deliveries under way, at most five seconds. */
  stop(): Promise<void>
}

/**
 * Writes an event into the outbox, in the caller's transaction.
 *
 * Events with the same `key` (for us: an order's id) are delivered one after the other, in the order in which their
 * transactions wrote them, provided those transactions exclude each other, e.g. by the order's row.
 */
export async function appendEvent(
  trx: Knex.Transaction,
  { target, event, key = event.data.orderId }: { target: EventTarget; event: ServiceEvent; key?: string },
): Promise<void> {
  const envelope: EventEnvelope = { id: newId('evt'), occurredAt: new Date().toISOString(), event }
  await trx('outbox').insert({
    id: envelope.id,
    target,
    event_key: key,
    body: JSON.stringify(envelope),
    due_at: trx.raw('UTC_TIMESTAMP(3)'),
  })
}

/**
 * Delivers outbox events until stopped. Any number of processes may run it: each takes what no other holds (SKIP LOCKED)
 * for a lease of fifteen seconds. A refused or unreachable delivery is tried again with growing waits, for ever: the
 * oldest event's age is a metric to alert on.
 */
export function startOutboxRelay(options: {
  db: Knex
  targets: Partial<Record<EventTarget, string>>
  serviceToken: string
  log: Logger
}): OutboxRelay {
  const stopping = new AbortController()
  let awake = Promise.withResolvers<void>()
  const run = async () => {
    let pruneAt = Date.now()
    while (!stopping.signal.aborted) {
      let taken = 0
      try {
        taken = await deliverDue(options)
        if (Date.now() >= pruneAt) {
          await pruneInbox(options.db)
          pruneAt = Date.now() + pruneEveryMs
        }
      } catch (error) {
        options.log.warn('outbox.unavailable', { error })
      }
      if (taken > 0) continue
      await Promise.race([awake.promise, delay(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined)])
      awake = Promise.withResolvers<void>()
    }
  }
  const running = run()
  return {
    wake: () => awake.resolve(),
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** Creates the tables that appendEvent, the relay and receiveEvent use; for a service's migration. */
export async function createOutboxTables(db: Knex): Promise<void> {
  await db.raw(`CREATE TABLE outbox (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    target VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body TEXT NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    due_at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY by_key (target, event_key, seq),
    KEY by_due (due_at)
  )`)
  await db.raw(`CREATE TABLE inbox (
    event_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    received_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY by_time (received_at)
  )`)
}

/** Seconds since the oldest undelivered event was written; 0 when there is none. */
export async function outboxAgeSeconds(db: Knex): Promise<number> {
  const [rows] = await db.raw(
    'SELECT TIMESTAMPDIFF(MICROSECOND, created_at, UTC_TIMESTAMP(6)) / 1e6 AS age FROM outbox ORDER BY seq LIMIT 1',
  )
  return Math.max(0, Number(rows[0]?.age ?? 0))
}

interface OutboxRow {
  seq: number
  target: EventTarget
  event_key: string
  body: string
  attempts: number
}

interface RelayOptions {
  db: Knex
  targets: Partial<Record<EventTarget, string>>
  serviceToken: string
  log: Logger
}

async function deliverDue({ db, targets, serviceToken, log }: RelayOptions): Promise<number> {
  const rows = await takeDue(db, Object.keys(targets))
  const delivered: number[] = []
  await Promise.all(
    rows.map(async (row) => {
      try {
        const url = `${targets[row.target] ?? ''}/internal/events`
        const answer = await signedFetch({
          serviceToken,
          method: 'POST',
          url,
          body: row.body,
          timeoutMs: deliveryTimeoutMs,
        })
        await answer.body?.cancel()
        if (!answer.ok) throw new Error(`${row.target} answered ${answer.status}`)
        delivered.push(row.seq)
      } catch (error) {
        log.warn('outbox.not_delivered', { target: row.target, key: row.event_key, attempts: row.attempts, error })
        await postpone(db, row)
      }
    }),
  )
  if (delivered.length > 0) await db('outbox').whereIn('seq', delivered).delete()
  return delivered.length // nothing delivered means nothing is due at once: the caller rests
}

// The head of each key's queue only: a later event of the same key waits until the earlier row is gone.
async function takeDue(db: Knex, targets: string[]): Promise<OutboxRow[]> {
  return await inTransaction(db, async (trx) => {
    const [rows] = (await trx.raw(
      `SELECT seq, target, event_key, body, attempts FROM outbox AS head
        WHERE due_at <= UTC_TIMESTAMP(3) AND target IN (${targets.map(() => '?').join(',')}) AND NOT EXISTS
          (SELECT 1 FROM outbox AS earlier WHERE earlier.target = head.target AND earlier.event_key = head.event_key
             AND earlier.seq < head.seq)
        ORDER BY seq LIMIT ${batchSize} FOR UPDATE SKIP LOCKED`,
      targets,
    )) as [OutboxRow[]]
    if (rows.length === 0) return []
    await trx('outbox')
      .whereIn(
        'seq',
        rows.map((row) => row.seq),
      )
      .update({
        attempts: trx.raw('attempts + 1'),
        due_at: trx.raw(`UTC_TIMESTAMP(3) + INTERVAL ${leaseMs * 1_000} MICROSECOND`),
      })
    return rows
  })
}

async function postpone(db: Knex, row: OutboxRow): Promise<void> {
  const waitMs = Math.min(firstRetryMs * 2 ** Math.min(row.attempts, 20), maxRetryMs) * (0.75 + Math.random() / 2)
  await db('outbox')
    .where('seq', row.seq)
    .update({ due_at: db.raw(`UTC_TIMESTAMP(3) + INTERVAL ${Math.round(waitMs) * 1_000} MICROSECOND`) })
}

async function pruneInbox(db: Knex): Promise<void> {
  await db.raw(`DELETE FROM inbox WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL ${inboxKeptDays} DAY LIMIT 10000`)
}
