import type { Knex } from 'knex'
import { z } from 'zod'
import { maxAmount, moneyShape } from '@mytaek1/contracts/money.ts'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { isDuplicateKey } from '@mytaek1/platform/mysql.ts'
import { idShape } from '../ids.ts'
import { lineOfText } from '../text.ts'

const listMax = 200
/** The seller of what the platform gives: its coupons are for every seller's goods. */
export const platform = ''

const codeShape = z
  .string()
  .max(40)
  .overwrite((text) => text.trim().toUpperCase())
  .refine((text) => /^[0-9A-Z-]{3,32}$/.test(text), 'must be 3 to 32 letters, digits and hyphens')

/** Which coupon an order uses: by the code that its buyer knows, or one that everybody is shown. */
export const couponNamedShape = z
  .union([z.strictObject({ code: codeShape }), z.strictObject({ id: idShape })])
  .meta({ id: 'CouponNamed' })
export type CouponNamed = z.infer<typeof couponNamedShape>

const timeShape = z.iso
  .datetime()
  .refine((text) => text >= '2000' && text < '9999', 'must be between the years 2000 and 9998')

const ofShape = {
  name: lineOfText(1, 100),
  code: codeShape.nullable().describe('null: everybody is shown it, and uses it without a code'),
  minimum: moneyShape.describe('what the goods cost at least, and the currency of the coupon'),
  amount: moneyShape.nullable().describe('what it takes off the goods; null: `percent` does'),
  percent: z.number().int().min(1).max(100).nullable(),
  maxDiscount: moneyShape.nullable().describe('of a percentage: what it takes off at most; null: no bound'),
  startsAt: timeShape,
  endsAt: timeShape,
  total: z.number().int().min(1).max(10_000_000).nullable().describe('how often it can be used; null: without bound'),
  backOnRefund: z.boolean().describe('whether a buyer whose order is refunded as a whole may use it again'),
}

