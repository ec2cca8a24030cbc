import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { newId } from '@mytaek1/platform/ids.ts'

const idsPerStatement = 500

/** Rows of which work: payments that were accepted here with their card, payments and refunds that were taken up. */
export type Held = 'accepted' | 'payments' | 'refunds'

/**
 * What this process works on, and until when it says so: rows are its own for as long as it lives and works, and free a
 * lease after it died. `charge_by` follows the lease of accepted payments: the network takes no charge of a process that
 * was frozen for long after its lease.
 */
export class Leases {
  readonly owner = newId('drv')
  readonly #db: Knex
  readonly #log: Logger
  readonly #leaseMs: number
  readonly #chargeMs: number
  readonly #held = {
    accepted: new Map<string, Date>(),
    payments: new Map<string, Date>(),
    refunds: new Map<string, Date>(),
  }
  readonly #timer: NodeJS.Timeout
  #renewing: Promise<void> | undefined

  /** @param options.chargeMs how long a charge may be under way: the network takes none later */
  constructor(options: { db: Knex; log: Logger; leaseMs: number; chargeMs: number }) {
    this.#db = options.db
    this.#log = options.log
    this.#leaseMs = options.leaseMs
    this.#chargeMs = options.chargeMs
    this.#timer = setInterval(() => {
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined))
    }, options.leaseMs / 4)
  }

  /** When a lease that is written now ends. */
  end(): Date {
    return new Date(Date.now() + this.#leaseMs)
  }

  /** Until when a charge that is sent under such a lease may take effect; what `charge_by` says. */
  chargeBy(until: Date): Date {
    return new Date(until.getTime() + this.#chargeMs)
  }

  hold(what: Held, id: string, until: Date): void {
    this.#held[what].set(id, until)
  }

  drop(what: Held, id: string): void {
    this.#held[what].delete(id)
  }

  /** @param what absent: of any kind */
  holds(id: string, what?: Held): boolean {
    return what ? this.#held[what].has(id) : Object.values(this.#held).some((ids) => ids.has(id))
  }

  /**
   * Until when a row is this process's, renewed when that is soon or over.
   *
   * @returns undefined when the row is another's by now.
   */
  async ensure(what: Held, id: string): Promise<Date | undefined> {
    const until = this.#held[what].get(id)
    if (until && until.getTime() - Date.now() > this.#leaseMs / 2) return until
    await this.#renewSome(what, [id])
    return this.#held[what].get(id)
  }

  /** Renews nothing more: what is still held is free when its lease ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
  }

  async #renew(): Promise<void> {
    try {
      for (const what of ['accepted', 'payments', 'refunds'] as const) {
        // those that are young end by themselves, nearly all of them: to renew them would lock rows whose endings are being written
        const soon = Date.now() + (this.#leaseMs * 3) / 4
        const ids = [...this.#held[what]].flatMap(([id, until]) => (until.getTime() < soon ? [id] : []))
        for (let from = 0; from < ids.length; from += idsPerStatement) {
          await this.#renewSome(what, ids.slice(from, from + idsPerStatement))
        }
      }
    } catch (error) {
      this.#log.warn('leases.not_renewed', { error }) // they end, unless the next time works
    }
  }

  // A row that another process took up meanwhile is not ours any more, whatever is still in this one's memory.
  async #renewSome(what: Held, ids: string[]): Promise<void> {
    const until = this.end()
    const mine = () =>
      this.#db(what === 'refunds' ? 'refunds' : 'payments')
        .whereIn('id', ids)
        .where({ lease_owner: this.owner })
    const renewed = await mine().update({
      next_attempt_at: until,
      ...(what === 'accepted' && { charge_by: this.chargeBy(until) }),
    })
    const rows: { id: string }[] = renewed === ids.length ? ids.map((id) => ({ id })) : await mine().select('id')
    const kept = new Set(rows.map(({ id }) => id))
    const held = this.#held[what]
    for (const id of ids) {
      if (!held.has(id)) continue // finished meanwhile
      if (kept.has(id)) held.set(id, until)
      else held.delete(id)
    }
  }
}
