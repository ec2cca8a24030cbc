import type { Knex } from 'knex'
import { z } from 'zod'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { lineOfText } from '../text.ts'
import { Account } from './account.ts'

/** Weights of a Korean business number's digits; the last digit makes their sum a multiple of ten. */
const weights = [1, 3, 7, 1, 3, 7, 1, 3, 5]

/** Whether ten digits are a business number (사업자등록번호): the last one checks the others. */
export function isBusinessNumber(digits: string): boolean {
  if (!/^\d{10}$/.test(digits)) return false
  const given = Array.from(digits, Number)
  const sum = weights.reduce((total, weight, n) => total + weight * (given[n] ?? 0), 0)
  const carried = Math.floor(((given[8] ?? 0) * 5) / 10)
  return (10 - ((sum + carried) % 10)) % 10 === given[9]
}

/** What a shop shows of its seller (전자상거래법 제10조, 제13조). */
export const businessShape = z
  .strictObject({
    name: lineOfText(1, 100).describe('상호'),
    representative: lineOfText(1, 50).describe('대표자'),
    businessNumber: z
      .string()
      .max(20)
      .overwrite((text) => text.replaceAll('-', ''))
      .refine(isBusinessNumber, 'is no business number')
      .describe('사업자등록번호, ten digits'),
    mailOrderNumber: lineOfText(1, 40).describe('통신판매업 신고번호'),
    address: lineOfText(1, 200),
    phone: z.string().regex(/^[\d+-]{7,20}$/),
  })
  .meta({ id: 'SellerBusiness' })
type Business = z.infer<typeof businessShape>

/** Notes whose business an account's is, in place of what it said before. */
export async function noteBusiness(db: Knex, accountId: string, business: Business, now: Date): Promise<void> {
  const { businessNumber, mailOrderNumber, ...same } = business
  const row = { ...same, business_number: businessNumber, mail_order_number: mailOrderNumber, updated_at: now }
  await db('seller_businesses')
    .insert({ account_id: accountId, ...row })
    .onConflict('account_id')
    .merge()
}

/** A seller as everybody sees one; null: the seller did not say whose business it is. */
export const sellerShape = z
  .object({ id: z.string(), displayName: z.string(), business: businessShape.nullable() })
  .meta({ id: 'Seller' })

/** @throws {NotFoundError} there is no such account, or it may not sell. */
export async function readSeller(db: Knex, accountId: string): Promise<z.infer<typeof sellerShape>> {
  const account = await Account.query(db).findById(accountId).whereNot('role', 'viewer')
  if (account === undefined) throw new NotFoundError('seller', accountId)
  const business = await readBusiness(db, accountId).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null
    throw error
  })
  return { id: account.id, displayName: account.displayName, business }
}

/** @throws {NotFoundError} the account did not say. */
export async function readBusiness(db: Knex, accountId: string): Promise<Business> {
  const row: unknown = await db('seller_businesses').where({ account_id: accountId }).first()
  if (row === undefined) throw new NotFoundError('business', accountId)
  const { business_number: businessNumber, mail_order_number: mailOrderNumber, ...same } = rowShape.parse(row)
  return { ...same, businessNumber, mailOrderNumber }
}

const text = z.string()
const rowShape = z.object({
  name: text,
  representative: text,
  business_number: text,
  mail_order_number: text,
  address: text,
  phone: text,
})
