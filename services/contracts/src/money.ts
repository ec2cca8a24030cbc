import { z } from 'zod'

/**
 * An amount in the currency's minor unit (ISO 4217): `{amount: 12900, currency: "KRW"}` is 12,900 won,
 * `{amount: 1299, currency: "USD"}` is 12.99 dollars.
 */
export const moneyShape = z
  .strictObject({
    amount: z.number().int().min(0).max(1_000_000_000_000),
    currency: z.string().regex(/^[A-Z]{3}$/),
  })
  .meta({ id: 'Money' })
export type Money = z.infer<typeof moneyShape>
