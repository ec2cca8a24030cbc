/**
 * Delivers what outbox.ts wrote: by its writer at once, from memory, or by any process that finds it in the table.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import { Gather } from './gather.ts'
import { inTransaction } from './mysql.ts'
import { afterLease, goesTogether, type EventTarget, type HandedOver } from './outbox.ts'
import { mayBeOfOne, refusesTheEvent, sendEvents, type RelayOptions } from './outbox-send.ts'

const batchSize = 256
const togetherMax = 64 // events of one request: what receivers take, in 64 KiB
const handedRequests = 2
const handedWaiting = 20_000
const halvesMs = 5_000 // with a request more at its end well within the lease of fifteen seconds
const forgottenAfterMs = 200
const forgottenAtOnce = 1_000
const pollMs = 500
const firstRetryMs = 200
const maxRetryMs = 30_000
const refusalsMax = 20 // with the waits between them, about seven minutes
const inboxKeptDays = 30
const pruneEveryMs = 3_600_000
const inboxPerDelete = 10_000
const pruneMoreMs = 1_000 // while there is more: 36 million an hour, more than can come

/** A running relay. */
export interface OutboxRelay {
  /**
   * Delivers at once, from memory, what a committed transaction of this process appended with `handOver`; never throws. What is
   * not delivered so is found in the table, by any relay, once the lease it was written with is over.
   */
  deliver(handed: HandedOver): void
  /** Looks now instead of at the next poll; call it after a transaction that appended an event. */
  wake(): void
  /**
   * Waits for the deliveries under way, at most five seconds, and for what was handed over as long as its receiver takes it: after
   * the first that is not taken the rest is left to other relays, due at once.
   */
  stop(): Promise<void>
}

/**
 * Delivers outbox events until stopped. Any number of processes may run it: each takes what no other holds (SKIP LOCKED)
 * for a lease of fifteen seconds. An unreachable delivery is tried again with growing waits, for ever: the oldest event's
 * age is a metric to alert on. One that the receiver refused `refusalsMax` times is set aside and no longer holds back
 * those behind it: `outboxSetAside` counts them, to alert on.
 */
