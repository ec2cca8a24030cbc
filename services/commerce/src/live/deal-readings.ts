import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import { stockOf } from '../inventory/stock-levels.ts'

const pauseMs = 100

/**
 * Tells what is left of a deal when something of its product's stock changed: whoever takes of a deal takes of stock. A product
 * is read once at a time and ten times a second at most, however many orders there are; its last change is always read.
 */
export class DealReadings {
  readonly #db: Knex
  readonly #tell: (deal: Deal) => void
  readonly #reading = new Map<string, { again: boolean }>()

  constructor(db: Knex, tell: (deal: Deal) => void) {
    this.#db = db
    this.#tell = tell
  }

  /** The stock of a product changed, of which a deal runs as far as is known here. */
  changed(productId: string): void {
    const reading = this.#reading.get(productId)
    if (reading) reading.again = true
    else void this.#read(productId) // its own catch
  }

  async #read(productId: string): Promise<void> {
    const reading = { again: true }
    this.#reading.set(productId, reading)
    try {
      while (reading.again) {
        reading.again = false
        const deal = (await stockOf(this.#db, [productId])).get(productId)?.deal
        if (deal) this.#tell(deal)
        await delay(pauseMs, undefined, { ref: false })
      }
    } catch {
      // the rows of all that is watched are read every two seconds
    } finally {
      this.#reading.delete(productId)
    }
  }
}
