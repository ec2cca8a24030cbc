/**
 * Sends what the outbox holds. A mail is
 *   due        since its cause was committed, or since a wait or a lease of a sender that died ended
 *   held       by one sender for a lease of 90 s, twice as long as the mail server may take
 *   sent       the server said so, and that was written down; kept for 30 days, so that its cause makes no second one
 *   set aside  refused three times, or put off six hundred times: `commerce_mail_set_aside` counts it, to alert on
 *   dropped    of no use any more: its link has run out, its account is gone
 *
 * Never lost: a mail is let go only after the server's 250. Twice only where SMTP cannot say: the connection ended between
 * the last byte and the 250, or this process between the 250 and its commit. Then the same bytes go again under the same
 * Message-ID, by which mail systems know a mail.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Counter, Registry } from 'prom-client'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { inTransaction, isConnectionLost, isContention } from '@mytaek1/platform/mysql.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import { SendFailure, type Failure } from './judge-failure.ts'
import { mailMetrics } from './mail-metrics.ts'
import { sendRow, type MailRow, type SendDeps, type Sent } from './send-row.ts'

const atOnce = 5
const leaseSeconds = 90
const pollMs = 1_000
const pruneEveryMs = 3_600_000
const heldMs = 600_000
const waits = Object.freeze({
  server: { firstMs: 1_000, mostMs: 60_000 },
  later: { firstMs: 5_000, mostMs: 600_000 },
  refused: { firstMs: 60_000, mostMs: 1_800_000 },
})
const refusalsMax = 3
const attemptsMax = 600 // with the waits between them, four days (RFC 5321 section 4.5.4.1)
const perDelete = 1_000
const letGoMinutes = 10 // in a roll-out that names a mail server, what new processes enqueue is theirs to send

/** A running sender. */
export interface MailSender {
  /** Ends after the mails that are under way, 45 s at most. */
  stop(): Promise<void>
}

/** What a sender works with; without `send` there is no mail server, and what was enqueued is let go. */
export interface MailSenderDeps extends Omit<SendDeps, 'send'> {
  send: SendDeps['send'] | undefined
  log: Logger
  registry: Registry
  /** How much longer or shorter than usual waits are; for tests. */
  patience?: number
}

interface Sending extends SendDeps {
  log: Logger
  counter: Counter<'kind' | 'outcome'>
  patience: number
}

