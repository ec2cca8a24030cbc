import type { CardDetails } from '../api/model.ts'

/** What a card form holds, as typed. */
export interface CardText {
  number: string
  expiry: string
  cvc: string
}

/** The field that is wrong. */
export type CardField = keyof CardText

/** Groups a card number as it is printed: four digits each, 4-6-5 for American Express. At most 19 digits. */
export function groupCardNumber(text: string): string {
  const digits = text.replaceAll(/\D/g, '').slice(0, 19)
  const sizes = /^3[47]/.test(digits) ? [4, 6, 5] : [4, 4, 4, 4, 3]
  const groups: string[] = []
  let from = 0
  for (const size of sizes) {
    if (from < digits.length) groups.push(digits.slice(from, from + size))
    from += size
  }
  return groups.join(' ')
}

/** Writes an expiry as MM/YY while it is typed; `1` waits, `4` becomes `04/`. */
export function groupExpiry(text: string): string {
  let digits = text.replaceAll(/\D/g, '')
  if (digits.length === 6) digits = digits.slice(0, 2) + digits.slice(4) // MM/YYYY from an autofill
  digits = /^[2-9]/.test(digits) ? `0${digits}` : digits
  return digits.length > 2 ? `${digits.slice(0, 2)}/${digits.slice(2, 4)}` : digits
}

/**
 * Reads a card form; the wrong fields when it cannot be a card.
 *
 * @param now for the expiry: a card is good until the end of its month.
 */
export function readCard(text: CardText, now: Date): { card: CardDetails } | { wrong: CardField[] } {
  const number = text.number.replaceAll(/\D/g, '')
  const [, month = '', year = ''] = /^(\d\d)\/(\d\d)$/.exec(groupExpiry(text.expiry)) ?? []
  const expiryMonth = Number(month)
  const expiryYear = 2000 + Number(year)
  const cvc = text.cvc.trim()
  const over = now.getTime() >= Date.UTC(expiryYear, expiryMonth, 1)
  const wrong: CardField[] = []
  if (number.length < 12 || number.length > 19 || !passesLuhn(number)) wrong.push('number')
  if (month === '' || expiryMonth < 1 || expiryMonth > 12 || over) wrong.push('expiry')
  if (!/^\d{3,4}$/.test(cvc)) wrong.push('cvc')
  return wrong.length > 0 ? { wrong } : { card: { number, expiryMonth, expiryYear, cvc } }
}

/** The check digit of ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  const sum = digits
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
      return total + (value > 9 ? value - 9 : value)
    }, 0)
  return sum % 10 === 0
}
