import type { Money } from '@mytaek1/contracts/money.ts'

/** An amount as people write it, without sign or separators: 12900 of KRW, 12.99 of USD. */
export function decimalOf({ amount, currency }: Money): string {
  const digits = fractionDigits(currency)
  if (digits === 0) return `${amount}`
  const unit = 10 ** digits
  return `${Math.trunc(amount / unit)}.${`${amount % unit}`.padStart(digits, '0')}`
}

/** The amount in minor units that somebody wrote; undefined: no number, or one with more decimals than the currency has. */
export function amountOf(text: string, currency: string): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,13})(?:\.(\d{1,4}))?$/.exec(text) ?? []
  const digits = fractionDigits(currency)
  const given = fraction.replace(/0+$/, '')
  if (whole === undefined || given.length > digits) return undefined
  return Number(whole) * 10 ** digits + Number(given.padEnd(digits, '0'))
}

const fractionDigits = (currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
