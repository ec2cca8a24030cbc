import { effect, signal } from '@preact/signals'
import { ApiProblem } from '../api/problem.ts'
import { NoAnswerError } from '../api/problem.ts'
import { fill, preferredLocale, type Locale } from './locale.ts'
import { en, type MessageKey } from './messages-en.ts'
import { ko } from './messages-ko.ts'

const storageKey = 'mytaek1.locale'
const catalogues = { en, ko }

/** The language of the page; components that read a text are drawn again when it changes. */
export const locale = signal<Locale>(
  preferredLocale(globalThis.localStorage?.getItem(storageKey) ?? null, globalThis.navigator?.languages ?? []),
)

/** A text in the visitor's language. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(catalogues[locale.value][key], values)
}

/** Goes to the other language and remembers it. */
export function toggleLocale(): void {
  locale.value = locale.value === 'ko' ? 'en' : 'ko'
  localStorage.setItem(storageKey, locale.value)
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
  if (isMessageKey(key)) return t(key)
  return t(error.status >= 500 ? 'error.internal' : 'error.unknown')
}

function explainFields({ fields }: ApiProblem): string {
  const names = fields.flatMap(({ path }) => {
    const key = `field.${path.split('.')[0] ?? ''}`
    return isMessageKey(key) ? [t(key)] : []
  })
  return names.length === 0 ? t('error.invalid_request') : t('error.invalid_fields', { fields: names.join(', ') })
}

const isMessageKey = (key: string): key is MessageKey => key in en
