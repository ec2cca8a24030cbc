import type { Knex } from 'knex'
import { stockOf } from './stock-levels.ts'
import type { StockChange } from './stock-row.ts'

const productsMax = 10_000

/**
 * Tells what is left of a product when something of a variant of it changed. The sum is read after the change was committed:
 * a transaction sees the rows that it locks, not all of the product's. Of changes while one is read the next reading tells.
 */
export class VariantTotals {
  #db: Knex
  #announce: (change: StockChange) => void
  #reading = new Map<string, { again: boolean }>()
  #pending = new Set<Promise<void>>()

  constructor(db: Knex, announce: (change: StockChange) => void) {
    this.#db = db
    this.#announce = announce
  }

  /** Something of one of the product's variants has changed, and is committed. */
  changed(productId: string): void {
    const reading = this.#reading.get(productId)
    if (reading) {
      reading.again = true
      return
    }
    if (this.#reading.size >= productsMax) return // who watches reads the rows every two seconds
    const pending = this.#read(productId).finally(() => this.#pending.delete(pending))
    this.#pending.add(pending)
  }

  /** Waits for what is being read. */
  async drain(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #read(productId: string): Promise<void> {
    const reading = { again: true }
    this.#reading.set(productId, reading)
    try {
      while (reading.again) {
        reading.again = false
        const level = (await stockOf(this.#db, [productId])).get(productId)
        if (level) this.#announce({ productId, stock: level.stock, version: level.version })
      }
    } catch {
      // the rows have it, which every Pod reads for those who watch
    } finally {
      this.#reading.delete(productId)
    }
  }
}
