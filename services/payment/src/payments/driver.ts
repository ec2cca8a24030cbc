import { setTimeout as delay } from 'node:timers/promises'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { Admission } from './admission.ts'
import type { CardLimits } from './card-limits.ts'
import { charge, type ChargeDeps, type ChargeJob } from './charge.ts'
import type { ClaimNotes } from './claim-notes.ts'
import { FairQueue } from './fair-queue.ts'
import { writeLooked } from './late-money.ts'
import { Leases, type Held } from './leases.ts'
import { setAside } from './patience.ts'
import { Payment, Refund } from './payment.ts'
import { completeRefund, refundLater } from './refund.ts'
import { hurryReturned } from './window.ts'
import { writeEndings, writeLater, type Ending, type EndingDeps, type Later } from './write-outcome.ts'

const pollMs = 1_000
const endingsAtOnce = 64
const endingTransactions = 2
const paidRemembered = 10_000
const usedTokenKeptMs = 24 * 3_600_000
const pruneEveryMs = 60_000
const oldGenerationMs = 15 * 60_000 // by then no process of the version before drives its rows any more

/** Collaborators and measures of the driver; `wake` has the outbox relay look now, for what was not handed over. */
export interface DriverDeps extends ChargeDeps {
  wake: () => void
  /** Has events told that were committed here. */
  deliver?: EndingDeps['deliver']
  limits: CardLimits
  notes: ClaimNotes
  gatewayTimeoutMs: number
  /** Charges at once. */
  concurrency?: number
  leaseMs?: number
}

/** A place among those who wait for their charge, taken before anything is written. */
export interface Place {
  /** What the row is inserted with, so that it is held from its first moment. */
  lease: { lease_owner: string; next_attempt_at: Date; charge_by: Date }
  start(job: Omit<ChargeJob, 'hold' | 'chargeBy'>): void
  cancel(): void
}

/**
 * Drives everything that moves money: charges that were accepted here, and payments and refunds that are due, whoever left
 * them. Each is held by one process at a time, as long as the work takes (leases.ts); each has a place of its own, so one
 * call that hangs holds up nothing else.
 */
export class Driver {
  readonly #deps: DriverDeps
  readonly #leases: Leases
  readonly #admission: Admission
  readonly #waiting = new FairQueue<ChargeJob>()
  readonly #concurrency: number
  readonly #paid = new Set<string>()
  readonly #charging = new Set<Promise<void>>()
  readonly #takenUp = new Set<Promise<void>>()
  /** Endings that come while others are written share a transaction. */
  readonly #endings: Gather<{ payment: ChargeJob['payment']; ending: Ending }, boolean>
  readonly #stopping = new AbortController()
  readonly #polling: Promise<void>
  #awake = Promise.withResolvers<void>()

