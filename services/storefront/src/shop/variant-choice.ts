/** Which values of a product's options can be chosen, pure: each by those that were chosen before it. */
import type { Variant, Variants } from '../api/model.ts'

/** Whether there are units behind a value: some, none any more, or never were. */
export type ValueState = 'there' | 'sold_out' | 'missing'

type Sold = Pick<Variant, 'values' | 'stock'>

/** The variant that the chosen values name; undefined until each option has one. */
export const variantOf = <T extends Sold>(variants: readonly T[], chosen: readonly string[]): T | undefined =>
  variants.find(({ values }) => values.length === chosen.length && values.every((value, n) => value === chosen[n]))

/** How a value of an option stands beside what is chosen of the options before it. */
export function valueState(
  variants: readonly Sold[],
  chosen: readonly string[],
  { option, value }: { option: number; value: string },
): ValueState {
  const possible = variants.filter(
    ({ values }) => values[option] === value && chosen.slice(0, option).every((each, n) => values[n] === each),
  )
  if (possible.length === 0) return 'missing'
  return possible.some(({ stock }) => stock > 0) ? 'there' : 'sold_out'
}

/** What is chosen once a value is: what was chosen of the options after it stays as far as there are units of it. */
export function choose(
  variants: readonly Sold[],
  chosen: readonly string[],
  { option, value }: { option: number; value: string },
): readonly string[] {
  const next = [...chosen.slice(0, option), value]
  for (const later of chosen.slice(option + 1)) {
    if (valueState(variants, next, { option: next.length, value: later }) !== 'there') break
    next.push(later)
  }
  return next
}

/** Whether variants differ in price, so that the lowest is only where they begin. */
export const pricesDiffer = ({ variants }: Pick<Variants, 'variants'>): boolean =>
  new Set(variants.map(({ price }) => price.amount)).size > 1

/** A variant's units: of what was read and what was heard the newer. */
export function stockOf(
  { id, stock, version }: Pick<Variant, 'id' | 'stock' | 'version'>,
  heard: ReadonlyMap<string, { stock: number; version: number }>,
): number {
  const news = heard.get(id)
  return news !== undefined && news.version > version ? news.stock : stock
}