export function startOutboxRelay(options: RelayOptions): OutboxRelay {
  const stopping = new AbortController()
  let awake = Promise.withResolvers<void>()
  const run = async () => {
    let pruneAt = Date.now()
    while (!stopping.signal.aborted) {
      let taken = 0
      try {
        taken = await deliverDue(options, stopping.signal)
        if (Date.now() >= pruneAt) {
          const isClean = (await pruneInbox(options.db)) < inboxPerDelete
          pruneAt = Date.now() + (isClean ? pruneEveryMs : pruneMoreMs)
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
  const told = new ToldEvents(options)
  const wake = () => awake.resolve()
  const handed = new Map<EventTarget, Gather<{ id: string; body: string }, undefined>>()
  return {
    wake,
    deliver: ({ events, left }) => {
      if (left > 0) wake()
      for (const event of events) {
        const { target } = event
        const gather =
          handed.get(target) ?? handedDelivery({ ...options, told, wake, stopping: stopping.signal }, target)
        handed.set(target, gather)
        void gather.add(event).catch(() => undefined) // logged there, and in the table
      }
    },
    stop: async () => {
      stopping.abort()
      for (const gather of handed.values()) await gather.idle()
      await running
      await told.forget()
    },
  }
}

// What was not taken becomes due now: the relay finds it, looks which of them is refused, and counts that.
function handedDelivery(
  options: RelayOptions & { told: ToldEvents; wake: () => void; stopping: AbortSignal },
  target: EventTarget,
): Gather<{ id: string; body: string }, undefined> {
  const { db, log, told, wake, stopping } = options
  let isAway = false
  return new Gather({
    most: togetherMax,
    lanes: handedRequests,
    mostWaiting: handedWaiting,
    isOfOne: () => false,
    work: async (events) => {
      const ids = events.map(({ id }) => id)
      try {
        if (isAway) throw new Error('not told: this process stops')
        await sendEvents(options, target, events)
      } catch (error) {
        isAway = stopping.aborted // many that each wait for their deadline would outlast the shutdown
        log.warn('outbox.not_delivered', { target, events: events.length, error })
        await db('outbox')
          .whereIn('id', ids)
          .update({ due_at: db.raw('UTC_TIMESTAMP(3)') })
        wake()
        throw error
      }
      told.add(ids)
      return events.map(() => undefined)
    },
  })
}

/**
 * Takes what was told out of the table, many events by one statement: nobody waits for it. Those of a process that ends before
 * are told again when their lease is over, which has no effect.
 */
class ToldEvents {
  readonly #options: Pick<RelayOptions, 'db' | 'log'>
  #ids: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: Pick<RelayOptions, 'db' | 'log'>) {
    this.#options = options
  }

  add(ids: readonly string[]): void {
    this.#ids.push(...ids)
    this.#timer ??= setTimeout(() => void this.forget(), forgottenAfterMs)
  }

  async forget(): Promise<void> {
    const { db, log } = this.#options
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#ids.length > 0) {
      const some = this.#ids.splice(0, forgottenAtOnce)
      const forgotten = db('outbox').whereIn('id', some).delete()
      await forgotten.catch((error: unknown) => log.warn('outbox.told_again', { events: some.length, error }))
    }
  }
}

interface OutboxRow {
  seq: number
  target: EventTarget
  event_key: string
  body: string
  attempts: number
  refusals: number
}

async function deliverDue(options: RelayOptions, stopping: AbortSignal): Promise<number> {
  const { db, targets } = options
  const rows = await takeDue(db, Object.keys(targets))
  const alone = rows.filter((row) => !goesTogether(row)).map((row) => [row])
  // those that were refused are a batch of their own: none waits for what is wrong with another
  const groups = Object.groupBy(rows.filter(goesTogether), ({ target, refusals }) => `${target} ${refusals > 0}`)
  const batches = Object.values(groups).flatMap(inTogethers)
  const delivered = (await Promise.all([...alone, ...batches].map((batch) => tell(options, batch, stopping)))).flat()
  if (delivered.length > 0) await db('outbox').whereIn('seq', delivered).delete()
  return delivered.length // nothing delivered means nothing is due at once: the caller rests
}

function inTogethers(rows: OutboxRow[]): OutboxRow[][] {
  const batches: OutboxRow[][] = []
  for (let from = 0; from < rows.length; from += togetherMax) batches.push(rows.slice(from, from + togetherMax))
  return batches
}

/**
 * Tells events of one target in one request, which over there is one transaction. Of many that are refused the halves are told,
 * down to the bad one, for five seconds at most. Who does not answer, or is not ready, is not asked once more.
 *
 * @returns those that were taken; all others are due later.
 */
async function tell(options: RelayOptions, batch: readonly OutboxRow[], stopping: AbortSignal): Promise<number[]> {
  const [first] = batch
  const until = Date.now() + halvesMs
  const taken: number[] = []
  const untried = [batch]
  for (let some = untried.pop(); some !== undefined; some = untried.pop()) {
    try {
      if (stopping.aborted) throw new Error('not told: this process stops')
      if (first) await sendEvents(options, first.target, some)
      taken.push(...some.map(({ seq }) => seq))
    } catch (error) {
      const isOver = Date.now() >= until
      if (!isOver && some.length > 1 && mayBeOfOne(error)) {
        untried.push(some.slice(some.length / 2), some.slice(0, some.length / 2)) // the first half is next
        continue
      }
      const isAnswered = mayBeOfOne(error)
      const left = isOver || !isAnswered ? [some, ...untried.splice(0)].flat() : some
      await postpone(options, left, error)
    }
  }
  return taken
}

// The head of each key's queue only: a later event of the same key waits until the earlier row is gone.
async function takeDue(db: Knex, targets: string[]): Promise<OutboxRow[]> {
  return await inTransaction(db, async (trx) => {
    const [rows] = (await trx.raw(
      `SELECT seq, target, event_key, body, attempts, refusals FROM outbox AS head
        WHERE due_at <= UTC_TIMESTAMP(3) AND set_aside_at IS NULL AND target IN (${targets.map(() => '?').join(',')}) AND NOT EXISTS
          (SELECT 1 FROM outbox AS earlier WHERE earlier.target = head.target AND earlier.event_key = head.event_key
             AND earlier.seq < head.seq AND earlier.set_aside_at IS NULL)
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
        due_at: trx.raw(afterLease),
      })
    return rows
  })
}

// Only of an event that was sent by itself it is known that it was refused.
async function postpone(options: RelayOptions, rows: readonly OutboxRow[], error: unknown): Promise<void> {
  const { db, log } = options
  const isRefused = rows.length === 1 && refusesTheEvent(error)
  const setAside = isRefused && (rows[0]?.refusals ?? 0) + 1 >= (options.refusalsMax ?? refusalsMax)
  const [{ target, event_key: key, attempts } = {}] = rows
  log.warn('outbox.not_delivered', { target, key, attempts, events: rows.length, error })
  if (setAside) log.error('outbox.set_aside', { target, key, seq: rows[0]?.seq, error })
  await db('outbox')
    .whereIn(
      'seq',
      rows.map(({ seq }) => seq),
    )
    .update({
      due_at: db.raw(`UTC_TIMESTAMP(3) + INTERVAL ${waitMicros()} MICROSECOND`),
      last_error: String(error).slice(0, 255),
      ...(isRefused && { refusals: db.raw('refusals + 1') }),
      ...(setAside && { set_aside_at: db.raw('UTC_TIMESTAMP(3)') }),
    })
}

// the same for all of a batch, so that they are told together again
const waitMicros = () =>
  `ROUND(1000 * ${0.75 + Math.random() / 2} * LEAST(${firstRetryMs} * POW(2, LEAST(attempts - 1, 20)), ${maxRetryMs}))`

async function pruneInbox(db: Knex): Promise<number> {
  const [result] = await db.raw(
    `DELETE FROM inbox WHERE received_at < UTC_TIMESTAMP(3) - INTERVAL ${inboxKeptDays} DAY LIMIT ${inboxPerDelete}`,
  )
  return Number(result.affectedRows)
}
