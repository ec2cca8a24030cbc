import type { Knex } from 'knex'

const everyMs = 15_000 // several looks a minute, and every Pod that has viewers looks

/** Keeps how many watched, by the minute: the most of what was seen in it, whoever saw it. */
export class ViewerMinutes {
  readonly #db: Knex
  readonly #clock: () => Date
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor({ db, clock }: { db: Knex; clock: () => Date }) {
    this.#db = db
    this.#clock = clock
  }

  /** Takes in what was counted just now of shows that are live; writes now and then. */
  async take(counts: ReadonlyMap<string, number>): Promise<void> {
    if (counts.size === 0 || performance.now() - this.#writtenAt < everyMs) return
    this.#writtenAt = performance.now()
    const minute = new Date(Math.floor(this.#clock().getTime() / 60_000) * 60_000)
    const rows = [...counts].map(([id, viewers]) => ({ broadcast_id: id, minute, viewers }))
    await this.#db('broadcast_minutes')
      .insert(rows)
      .onConflict(['broadcast_id', 'minute'])
      .merge({ viewers: this.#db.raw('GREATEST(viewers, VALUES(viewers))') })
  }
}
