import type { Money } from '@mytaek1/contracts/money.ts'
import type { Locale } from './locale.ts'

const tags: Readonly<Record<Locale, string>> = Object.freeze({ ko: 'ko-KR', en: 'en-US' })

/**
 * Money in the visitor's language, from minor units per ISO 4217: 1299 USD is $12.99. Korean shops write won as 12,900원, which
 * no style of `Intl` gives (`name` has a space in it).
 */
export function formatMoney(money: Money, locale: Locale): string {
  if (money.currency === 'KRW' && locale === 'ko') return `${new Intl.NumberFormat(tags.ko).format(money.amount)}원`
  const format = new Intl.NumberFormat(tags[locale], { style: 'currency', currency: money.currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0
  return format.format(money.amount / 10 ** digits)
}

/** The price of several units. */
export const times = (price: Money, quantity: number): Money => ({ ...price, amount: price.amount * quantity })

/** A count with the language's separators, shortened from ten thousand on: 1.2만, 12K. */
export function formatCount(count: number, locale: Locale): string {
  const notation = count >= 10_000 ? 'compact' : 'standard'
  return new Intl.NumberFormat(tags[locale], { notation, maximumFractionDigits: 1 }).format(count)
}

/** Day and time as people say it. */
export function formatTime(iso: string, locale: Locale): string {
  return new Intl.DateTimeFormat(tags[locale], { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

/** Seconds as a clock: 65 is 1:05. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
