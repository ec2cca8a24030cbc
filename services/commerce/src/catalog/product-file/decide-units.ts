/** What rows of a product say of what is sold: the product itself, or its variants. Pure. */
import { maxAmount, type Money } from '@mytaek1/contracts/money.ts'
import { amountOf } from '../../money-text.ts'
import type { ProductOption } from '../variant.ts'
import { valueColumns, type Cells } from './columns.ts'
import { decideStock } from './decide-stock.ts'
import type { Facts, Notes, UnitToWrite } from './decision.ts'
import type { KnownProduct, KnownUnit } from './known-products.ts'
import type { FileRow } from './read-rows.ts'
import { unitCells } from './rows-of-product.ts'

interface UnitFacts extends Facts {
  options: readonly ProductOption[]
  currency: string
}

type FoundUnit = KnownUnit & { values?: string[] }

/** Reads every row; one that is about the product alone has no unit. */
export function readUnits(rows: readonly FileRow[], facts: UnitFacts, notes: Notes): UnitToWrite[] {
  const { known, options } = facts
  const { refuse } = notes
  const units: UnitToWrite[] = []
  const lineOf = new Map<string, number>()
  for (const row of rows) {
    const values = readValues(row, options, notes)
    const unit = known && findUnit(row, known, values, notes)
    if (unit === 'refused') continue
    if (options.length > 0 && unit === undefined && values === undefined) {
      const isOfVariant = (['sku', 'price', 'stock'] as const).some((column) => row.cells[column] !== undefined)
      if (isOfVariant || known === undefined) refuse(row, 'value1', 'variant_required')
      continue
    }
    const named = JSON.stringify(unit?.values ?? values ?? [])
    const earlier = lineOf.get(named)
    if (earlier !== undefined) refuse(row, null, 'repeated', earlier)
    lineOf.set(named, earlier ?? row.line)
    units.push(readUnit(row, unit, { ...facts, values: values ?? [], isFirst: row === rows[0] }, notes))
  }
  for (const row of rows) checkSku(row, units, facts, notes)
  return units
}

/** Which of a product's units a row is about: by id, by code, or by its values; undefined: a new one. */
function findUnit(
  row: FileRow,
  known: KnownProduct,
  values: string[] | undefined,
  { refuse }: Notes,
): FoundUnit | undefined | 'refused' {
  const { variantId, sku } = row.cells
  const isSame = (each: { values: string[] }) => JSON.stringify(each.values) === JSON.stringify(values)
  if (variantId !== undefined) {
    const unit = known.variants.find(({ id }) => id === variantId)
    if (unit === undefined) refuse(row, 'variantId', 'not_found', variantId)
    else if (values !== undefined && !isSame(unit)) refuse(row, 'value1', 'values', unit.values.join(' / '))
    else return unit
    return 'refused'
  }
  if (known.options.length === 0) return known.own
  const unit = known.variants.find((each) => sku !== undefined && each.sku === sku)
  if (unit === undefined || values === undefined || isSame(unit)) return unit ?? known.variants.find(isSame)
  refuse(row, 'sku', 'values', unit.values.join(' / '))
  return 'refused'
}

function readValues(row: FileRow, options: readonly ProductOption[], { refuse }: Notes): string[] | undefined {
  const given = valueColumns.map((column) => row.cells[column])
  if (given.every((value) => value === undefined)) return undefined
  for (const [n, value] of given.entries()) {
    const column = valueColumns[n] ?? null
    if (n < options.length && value === undefined) refuse(row, column, 'required')
    if (n >= options.length && options.length > 0 && value !== undefined) {
      refuse(row, column, 'options', options.map(({ name }) => name).join(', '))
    }
  }
  return given.slice(0, options.length).map((value = '') => value)
}

function readUnit(
  row: FileRow,
  unit: FoundUnit | undefined,
  facts: UnitFacts & { values: string[]; isFirst: boolean },
  notes: Notes,
): UnitToWrite {
  const { cells } = row
  const { known, values } = facts
  const { refuse, change } = notes
  const before: Cells = unit === undefined ? {} : unitCells(unit)
  const price = readPrice(row, facts.currency, notes)
  if (known === undefined && facts.isFirst && cells.price === undefined) refuse(row, 'price', 'required')
  if (known === undefined && cells.sku === undefined) refuse(row, 'sku', 'required') // or the file again would make it again
  if (unit === undefined) {
    for (const [n, value] of values.entries()) change(row, valueColumns[n] ?? 'value1', undefined, value)
  }
  if (cells.sku !== undefined) change(row, 'sku', before.sku, cells.sku)
  if (price !== undefined && price.amount !== unit?.price.amount) change(row, 'price', before.price, cells.price ?? '')
  const stock = decideStock(cells, unit, facts.suppliedBefore)
  const isRefused = stock !== undefined && 'rule' in stock
  if (isRefused) refuse(row, 'stockBase', stock.rule)
  else if (stock !== undefined) change(row, 'stock', before.stock, `${stock.after}`)
  return { id: unit?.id, values, price, sku: cells.sku, stock: isRefused ? undefined : stock }
}

function readPrice(row: FileRow, currency: string, { refuse }: Notes): Money | undefined {
  const { price } = row.cells
  if (price === undefined || currency === '') return undefined
  const amount = amountOf(price, currency)
  if (amount !== undefined && amount >= 1 && amount <= maxAmount) return { amount, currency }
  refuse(row, 'price', 'value', `${price} ${currency}`)
  return undefined
}

// Codes may change hands within a product, if its other variant gets another one by the same file.
function checkSku(row: FileRow, units: readonly UnitToWrite[], { known, ownerOfSku }: Facts, { refuse }: Notes): void {
  const { sku } = row.cells
  const owner = sku === undefined ? undefined : ownerOfSku(sku)
  const unit = units.find((each) => sku !== undefined && each.sku === sku)
  if (owner === undefined || unit === undefined || owner === unit.id) return
  const isOwn = known?.variants.some(({ id }) => id === owner) ?? false
  const isGivenUp = units.some(({ id, sku: other }) => id === owner && other !== undefined && other !== sku)
  if (!isOwn || !isGivenUp) refuse(row, 'sku', 'sku_taken', sku)
}
