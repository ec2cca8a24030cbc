/** Options and variants as a seller types them, pure: a grid of every combination, of which those with a tick are sold. */
import type { Variants, VariantPlan } from '../api/model.ts'

export const optionsMax = 3
const variantsMax = 100
const rowsMax = variantsMax + 1 // one more tells that they are too many
const combinationsEver = 30 ** optionsMax // of what the service has: an option has 30 values at most

/** An option as it is typed: its values in one line, with commas between. */
export interface OptionDraft {
  name: string
  values: string
}

/** A row of the grid, as typed: empty is left as it is, and of a new one what the product has. */
export interface RowDraft {
  sold: boolean
  stock: string
  price: string
  sku: string
}

export interface VariantDraft {
  options: readonly OptionDraft[]
  /** By `keyOf` its values; combinations that were never touched are absent. */
  rows: ReadonlyMap<string, RowDraft>
}

export const emptyDraft: VariantDraft = Object.freeze({ options: [], rows: new Map<string, RowDraft>() })
export const emptyRow: RowDraft = Object.freeze({ sold: true, stock: '', price: '', sku: '' })

/** A combination of values as a key. */
export const keyOf = (values: readonly string[]): string => JSON.stringify(values)

/** The draft of what there is, to be changed. */
export function draftOf({ options, variants }: Variants): VariantDraft {
  const rows = new Map<string, RowDraft>()
  for (const values of combinations(
    options.map((option) => option.values),
    combinationsEver,
  )) {
    rows.set(keyOf(values), { ...emptyRow, sold: false })
  }
  for (const { values, stock, price, sku } of variants) {
    rows.set(keyOf(values), { sold: true, stock: `${stock}`, price: `${price.amount}`, sku: sku ?? '' })
  }
  return { options: options.map(({ name, values }) => ({ name, values: values.join(', ') })), rows }
}

/** The values of an option, each once, in the order in which they are typed. */
export const valuesOf = ({ values }: OptionDraft): string[] => [
  ...new Set(
    values
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  ),
]

/** The rows of the grid: combinations of the values, at most one more than can be sold. */
export function rowsOf({ options, rows }: VariantDraft): { values: string[]; row: RowDraft }[] {
  const named = options.filter(({ name }) => name.trim() !== '')
  const values = named.map(valuesOf)
  if (values.length === 0 || values.some((each) => each.length === 0)) return []
  return combinations(values, rowsMax).map((each) => ({ values: each, row: rows.get(keyOf(each)) ?? emptyRow }))
}

/** Whether more is to be sold than a product may have. */
export const isTooMany = (draft: VariantDraft): boolean => rowsOf(draft).length > variantsMax

/**
 * What is asked of the service.
 *
 * @param before what there was: of its variants the stock is left as it is, for units may have been sold meanwhile; what the
 *   seller changed of it is in `restocksOf`
 */
export function planOf(draft: VariantDraft, currency: string, before?: Variants): VariantPlan {
  const known = new Set(before?.variants.map((variant) => keyOf(variant.values)))
  const options = draft.options
    .filter(({ name }) => name.trim() !== '')
    .map((option) => ({ name: option.name.trim(), values: valuesOf(option) }))
  const variants = rowsOf(draft)
    .filter(({ row }) => row.sold)
    .map(({ values, row: { stock, price, sku } }) => ({
      values,
      ...(stock !== '' && !known.has(keyOf(values)) && { stock: Number(stock) }),
      ...(price !== '' && { price: { amount: Number(price), currency } }),
      sku: sku.trim() === '' ? null : sku.trim(),
    }))
  return { options, variants }
}

/** The same, where it is something else than what there was: a plan that says nothing new undoes what another one said. */
export function newPlanOf(draft: VariantDraft, currency: string, before?: Variants): VariantPlan | undefined {
  const plan = planOf(draft, currency, before)
  const isOld = before && JSON.stringify(plan) === JSON.stringify(planOf(draftOf(before), currency, before))
  return isOld ? undefined : plan
}

/** Units of a variant to be added to what is left of it; fewer than none are taken back. */
export interface Restock {
  variantId: string
  units: number
  /** The same for the same change of what the form showed: pressed again without an answer, the units come once. */
  idempotencyKey: string
}

/** What the seller changed of the stock of variants that there were, as differences: units sold meanwhile stay sold. */
export function restocksOf(draft: VariantDraft, before: Variants): Restock[] {
  const typed = new Map(rowsOf(draft).map(({ values, row }) => [keyOf(values), row]))
  return before.variants.flatMap(({ id, values, stock, version }) => {
    const row = typed.get(keyOf(values))
    if (!row?.sold || row.stock === '' || Number(row.stock) === stock) return []
    const units = Number(row.stock) - stock
    return [{ variantId: id, units, idempotencyKey: `stock-${id}-${version}-${units}` }]
  })
}

// cut in each step: three long options have more combinations than fit in memory
const combinations = (values: readonly (readonly string[])[], max: number): string[][] =>
  values.reduce<string[][]>(
    (rows, own) => rows.flatMap((row) => own.slice(0, max).map((value) => [...row, value])).slice(0, max),
    [[]],
  )
