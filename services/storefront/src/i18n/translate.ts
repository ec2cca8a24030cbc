import { batch, effect, signal } from '@preact/signals'
import { ApiProblem } from '../api/problem.ts'
import { NoAnswerError } from '../api/problem.ts'
import { fill, preferredLocale, type Locale } from './locale.ts'
import type { MessageKey } from './messages-en.ts'

type Catalogue = Readonly<Record<MessageKey, string>>

const storageKey = 'mytaek1.locale'
const load: Readonly<Record<Locale, () => Promise<Catalogue>>> = Object.freeze({
  ko: async () => (await import('./messages-ko.ts')).ko,
  en: async () => (await import('./messages-en.ts')).en,
})
const catalogue = signal<Catalogue | undefined>(undefined)

/** The language of the page; components that read a text are drawn again when it changes. */
export const locale = signal<Locale>(
  preferredLocale(globalThis.localStorage?.getItem(storageKey) ?? null, globalThis.navigator?.languages ?? []),
)

/** A text in the visitor's language; its key where no language is loaded yet. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(catalogue.value?.[key] ?? key, values)
}

/** Loads the texts of a language, which nobody needs of the others, and goes to it. Call once before anything is drawn. */
export async function loadLocale(wanted: Locale = locale.value): Promise<void> {
  const texts = await load[wanted]()
  batch(() => {
    locale.value = wanted
    catalogue.value = texts
  })
}

/** Goes to the other language and remembers it; stays with this one where the other does not come. */
export function toggleLocale(): void {
  const other = locale.value === 'ko' ? 'en' : 'ko'
  loadLocale(other).then(
    () => localStorage.setItem(storageKey, other),
    () => undefined,
  )
}

/** Keeps `<html lang>` true, for screen readers and line breaking. */
export function followLocale(): void {
  effect(() => {
    document.documentElement.lang = locale.value
  })
}

/**
 * Why something failed, in the visitor's language and never in the service's words: those are English, for who reads its logs.
 * Each code that the services' documents name has a text (the type of `en`); any other, and a proxy's page, a general one.
 */
export function explain(error: unknown): string {
  if (error instanceof NoAnswerError) return t('error.no_answer')
  if (!(error instanceof ApiProblem)) return t('error.unknown')
  const key = `error.${error.code}`
  if (error.code === 'invalid_request') return explainFields(error)
  const timed = `${key}_for` // the same with how long
  if (error.retryAfterSeconds !== undefined && isMessageKey(timed))
    return t(timed, { time: lengthOf(error.retryAfterSeconds) })
  if (isMessageKey(key)) return t(key)
  return t(error.status >= 500 ? 'error.internal' : 'error.unknown')
}

function lengthOf(seconds: number): string {
  const minutes = seconds >= 60
  const format = { style: 'unit', unit: minutes ? 'minute' : 'second', unitDisplay: 'long' } as const
  return new Intl.NumberFormat(locale.value, format).format(minutes ? Math.ceil(seconds / 60) : seconds)
}

function explainFields({ fields }: ApiProblem): string {
  const names = fields.flatMap(({ path }) => {
    const key = `field.${path.split('.')[0] ?? ''}`
    return isMessageKey(key) ? [t(key)] : []
  })
  return names.length === 0 ? t('error.invalid_request') : t('error.invalid_fields', { fields: names.join(', ') })
}

const isMessageKey = (key: string): key is MessageKey => key in (catalogue.value ?? {})