/** Starts sending; any number of processes may. */
export function startMailSender({ registry, patience = 1, send, ...rest }: MailSenderDeps): MailSender {
  const { db, log } = rest
  const counter = mailMetrics(registry, db)
  const stopping = new AbortController()
  const outage = new RepeatedFailure(log, 'mail.unavailable')
  if (send === undefined) log.warn('mail.off', { why: 'SMTP_HOST is not set: no mail is sent' })
  const round = async () => {
    if (send === undefined) return await letGo(db)
    return await sendDue({ ...rest, send, counter, patience })
  }
  const run = async () => {
    let pruneAt = Date.now()
    while (!stopping.signal.aborted) {
      let more = false
      try {
        more = await round()
        if (Date.now() >= pruneAt) pruneAt = Date.now() + ((await prune(db)) ? 0 : pruneEveryMs)
        outage.worked()
      } catch (error) {
        outage.failed(error)
      }
      if (!more) await delay(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

// Answers whether to look again at once: when something was sent there may be more; when nothing could be, not.
async function sendDue(deps: Sending): Promise<boolean> {
  const rows = await take(deps.db)
  const settled = await Promise.allSettled(rows.map((row) => settle(deps, row)))
  for (const one of settled) if (one.status === 'rejected') throw one.reason
  return settled.some((one) => one.status === 'fulfilled' && one.value)
}

async function settle(deps: Sending, row: MailRow): Promise<boolean> {
  const { counter, log } = deps
  const count = (outcome: string) => counter.inc({ kind: row.kind, outcome })
  let result: Sent
  try {
    result = await sendRow(deps, row)
  } catch (error) {
    if (isOfTheDatabase(error)) throw error // it says nothing of this mail, which is due again when its lease ends
    // what is no failure of sending is a bug in writing this mail: it waits, and is set aside, as if it were refused
    const failure: Failure = error instanceof SendFailure ? error.failure : { kind: 'refused', code: 'NOT_WRITTEN' }
    if (!(error instanceof SendFailure)) log.error('mail.not_written', { mailId: row.id, kind: row.kind, error })
    const setAside = await putOff(deps, row, failure)
    count(setAside ? 'set_aside' : failure.kind)
    const facts = { mailId: row.id, kind: row.kind, attempts: row.attempts, code: failure.code }
    if (setAside) log.error('mail.set_aside', facts)
    else log.warn('mail.not_sent', facts)
    return false
  }
  await record(deps, row, result) // outside: whatever fails here, a mail that was sent is not one that was refused
  count('sent' in result ? 'sent' : 'dropped' in result ? result.dropped : 'held')
  return !('held' in result)
}

async function record({ db, patience }: Sending, row: MailRow, result: Sent): Promise<void> {
  await inTransaction(db, async (trx) => {
    // of the lease that this process has: after it the row may be another's
    const mine = trx('mail_outbox').where({ seq: row.seq, attempts: row.attempts }).whereNull('sent_at')
    if ('dropped' in result) await mine.delete()
    else if ('held' in result) await mine.update({ due_at: inMs(db, heldMs * patience), attempts: row.attempts - 1 })
    else await mine.update({ sent_at: db.raw('UTC_TIMESTAMP(3)'), recipient: result.sent, due_at: null })
  })
}

const isOfTheDatabase = (error: unknown) =>
  error instanceof UnavailableError || isConnectionLost(error) || isContention(error)

async function putOff({ db, patience }: Sending, row: MailRow, { kind, code }: Failure): Promise<boolean> {
  const { firstMs, mostMs } = waits[kind]
  const refusals = row.refusals + (kind === 'refused' ? 1 : 0)
  const isOver = refusals >= refusalsMax || (kind !== 'server' && row.attempts >= attemptsMax)
  const waitMs = Math.min(firstMs * 2 ** Math.min(row.attempts - 1, 20), mostMs) * (0.75 + Math.random() / 2)
  await db('mail_outbox')
    .where({ seq: row.seq, attempts: row.attempts })
    .whereNull('sent_at')
    .update({
      refusals,
      last_error: code,
      due_at: isOver ? null : inMs(db, waitMs * patience),
      ...(isOver && { set_aside_at: db.raw('UTC_TIMESTAMP(3)') }),
    })
  return isOver
}

const inMs = (db: Knex, ms: number) => db.raw('UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND', [Math.round(ms) * 1_000])

async function take(db: Knex): Promise<MailRow[]> {
  return await inTransaction(db, async (trx) => {
    const [rows] = (await trx.raw(
      `SELECT seq, id, kind, account_id, data, created_at, attempts + 1 AS attempts, refusals,
              COALESCE(expires_at <= UTC_TIMESTAMP(3), 0) AS is_expired
         FROM mail_outbox WHERE due_at <= UTC_TIMESTAMP(3) ORDER BY due_at LIMIT ${atOnce} FOR UPDATE SKIP LOCKED`,
    )) as [MailRow[]]
    if (rows.length === 0) return []
    await trx('mail_outbox')
      .whereIn(
        'seq',
        rows.map(({ seq }) => seq),
      )
      .update({
        attempts: trx.raw('attempts + 1'),
        due_at: trx.raw(`UTC_TIMESTAMP(3) + INTERVAL ${leaseSeconds} SECOND`),
      })
    return rows
  })
}

// Answers whether there is more of it.
async function prune(db: Knex): Promise<boolean> {
  const [mails] = await db.raw(
    `DELETE FROM mail_outbox WHERE sent_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY LIMIT ${perDelete}`,
  )
  // nobody can do anything for a link that has run out, and whoever signs up with a wrong address makes one
  const [useless] = await db.raw(
    `DELETE FROM mail_outbox WHERE set_aside_at IS NOT NULL AND expires_at < UTC_TIMESTAMP(3) LIMIT ${perDelete}`,
  )
  const [links] = await db.raw(`DELETE FROM account_links WHERE expires_at < UTC_TIMESTAMP(3) LIMIT ${perDelete}`)
  return [mails, useless, links].some(({ affectedRows }) => Number(affectedRows) === perDelete)
}

async function letGo(db: Knex): Promise<boolean> {
  const [result] = await db.raw(
    `DELETE FROM mail_outbox WHERE due_at <= UTC_TIMESTAMP(3) - INTERVAL ${letGoMinutes} MINUTE
      ORDER BY due_at LIMIT ${perDelete}`,
  )
  return Number(result.affectedRows) === perDelete
}
