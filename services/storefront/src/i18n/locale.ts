export const locales = Object.freeze(['ko', 'en'] as const)
export type Locale = (typeof locales)[number]

/** The remembered language, else the first one of the browser's list that this site has, else Korean. */
export function preferredLocale(remembered: string | null, languages: readonly string[]): Locale {
  const wanted = [remembered ?? '', ...languages].map((language) => language.toLowerCase().split('-')[0])
  return locales.find((locale) => locale === wanted.find((one) => locales.some((has) => has === one))) ?? 'ko'
}

/** Fills `{name}` in a text; a name without a value stays visible, so that the mistake is seen. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** Names that a text expects, sorted. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted()
}
