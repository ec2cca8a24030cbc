import type { Knex } from 'knex'
import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import type { ShippingRule } from '../inventory/shipping.ts'

const amountMax = 1_000_000_000 // minor units: a total stays an amount of money

const amountShape = moneyShape.refine(({ amount }) => amount <= amountMax, `must be at most ${amountMax}`)

/** What sending costs, as a seller says it. All amounts are in one currency; orders in another one are sent for nothing. */
export const shippingRuleShape = z
  .strictObject({
    fee: amountShape.describe('for each order'),
    freeOver: moneyShape.nullable().describe('no fee when what is sent costs as much; null: there always is'),
    remoteSurcharge: amountShape.describe(
      'what Jeju and islands cost more, by the postal code of a Korean address, whether the rest is free or not',
    ),
    showCap: amountShape
      .nullable()
      .describe(
        'what a buyer pays at most for all orders of a show, the surcharge coming on top once; the same as `fee`: once; null: for each order',
      ),
  })
  .superRefine((rule, ctx) => {
    for (const [field, money] of Object.entries(rule)) {
      if (money === null || money.currency === rule.fee.currency) continue
      ctx.addIssue({
        code: 'custom',
        path: [field, 'currency'],
        message: `Must be ${rule.fee.currency}, that of the fee`,
      })
    }
  })
  .meta({ id: 'ShippingRule' })
export type ShippingRuleView = z.infer<typeof shippingRuleShape>

interface RuleRow {
  currency: string
  fee_amount: number
  free_over_amount: number | null
  remote_amount: number
  show_cap_amount: number | null
}

/** A seller's rule; null: sending costs nothing. */
export async function readShippingRule(db: Knex, sellerId: string): Promise<ShippingRuleView | null> {
  const row: RuleRow | undefined = await db('shipping_rules').where('seller_id', sellerId).first()
  if (row === undefined) return null
  const rule = {
    feeAmount: row.fee_amount,
    freeOverAmount: row.free_over_amount,
    remoteAmount: row.remote_amount,
    showCapAmount: row.show_cap_amount,
  }
  return presentRule(rule, row.currency)
}

/** Sets a seller's rule for orders that are made from now on; null: sending costs nothing. */
export async function setShippingRule(
  { db, now }: { db: Knex; now: Date },
  sellerId: string,
  rule: ShippingRuleView | null,
): Promise<void> {
  if (rule === null) {
    await db('shipping_rules').where('seller_id', sellerId).delete()
    return
  }
  const columns = {
    currency: rule.fee.currency,
    fee_amount: rule.fee.amount,
    free_over_amount: rule.freeOver?.amount ?? null,
    remote_amount: rule.remoteSurcharge.amount,
    show_cap_amount: rule.showCap?.amount ?? null,
    updated_at: now,
  }
  await db('shipping_rules')
    .insert({ seller_id: sellerId, ...columns })
    .onConflict('seller_id')
    .merge(columns)
}

/** A rule as everybody sees it. */
export function presentRule(rule: ShippingRule, currency: string): ShippingRuleView {
  const money = (amount: number) => ({ amount, currency })
  const orNull = (amount: number | null) => (amount === null ? null : money(amount))
  return {
    fee: money(rule.feeAmount),
    freeOver: orNull(rule.freeOverAmount),
    remoteSurcharge: money(rule.remoteAmount),
    showCap: orNull(rule.showCapAmount),
  }
}
