import type { Knex } from 'knex'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Claimed } from './write-outcome.ts'

const notesPerStatement = 200

/**
 * Writes down what claims told, for those who read a payment while it is charged: many at once, and nobody waits for it. The
 * ending writes the same again, so a note that is lost is no loss.
 */
export class ClaimNotes {
  readonly #db: Knex
  readonly #log: Logger
  #pending: { id: string; claimed: Claimed }[] = []
  #writing: Promise<void> | undefined

  constructor(options: { db: Knex; log: Logger }) {
    this.#db = options.db
    this.#log = options.log
  }

  add(id: string, claimed: Claimed): void {
    this.#pending.push({ id, claimed })
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Waits for what was added. */
  async stop(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const notes = this.#pending.splice(0, notesPerStatement)
      const rows = notes.map(() => 'SELECT ? AS id, ? AS amount, ? AS currency, ? AS seller').join(' UNION ALL ')
      const values = notes.flatMap(({ id, claimed: { amount, sellerId } }) => [
        id,
        amount.amount,
        amount.currency,
        sellerId,
      ])
      try {
        await this.#db.raw(
          `UPDATE payments AS p JOIN (${rows}) AS note ON p.id = CONVERT(note.id USING ascii) COLLATE ascii_bin
              SET p.amount = note.amount, p.currency = note.currency, p.seller_id = note.seller
            WHERE p.amount IS NULL`,
          values,
        )
      } catch (error) {
        this.#log.warn('payment.claim_not_noted', { error })
      }
    }
  }
}
