import { z } from 'zod'
import { currencies } from './currencies.ts'

/** The most that one amount may be, in minor units: sums of a million of them stay whole numbers. */
export const maxAmount = 1_000_000_000_000

/**
 * An amount in the currency's minor unit (ISO 4217): `{amount: 12900, currency: "KRW"}` is 12,900 won,
 * `{amount: 1299, currency: "USD"}` is 12.99 dollars.
 */
export const moneyShape = z
  .strictObject({
    amount: z.number().int().min(0).max(maxAmount),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { abort: true })
      .refine((code) => currencies.has(code), 'must be the code of a currency in use (ISO 4217)'),
  })
  .meta({ id: 'Money' })
export type Money = z.infer<typeof moneyShape>
