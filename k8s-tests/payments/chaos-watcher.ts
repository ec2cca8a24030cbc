import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from './processes.ts'

const lookEveryMs = 400
const endStates = new Set(['CAPTURED', 'DECLINED', 'CANCELED', 'PARTIALLY_REFUNDED', 'REFUNDED'])

/** Tells when payments have ended, by one look at all rows: buyers that each ask would be most of the machine's work. */
export class Watcher {
  readonly #db: Database
  readonly #waiting = new Map<string, (state: string) => void>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(db: Database) {
    this.#db = db
    this.#running = this.#look()
  }

  /** The state in which a payment ended; 'STOPPED' when nobody looks any more. */
  ended(paymentId: string): Promise<string> {
    return new Promise((resolve) => this.#waiting.set(paymentId, resolve))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    for (const tell of this.#waiting.values()) tell('STOPPED')
  }

  async #look(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await delay(lookEveryMs)
      const ids = [...this.#waiting.keys()]
      const rows = await this.#statesOf(ids).catch(() => []) // the database is down just now
      for (const { id, state } of rows) {
        if (!endStates.has(state)) continue
        this.#waiting.get(id)?.(state)
        this.#waiting.delete(id)
      }
    }
  }

  async #statesOf(ids: string[]): Promise<{ id: string; state: string }[]> {
    return await this.#db('payments').whereIn('id', ids).select('id', 'state')
  }
}