  constructor(deps: DriverDeps) {
    const { db, log, gatewayTimeoutMs, concurrency = 128, leaseMs = 15_000 } = deps
    this.#deps = deps
    this.#concurrency = concurrency
    this.#leases = new Leases({ db, log, leaseMs, chargeMs: gatewayTimeoutMs })
    this.#admission = new Admission({ slowestPerSecond: (concurrency * 1_000) / gatewayTimeoutMs })
    this.#endings = new Gather({
      most: endingsAtOnce,
      lanes: endingTransactions,
      isOfOne: (error) => !(error instanceof UnavailableError),
      work: (endings) => writeEndings(deps, this.#leases.owner, endings),
    })
    this.#polling = this.#poll()
  }

  /** Whether a hint of its gateway's says nothing new: a card is being charged here and answered for, or was just now. */
  knowsOf(id: string): boolean {
    return this.#leases.holds(id, 'accepted') || this.#paid.has(id)
  }

  get waiting(): number {
    return this.#admission.waiting
  }

  /** @throws {UnavailableError} too many payments wait. */
  admit(buyerId: string): Place {
    this.#admission.enter(buyerId)
    const until = this.#leases.end()
    return {
      lease: { lease_owner: this.#leases.owner, next_attempt_at: until, charge_by: this.#leases.chargeBy(until) },
      cancel: () => this.#admission.leave(buyerId, false),
      start: (job) => {
        const { id } = job.payment
        this.#leases.hold('accepted', id, until)
        const hold = async () => {
          const held = await this.#leases.ensure('accepted', id)
          return held && this.#leases.chargeBy(held)
        }
        this.#waiting.add(job.claimed?.sellerId ?? '', buyerId, { ...job, hold, chargeBy: until })
        this.#fill()
      },
    }
  }

  /** Who writes the ending of a payment that `admit` gave a place and that is not started. */
  get owner(): string {
    return this.#leases.owner
  }

  /** Looks now for what is due. */
  nudge(): void {
    this.#awake.resolve()
  }

  /** Lets everything that was accepted here get its answer, then gives up what else is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    while (this.#charging.size > 0) await Promise.all(this.#charging)
    await this.#polling
    await Promise.all(this.#takenUp)
    await this.#leases.stop()
  }

  #fill(): void {
    while (this.#charging.size < this.#concurrency) {
      const job = this.#waiting.take()
      if (!job) return
      const run = this.#charge(job, 'accepted', 0).then((served) => {
        this.#charging.delete(run)
        this.#admission.leave(job.payment.buyer_id, served)
        this.#fill()
      })
      this.#charging.add(run)
    }
  }

  /** Charges, and writes how that ended; whatever fails leaves the row to whoever takes it up when its lease ends. */
  async #charge(job: ChargeJob, held: Held, attempts: number): Promise<boolean> {
    const { log, wake } = this.#deps
    const { payment } = job
    try {
      const charged = await charge(this.#deps, job)
      if ('ending' in charged) {
        const isWritten = await this.#endings.add({ payment, ending: charged.ending })
        if (this.#deps.deliver === undefined) wake()
        if (isWritten && charged.ending.to === 'CAPTURED') this.#notePaid(payment.id)
        if (charged.ending.to === 'DECLINED') await this.#countDecline(job)
      } else if ('later' in charged) {
        await this.#askLater(payment, charged.later, attempts)
      } else {
        await writeLooked(this.#deps, payment, this.#leases.owner, charged)
        if ('reopen' in charged) this.nudge()
      }
      return true
    } catch (error) {
      log.error('payment.charge_failed', { paymentId: payment.id, error })
      // what fails each time, e.g. because its gateway is configured no more, is not tried for ever
      if (held === 'payments') await this.#askLater(payment, { claimed: undefined, why: 'failed here' }, attempts)
      return false
    } finally {
      this.#leases.drop(held, payment.id)
      this.#deps.notes.drop(payment.id)
    }
  }

  async #askLater(payment: ChargeJob['payment'], later: Later, attempts: number): Promise<void> {
    const { log, db, now } = this.#deps
    const { why, at } = later
    const next = await writeLater(this.#deps, payment, this.#leases.owner, { ...later, attempts })
    if (next >= setAside) log.error('payment.set_aside', { paymentId: payment.id, attempts, why })
    else if (at === undefined) log.warn('payment.asked_later', { paymentId: payment.id, attempts, why })
    else await hurryReturned(db, payment.id, now()) // it came back meanwhile
  }

  #notePaid(id: string): void {
    this.#paid.add(id)
    const [oldest] = this.#paid
    if (this.#paid.size > paidRemembered && oldest !== undefined) this.#paid.delete(oldest)
  }

  // Whoever tries cards is known by account, address and issuer; of a payment that was taken up none but the account is.
  async #countDecline({ payment, card, address }: ChargeJob): Promise<void> {
    if (!card || address === undefined) return
    await this.#deps.limits.declined({ accountId: payment.buyer_id, address, cardNumber: card.number })
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping
    let pruneAt = Date.now()
    while (!signal.aborted) {
      try {
        await this.#takeUp()
        if (Date.now() >= pruneAt) {
          await this.#pruneTokens()
          pruneAt = Date.now() + pruneEveryMs
        }
      } catch (error) {
        this.#deps.log.warn('driver.cannot_look', { error })
      }
      await Promise.race([this.#awake.promise, delay(pollMs, undefined, { signal }).catch(() => undefined)])
      this.#awake = Promise.withResolvers()
    }
  }

  async #takeUp(): Promise<void> {
    const free = this.#concurrency - this.#takenUp.size
    if (free <= 0) return
    for (const { id, attempts } of await this.#take('payments', free)) {
      this.#run(async () => {
        const payment = await Payment.query(this.#deps.db).findById(id).throwIfNotFound()
        const chargeBy = payment.charge_by ?? payment.created_at
        const amount = payment.amount
        const claimed =
          amount === null || payment.currency === null || payment.seller_id === null || payment.generation === 1
            ? undefined
            : { amount: { amount, currency: payment.currency }, sellerId: payment.seller_id }
        const hold = () => this.#leases.ensure('payments', id)
        await this.#charge({ payment, card: undefined, claimed, hold, chargeBy }, 'payments', attempts)
      })
    }
    for (const { id, attempts } of await this.#take('refunds', free)) {
      this.#run(async () => {
        try {
          const refund = await Refund.query(this.#deps.db).findById(id).throwIfNotFound()
          const by = { owner: this.#leases.owner, attempts }
          try {
            await completeRefund(this.#deps, refund, by)
          } catch (error) {
            this.#deps.log.error('refund.failed_here', { refundId: id, error })
            await refundLater(this.#deps, refund, by, { why: 'failed here' })
          }
        } finally {
          this.#leases.drop('refunds', id)
        }
      })
    }
  }

  #run(work: () => Promise<void>): void {
    const run = work()
      .catch((error: unknown) => this.#deps.log.error('driver.work_failed', { error })) // taken up again after its lease
      .finally(() => void this.#takenUp.delete(run))
    this.#takenUp.add(run)
  }

  // SKIP LOCKED: any number of processes look at once, and each takes what no other does
  async #take(table: 'payments' | 'refunds', limit: number): Promise<{ id: string; attempts: number }[]> {
    const { db, now } = this.#deps
    const until = this.#leases.end()
    const rows = await inTransaction(db, async (trx) => {
      const due = trx(table).where('next_attempt_at', '<=', now())
      if (table === 'payments') {
        const old = new Date(now().getTime() - oldGenerationMs)
        void due.whereRaw('(generation = 2 OR updated_at < ?)', [old])
      }
      const found: { id: string; attempts: number }[] = await due
        .orderBy('next_attempt_at')
        .limit(limit)
        .select('id', 'attempts')
        .forUpdate()
        .skipLocked()
      // one whose lease ran out because this process was slow, and whose card it still has
      const rows = found.filter(({ id }) => !this.#leases.holds(id))
      const ids = rows.map(({ id }) => id)
      const lease = {
        lease_owner: this.#leases.owner,
        next_attempt_at: until,
        attempts: trx.raw('attempts + 1'),
        ...(table === 'payments' && { hinted_at: null }), // whatever was told before is asked about now
      }
      if (ids.length > 0) await trx(table).whereIn('id', ids).update(lease)
      return rows
    })
    for (const { id } of rows) this.#leases.hold(table, id, until)
    return rows
  }

  async #pruneTokens(): Promise<void> {
    const before = new Date(this.#deps.now().getTime() - usedTokenKeptMs)
    await this.#deps.db('used_card_tokens').where('used_at', '<', before).limit(10_000).delete()
  }
}
