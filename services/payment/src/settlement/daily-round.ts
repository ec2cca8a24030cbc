import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import { z } from 'zod'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { PaymentGateway } from '../gateways/payment-gateway.ts'
import { checkLedger, countUnbalanced, enterMissing } from '../ledger/check-ledger.ts'
import { compareDay } from './compare-day.ts'

const roundMs = 60_000
const lookMs = 10 * 60_000 // for days that are settled by now
const dayMs = 86_400_000
const settledAfterMs = 6 * 3_600_000 // a day is settled some hours after its end, in UTC
const leaseMs = 15 * 60_000
const commitMs = 30_000 // a transaction is over long before; until then its entries may appear
const daysMax = 31 // in one round; the next goes on

/** Collaborators of the daily round. */
export interface DailyRoundDeps {
  db: Knex
  /** Connections whose statements may take long: they read all of the ledger. */
  auditDb: Knex
  gateways: readonly PaymentGateway[]
  log: Logger
  now: () => Date
}

/**
 * Compares each gateway's days with the ledger as they are settled, one after the other, whichever process comes first; with
 * each day, it also reads the whole ledger. Every minute it looks over what was entered since.
 */
export class DailyRound {
  readonly #deps: DailyRoundDeps
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #watchedUntil: Date
  #lookAt = 0
  #faults = 0

  constructor(deps: DailyRoundDeps) {
    this.#deps = deps
    this.#watchedUntil = new Date(deps.now().getTime() - dayMs / 96)
    this.#running = this.#run()
  }

  /** What this process saw not add up, since it started. */
  get faults(): number {
    return this.#faults
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await this.#watch()
        if (this.#deps.now().getTime() >= this.#lookAt) {
          for (const gateway of this.#deps.gateways) await this.#catchUp(gateway)
          this.#lookAt = this.#deps.now().getTime() + lookMs
        }
      } catch (error) {
        this.#deps.log.warn('settlement.round_failed', { error })
      }
      await delay(roundMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #watch(): Promise<void> {
    const { db, now, log } = this.#deps
    const span = { from: this.#watchedUntil, until: new Date(now().getTime() - commitMs) }
    const unbalanced = await countUnbalanced(db, span)
    if (unbalanced > 0) log.error('ledger.unbalanced', { deeds: unbalanced })
    this.#faults += unbalanced
    this.#watchedUntil = span.until
  }

  async #catchUp(gateway: PaymentGateway): Promise<void> {
    const { db, auditDb, log, now } = this.#deps
    for (let days = 0; days < daysMax && !this.#stopping.signal.aborted; days += 1) {
      const day = await takeDay(auditDb, gateway.name, now())
      if (day === undefined) return
      const { payments, sums } = await compareDay(this.#deps, gateway, day)
      const [only] = sums.length === 1 ? sums : []
      await db('settlement_days')
        .where({ gateway: gateway.name, day })
        .update({
          payments,
          sums: JSON.stringify(sums),
          payout: only?.payout ?? 0, // what a process of the version before shows
          fees: only?.fees ?? 0,
          compared_at: now(),
        })
      log.info('settlement.compared', { gateway: gateway.name, day, payments, sums })
      const entered = await enterMissing(auditDb)
      if (entered > 0) log.warn('ledger.entered_later', { deeds: entered })
      const faults = await checkLedger(auditDb)
      if (faults.length > 0) log.error('ledger.faults', { faults })
      this.#faults += faults.length
    }
  }
}

/**
 * Takes the next day of a gateway to be compared, for a quarter of an hour: the one after the last, or that of the first
 * sale.
 *
 * @returns undefined: none is settled yet, or another process has it.
 */
export async function takeDay(db: Knex, gateway: string, now: Date): Promise<string | undefined> {
  const [last] = await db('settlement_days').where({ gateway }).whereNotNull('compared_at').max({ day: 'day' })
  const [first] = last?.day
    ? []
    : await db('ledger_entries').where({ gateway, kind: 'sale' }).orderBy('at').limit(1).select('at')
  const dates = z.object({ day: z.date().nullish(), at: z.date().nullish() }).parse({ ...last, ...first })
  const next = dates.day ? new Date(dates.day.getTime() + dayMs) : dates.at
  if (!next) return undefined
  const day = dayOf(next)
  if (Date.parse(day) + dayMs + settledAfterMs > now.getTime()) return undefined
  await db('settlement_days')
    .insert({ gateway, day, leased_until: new Date(0) })
    .onConflict(['gateway', 'day'])
    .ignore()
  const taken = await db('settlement_days')
    .where({ gateway, day, compared_at: null })
    .where('leased_until', '<', now)
    .update({ leased_until: new Date(now.getTime() + leaseMs) })
  return taken === 1 ? day : undefined
}

/** The UTC day of a moment: `2026-11-29`. */
export const dayOf = (at: Date) => at.toISOString().slice(0, 10)

/** How many differences nobody has cleared, and how many days each gateway's comparison is behind. */
export async function settlementState(db: Knex, now: Date): Promise<{ open: number; behindDays: Map<string, number> }> {
  const [open] = await db('settlement_differences').where({ resolved_at: null }).count({ open: '*' })
  const rows: unknown = await db('settlement_days')
    .whereNotNull('compared_at')
    .groupBy('gateway')
    .select('gateway')
    .max({ day: 'day' })
  const days = z.array(z.object({ gateway: z.string(), day: z.date() })).parse(rows)
  // yesterday is compared in the course of today
  const behind = (day: Date) => Math.max(0, Math.floor((now.getTime() - day.getTime() - settledAfterMs) / dayMs) - 1)
  return { open: Number(open?.open ?? 0), behindDays: new Map(days.map(({ gateway, day }) => [gateway, behind(day)])) }
}
