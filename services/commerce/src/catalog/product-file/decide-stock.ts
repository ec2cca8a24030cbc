import type { Cells } from './columns.ts'
import type { KnownUnit } from './known-products.ts'

/** How many units a file has added so far since the moment that it is of; undefined: it was never taken. */
export type SuppliedBefore = (unitId: string, version: number) => number | undefined

/** Units that a file adds in all since a version of the stock; `after`: what is left then, if nothing is sold meanwhile. */
export interface StockToWrite {
  units: number
  sinceVersion: number
  after: number
}

/**
 * What a row says of stock, as a difference to what it was when the file was written: units sold since stay sold. A row that
 * made something is held against nothing in stock, so the same file again adds no units. Pure.
 *
 * @returns undefined when it says nothing, or nothing changes; `stock_base` when the difference cannot be told.
 */
export function decideStock(
  cells: Cells,
  unit: KnownUnit | undefined,
  suppliedBefore: SuppliedBefore,
): StockToWrite | { rule: 'stock_base' } | undefined {
  if (cells.stock === undefined) return undefined
  const [base = 0, sinceVersion = 0] = (cells.stockBase ?? '0@0').split('@').map(Number)
  const units = Number(cells.stock) - base
  if (unit === undefined) {
    return cells.stockBase === undefined ? { units, sinceVersion, after: units } : { rule: 'stock_base' }
  }
  const supplied = suppliedBefore(unit.id, sinceVersion)
  const isKnown = cells.stockBase === undefined ? supplied !== undefined : sinceVersion <= unit.version
  if (!isKnown) return { rule: 'stock_base' }
  const delta = Math.max(units - (supplied ?? 0), -unit.stock)
  return delta === 0 ? undefined : { units, sinceVersion, after: unit.stock + delta }
}
