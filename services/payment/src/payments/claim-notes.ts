import type { Knex } from 'knex'
import { currencyType, idType, tableOf } from '@mytaek1/platform/mysql-trip.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Claimed } from './write-outcome.ts'

const notesPerStatement = 200
const writtenAfterMs = 500
const columns = { id: idType, amount: 'BIGINT UNSIGNED', currency: currencyType, seller: idType }

/**
 * Writes down what claims told, for those who read a payment while it is charged: many at once, and nobody waits for it. The
 * ending writes the same again: what has ended within half a second, as nearly all do, is not noted, and a note that is lost is
 * no loss.
 */
export class ClaimNotes {
  readonly #db: Knex
  readonly #log: Logger
  readonly #pending = new Map<string, { claimed: Claimed; at: number }>() // the oldest first
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined

  constructor(options: { db: Knex; log: Logger }) {
    this.#db = options.db
    this.#log = options.log
  }

  add(id: string, claimed: Claimed): void {
    this.#pending.set(id, { claimed, at: Date.now() })
    this.#timer ??= setTimeout(() => this.#begin(), writtenAfterMs)
  }

  /** Its row says so itself by now. */
  drop(id: string): void {
    this.#pending.delete(id)
  }

  /** Writes what was added. */
  async stop(): Promise<void> {
    await this.#writing
    clearTimeout(this.#timer)
    await this.#write(Infinity)
  }

  #begin(): void {
    this.#writing = this.#write(Date.now() - writtenAfterMs).finally(() => {
      const more = this.#pending.size > 0
      this.#timer = more ? setTimeout(() => this.#begin(), writtenAfterMs / 2) : undefined
    })
  }

  async #write(before: number): Promise<void> {
    for (;;) {
      const notes: (string | number)[][] = []
      for (const [id, { claimed, at }] of this.#pending) {
        if (at > before || notes.length === notesPerStatement) break
        notes.push([id, claimed.amount.amount, claimed.amount.currency, claimed.sellerId])
        this.#pending.delete(id)
      }
      if (notes.length === 0) return
      try {
        await this.#db.raw(
          `UPDATE ${tableOf('note', columns, notes)} STRAIGHT_JOIN payments AS p ON p.id = note.id
              SET p.amount = note.amount, p.currency = note.currency, p.seller_id = note.seller
            WHERE p.amount IS NULL`,
        )
      } catch (error) {
        this.#log.warn('payment.claim_not_noted', { error })
      }
    }
  }
}
