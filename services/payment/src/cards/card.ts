import { z } from 'zod'
import { passesLuhn } from './luhn.ts'

/** A card as its holder typed it. It lives in memory only: never in SQL, Redis, events, logs or errors. */
export const cardShape = z.strictObject({
  number: z
    .string()
    .transform((value) => value.replaceAll(/[ -]/g, ''))
    .pipe(
      z
        .string()
        .regex(/^\d{12,19}$/, 'must have 12 to 19 digits')
        .refine(passesLuhn, 'is not a card number'),
    ),
  expiryMonth: z.number().int().min(1).max(12),
  expiryYear: z.number().int().min(2000).max(2100),
  cvc: z.string().regex(/^\d{3,4}$/, 'must have 3 or 4 digits'),
})
export type Card = z.infer<typeof cardShape>

/** The part of a card that may be stored and shown. */
export interface CardSummary {
  brand: string
  last4: string
}

// First digits by scheme, as the schemes publish them; the first match counts.
const brands: readonly [brand: string, prefix: RegExp][] = [
  ['visa', /^4/],
  ['mastercard', /^(5[1-5]|2[2-7])/],
  ['amex', /^3[47]/],
  ['jcb', /^35/],
  ['unionpay', /^62/],
]

export function summarize(card: Card): CardSummary {
  const brand = brands.find(([, prefix]) => prefix.test(card.number))?.[0] ?? 'other'
  return { brand, last4: card.number.slice(-4) }
}

/** Whether the card's last month is over at `now` (UTC). */
export function isExpired(card: Card, now: Date): boolean {
  return now.getTime() >= Date.UTC(card.expiryYear, card.expiryMonth, 1)
}
