/** Options of a product and their values, pure: colour and size, and every combination of them that is sold. */
import { z } from 'zod'

export const optionsMax = 3
export const valuesMax = 30 // of an option
export const variantsMax = 100

const optionsShape = z.array(z.object({ name: z.string(), values: z.array(z.string()) }))
const wordsShape = z.array(z.object({ name: z.string(), value: z.string() }))
const valuesShape = z.array(z.string())

/** What buyers choose by, e.g. a colour, with its values in the seller's order. */
export type ProductOption = z.infer<typeof optionsShape>[number]

/** What one variant is: the value of an option. */
export type OptionWord = z.infer<typeof wordsShape>[number]

/** The options of a product's row; none: it is ordered itself. */
export const readOptions = (text: string | null): ProductOption[] =>
  text === null ? [] : optionsShape.parse(JSON.parse(text))

/** The values of a variant's row, one for each option of its product. */
export const readValues = (text: string | null): string[] => (text === null ? [] : valuesShape.parse(JSON.parse(text)))

/** The words of a revision's row. */
export const readWords = (text: string | null): OptionWord[] =>
  text === null ? [] : wordsShape.parse(JSON.parse(text))

/** A variant in words: each option with its value. */
export const wordsOf = (options: readonly ProductOption[], values: readonly string[]): OptionWord[] =>
  options.map(({ name }, index) => ({ name, value: values[index] ?? '' }))

/** A thing that was bought as one line says it: `Shirt (Red / L)`. */
export function titleOf({ name, options }: { name: string; options: readonly OptionWord[] }): string {
  return options.length === 0 ? name : `${name} (${options.map(({ value }) => value).join(' / ')})`
}

/** What is wrong with options and variants that a seller gives, by path; nothing: they fit each other. */
export function faultsOfVariants({
  options,
  variants,
}: {
  options: readonly ProductOption[]
  variants: readonly { values: readonly string[]; sku?: string | null | undefined }[]
}): { path: (string | number)[]; message: string }[] {
  const faults: { path: (string | number)[]; message: string }[] = []
  const refuse = (path: (string | number)[], message: string) => faults.push({ path, message })
  for (const index of repeatedOf(options.map(({ name }) => name))) {
    refuse(['options', index, 'name'], 'Another option has this name')
  }
  for (const [n, { values }] of options.entries()) {
    for (const index of repeatedOf(values)) refuse(['options', n, 'values', index], 'The option has this value already')
  }
  for (const [n, { values }] of variants.entries()) {
    if (values.length !== options.length) refuse(['variants', n, 'values'], 'Needs one value for each option')
    for (const [index, value] of values.entries()) {
      const isOffered = options[index]?.values.includes(value) ?? true
      if (!isOffered) refuse(['variants', n, 'values', index], 'The option has no such value')
    }
  }
  for (const index of repeatedOf(variants.map(({ values }) => JSON.stringify(values)))) {
    refuse(['variants', index, 'values'], 'Another variant has these values')
  }
  for (const index of repeatedOf(variants.map(({ sku }) => sku ?? null))) {
    refuse(['variants', index, 'sku'], 'Another variant has this code')
  }
  return faults
}

/** Where a text stands that an earlier place has already; null is equal to nothing. */
function repeatedOf(texts: readonly (string | null)[]): number[] {
  const seen = new Set<string>()
  return texts.flatMap((text, index) => {
    if (text === null) return []
    if (seen.has(text)) return [index]
    seen.add(text)
    return []
  })
}