/** What a seller, or the platform, makes known. */
export const newCouponShape = z
  .strictObject({
    ...ofShape,
    isPlatform: z.boolean().default(false).describe('for every seller’s goods; of an admin'),
  })
  .superRefine(({ amount, percent, maxDiscount, minimum, startsAt, endsAt }, ctx) => {
    const refuse = (path: string[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    if ((amount === null) === (percent === null)) refuse(['percent'], 'Either this or amount')
    if (amount !== null && maxDiscount !== null) refuse(['maxDiscount'], 'Only of a percentage')
    if (amount?.amount === 0) refuse(['amount', 'amount'], 'Must be more than nothing')
    for (const [field, money] of Object.entries({ amount, maxDiscount })) {
      if (money !== null && money.currency !== minimum.currency)
        refuse([field, 'currency'], `Must be ${minimum.currency}, that of the minimum`)
    }
    if (Date.parse(endsAt) <= Date.parse(startsAt)) refuse(['endsAt'], 'Must be after startsAt')
  })
  .meta({ id: 'NewCoupon' })
export type NewCoupon = z.infer<typeof newCouponShape>

export const couponShape = z
  .object({ id: z.string(), isPlatform: z.boolean(), ...ofShape, used: z.number().int().min(0) })
  .meta({ id: 'Coupon' })
export const couponsShape = z.object({ items: z.array(couponShape) })
export const shownCouponShape = couponShape
  .omit({ used: true, code: true, total: true })
  .extend({ isUsedUp: z.boolean() })
  .meta({ id: 'ShownCoupon' })
export const shownCouponsShape = z.object({ items: z.array(shownCouponShape) })

/** Another coupon of the seller's has the code. */
export class CouponCodeTakenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'coupon_code_taken'
  constructor(code: string) {
    super(`Another coupon has the code ${code}`)
  }
}

interface CouponRow {
  id: string
  seller_id: string
  code: string | null
  name: string
  currency: string
  amount: number | null
  percent: number | null
  max_amount: number | null
  min_amount: number
  starts_at: Date
  ends_at: Date
  total: number | null
  used: number
  back_on_refund: number
}

/** Makes a coupon known; `sellerId` is `platform` for the platform's. @throws {CouponCodeTakenError} */
export async function createCoupon(
  { db, now }: { db: Knex; now: Date },
  sellerId: string,
  coupon: NewCoupon,
): Promise<z.infer<typeof couponShape>> {
  const id = newId('cpn', now.getTime())
  try {
    await db('coupons').insert({
      id,
      seller_id: sellerId,
      code: coupon.code,
      name: coupon.name,
      currency: coupon.minimum.currency,
      amount: coupon.amount?.amount ?? null,
      percent: coupon.percent,
      max_amount: coupon.maxDiscount?.amount ?? null,
      min_amount: Math.min(coupon.minimum.amount, maxAmount),
      starts_at: new Date(coupon.startsAt),
      ends_at: new Date(coupon.endsAt),
      total: coupon.total,
      back_on_refund: coupon.backOnRefund,
      created_at: now,
    })
  } catch (error) {
    if (isDuplicateKey(error)) throw new CouponCodeTakenError(coupon.code ?? '')
    throw error
  }
  return await readCoupon(db, { id, sellerId })
}

/** Ends a coupon now; orders that used it keep what it took off. @throws {NotFoundError} */
export async function endCoupon(
  { db, now }: { db: Knex; now: Date },
  coupon: { id: string; sellerId: string },
): Promise<z.infer<typeof couponShape>> {
  const own = { id: coupon.id, seller_id: coupon.sellerId }
  await db('coupons').where(own).where('ends_at', '>', now).update({ ends_at: now })
  return await readCoupon(db, coupon)
}

async function readCoupon(db: Knex, { id, sellerId }: { id: string; sellerId: string }) {
  const row: CouponRow | undefined = await db('coupons').where({ id, seller_id: sellerId }).first()
  if (row === undefined) throw new NotFoundError('coupon', id)
  return present(row)
}

/** A seller's own, or the platform's, the newest first. */
export async function listCoupons(db: Knex, sellerId: string): Promise<z.infer<typeof couponShape>[]> {
  const rows: CouponRow[] = await db('coupons').where('seller_id', sellerId).orderBy('id', 'desc').limit(listMax)
  return rows.map(present)
}

/** What everybody may use of a seller's goods now, without a code: the seller's and the platform's. */
export async function shownCoupons(db: Knex, sellerId: string, now: Date): Promise<z.infer<typeof shownCouponShape>[]> {
  const rows: CouponRow[] = await db('coupons')
    .whereIn('seller_id', [platform, sellerId])
    .whereNull('code')
    .where('starts_at', '<=', now)
    .where('ends_at', '>', now)
    .orderBy('id', 'desc')
    .limit(20)
  return rows.map((row) => {
    const { used, code: _code, total, ...coupon } = present(row)
    return { ...coupon, isUsedUp: total !== null && used >= total }
  })
}

/** The id of the coupon that an order of these goods names; undefined: there is none that it can mean. */
export async function findCouponId(db: Knex, named: CouponNamed, productId: string): Promise<string | undefined> {
  const query = db('coupons').where((its) => {
    void its
      .where('seller_id', platform)
      .orWhere('seller_id', db('products').where('id', productId).select('seller_id'))
  })
  if ('code' in named) void query.where('code', named.code)
  else void query.where('id', named.id).whereNull('code')
  // a seller's own before the platform's of the same code
  const row = await query.orderBy('seller_id', 'desc').first<{ id: string } | undefined>('id')
  return row?.id
}

function present(row: CouponRow): z.infer<typeof couponShape> {
  const { currency } = row
  const money = (amount: number | null) => (amount === null ? null : { amount, currency })
  return {
    id: row.id,
    isPlatform: row.seller_id === platform,
    name: row.name,
    code: row.code,
    minimum: { amount: row.min_amount, currency },
    amount: money(row.amount),
    percent: row.percent,
    maxDiscount: money(row.max_amount),
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    total: row.total,
    backOnRefund: Boolean(row.back_on_refund),
    used: row.used,
  }
}
