import type { Knex } from 'knex'
import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { NotFoundError } from '@mytaek1/platform/errors.ts'
import { queryOf } from '@mytaek1/platform/mysql-session.ts'
import type { CouponNamed } from '../catalog/coupons.ts'
import { shippingRuleShape, presentRule } from '../catalog/shipping-rule.ts'
import { discountOf } from '../inventory/coupon.ts'
import { readCoupons } from '../inventory/coupon-rows.ts'
import { Deals } from '../inventory/deal.ts'
import { readDeals } from '../inventory/deal-rows.ts'
import { totalMax } from '../inventory/decide-batch.ts'
import { limitedBy } from '../inventory/order-request.ts'
import { findPaidInShow, paidInShowOf } from '../inventory/paid-in-show.ts'
import { shippingOfItems, type Shipping } from '../inventory/shipping.ts'
import { readStocks, type ForSale } from '../inventory/stock-row.ts'
import { CouponRefusedError, MixedCurrenciesError, MixedSellersError, TotalTooLargeError } from './order-errors.ts'
import { couponOf, withOnlyVariant, wanted, type NewItem } from './place-order.ts'
import { soldOf } from './schema.ts'

/** What an order would cost now. */
export const quoteShape = z
  .object({
    goods: moneyShape,
    shipping: moneyShape,
    discount: moneyShape.describe('what the coupon takes off the goods'),
    total: moneyShape.describe('what to give as `expectedTotal`'),
    isRemote: z.boolean().describe('`shipping` is that of a remote area'),
    rule: shippingRuleShape.nullable().describe('by which rule it is sent; null: that costs nothing'),
  })
  .meta({ id: 'OrderQuote' })
export type Quote = z.infer<typeof quoteShape>

/** What is asked about: as an order has it. */
export interface QuotedOrder {
  buyerId: string
  items: readonly NewItem[]
  broadcastId: string | null
  isRemote: boolean
  coupon: CouponNamed | undefined
}

/**
 * What an order would cost now, by the same rules as its transaction decides; nothing is locked or held.
 *
 * @throws {CouponRefusedError | NotFoundError | VariantRequiredError | MixedSellersError | MixedCurrenciesError | TotalTooLargeError}
 */
export async function quoteOrder(db: Knex, order: QuotedOrder): Promise<Quote> {
  const { buyerId, broadcastId, isRemote } = order
  const items = await namingVariants(db, order.items)
  const query = queryOf(db)
  const sold = await forSale(db, buyerId, items)
  const [first] = sold
  if (first === undefined) throw new RangeError('An order of nothing') // the schema refuses it
  const { currency } = first
  if (sold.some((each) => each.currency !== currency)) throw new MixedCurrenciesError()
  const inShow = { buyerId, broadcastId }
  const hasCap = sold.some(({ shipping }) => typeof shipping?.showCapAmount === 'number')
  const paid = hasCap ? await findPaidInShow(query, [inShow]) : new Map()
  const priced = sold.map(({ unitAmount, quantity, shipping: rule }) => ({ amount: unitAmount * quantity, rule }))
  const shipping = shippingOfItems(priced, { isRemote, paidInShow: paidInShowOf(paid, inShow) })
  const goods = priced.reduce((sum, { amount }) => sum + amount, 0)
  if (goods + (shipping?.amount ?? 0) > totalMax) throw new TotalTooLargeError(items)
  const now = Math.max(...sold.map((each) => each.now))
  const discount = await discountFor(db, order, { goodsAmount: goods, currency, now })
  const rule = priced.find((each) => each.rule !== undefined)?.rule
  return present({ goods, shipping, discount, currency, rule: rule === undefined ? null : presentRule(rule, currency) })
}

async function discountFor(
  db: Knex,
  order: QuotedOrder,
  goods: { goodsAmount: number; currency: string; now: number },
): Promise<number> {
  const { buyerId } = order
  const couponId = await couponOf(db, order)
  if (couponId === undefined) return 0
  const [coupon] = await readCoupons(queryOf(db), order.items[0]?.productId ?? '', [{ buyerId, couponId }])
  const discount = discountOf(coupon, { ...goods, buyerId })
  if (typeof discount !== 'number') throw new CouponRefusedError(discount)
  return discount
}

function present(quote: {
  goods: number
  shipping: Shipping | undefined
  discount: number
  currency: string
  rule: Quote['rule']
}): Quote {
  const { goods, shipping, discount, currency, rule } = quote
  const { amount = 0, isRemote = false } = shipping ?? {}
  const money = (of: number) => ({ amount: of, currency })
  const total = money(goods + amount - discount)
  return { goods: money(goods), shipping: money(amount), discount: money(discount), total, isRemote, rule }
}

async function namingVariants(db: Knex, items: readonly NewItem[]): Promise<readonly NewItem[]> {
  const unnamed = items.filter((item) => soldOf(item) === item.productId).map(({ productId }) => productId)
  const withOptions: string[] = await db('products').whereIn('id', unnamed).whereNotNull('options').pluck('id')
  let named = items
  for (const productId of withOptions) named = await withOnlyVariant(db, named, productId)
  return named
}

interface Sold extends ForSale {
  quantity: number
  now: number
}

async function forSale(db: Knex, buyerId: string, items: readonly NewItem[]): Promise<Sold[]> {
  const sellers: string[] = await db('products').whereIn('id', items.map(soldOf)).distinct().pluck('seller_id')
  const asked = items.map(wanted)
  const whole = asked.map(limitedBy) // whose deals lower what is asked for
  const stocks = await readStocks(queryOf(db), [...new Set([...items.map(soldOf), ...whole])])
  const rows = new Map(stocks.map((row) => [row.productId, row]))
  const sold = asked.map(({ productId, variantOf, quantity }) => {
    const row = rows.get(productId)
    if (!row?.forSale || row.variantOf !== variantOf) throw new NotFoundError('product for sale', productId)
    return { ...row.forSale, quantity, now: row.now }
  })
  if (sellers.length > 1) throw new MixedSellersError()
  const deals = new Deals(
    await readDeals(
      queryOf(db),
      whole.flatMap((id) => rows.get(id) ?? []),
      [{ buyerId }],
    ),
  )
  const lowered = deals.of(
    buyerId,
    sold.map((line, n) => ({ dealOf: whole[n] ?? '', ...line })),
  )
  return sold.map((line, n) => ({ ...line, unitAmount: line.unitAmount - (lowered[n]?.offAmount ?? 0) }))
}
