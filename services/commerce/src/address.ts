import { z } from 'zod'
import { idShape } from './ids.ts'
import { lineOfText } from './text.ts'

const koreanPostalCode = /^\d{5}$/
const anyPostalCode = /^[0-9A-Za-z][0-9A-Za-z -]{0,11}$/

/** Where goods go. A Korean postal code has five digits; other countries have codes of many kinds, or none. */
export const addressShape = z
  .strictObject({
    recipient: lineOfText(1, 50),
    phone: z
      .string()
      .trim()
      .regex(/^\+?[0-9][0-9 ()-]{6,22}$/, 'must be a telephone number: digits, spaces, brackets and hyphens'),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .default('KR')
      .describe('ISO 3166-1 alpha-2'),
    postalCode: z.string().trim().max(12).default(''),
    roadAddress: lineOfText(1, 200),
    detail: lineOfText(0, 100).default('').describe('floor, flat, door code'),
    memo: lineOfText(0, 100).default('').describe('for whoever delivers it'),
  })
  .superRefine(({ country, postalCode }, ctx) => {
    const korean = country === 'KR'
    const fits = korean ? koreanPostalCode.test(postalCode) : postalCode === '' || anyPostalCode.test(postalCode)
    if (fits) return
    const message = korean ? 'must be five digits' : 'must be letters, digits, spaces and hyphens'
    ctx.addIssue({ code: 'custom', path: ['postalCode'], message })
  })
  .meta({ id: 'Address' })
export type Address = z.infer<typeof addressShape>

/** Where an order is to go: an address of its buyer's book, the default one if there is any, or one that is given for it alone. */
export const destinationShape = z
  .union([
    z.strictObject({ addressId: idShape.describe('of the address book') }),
    z.strictObject({ default: z.literal(true).describe('the default of the address book; without one none') }),
    addressShape,
  ])
  .meta({ id: 'Destination' })
export type Destination = z.infer<typeof destinationShape>

/** An address as its rows have it. */
export interface AddressColumns {
  recipient: string
  phone: string
  country: string
  postal_code: string
  road_address: string
  detail: string
  memo: string
}

/** The columns of an address. */
export const columnsOf = ({ postalCode, roadAddress, ...same }: Address): AddressColumns => ({
  recipient: same.recipient,
  phone: same.phone,
  country: same.country,
  postal_code: postalCode,
  road_address: roadAddress,
  detail: same.detail,
  memo: same.memo,
})

/** The address of columns. */
export const addressOf = ({ postal_code: postalCode, road_address: roadAddress, ...row }: AddressColumns): Address => ({
  recipient: row.recipient,
  phone: row.phone,
  country: row.country,
  postalCode,
  roadAddress,
  detail: row.detail,
  memo: row.memo,
})
