import type { Money } from '@mytaek1/contracts/money.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { couponText } from './coupon-texts.ts'
import { shippingText } from './shipping-texts.ts'

/** What a total is made of, where it is of more than the goods. */
export function SumRows({ sum }: { sum: { shipping: Money; discount: Money; total: Money; isRemote?: boolean } }) {
  const { shipping, discount, total, isRemote = false } = sum
  if (shipping.amount === 0 && discount.amount === 0) return null
  const goods = { ...total, amount: total.amount - shipping.amount + discount.amount }
  const sending = shippingText(isRemote ? 'shipping.rowRemote' : 'shipping.row')
  const rows: [string, Money, string?][] = [
    [shippingText('shipping.goods'), goods],
    ...(discount.amount > 0 ? [[couponText('coupon.row'), discount, '−'] as [string, Money, string]] : []),
    ...(shipping.amount > 0 ? [[sending, shipping] as [string, Money]] : []),
    [shippingText('shipping.total'), total],
  ]
  return (
    <dl class="sum-rows small" data-testid={testIds.sumRows}>
      {rows.map(([name, money, sign = '']) => (
        <div key={name} class="row row-apart">
          <dt>{name}</dt>
          <dd>
            {sign}
            {formatMoney(money, locale.value)}
          </dd>
        </div>
      ))}
    </dl>
  )
}
