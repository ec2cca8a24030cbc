import type { Money } from '@mytaek1/contracts/money.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { shippingText } from './shipping-texts.ts'

/** What a total is made of, where sending is a part of it. */
export function SumRows({ sum }: { sum: { shipping: Money; total: Money; isRemote?: boolean } }) {
  const { shipping, total, isRemote = false } = sum
  if (shipping.amount === 0) return null
  const goods = { ...total, amount: total.amount - shipping.amount }
  return (
    <dl class="sum-rows small" data-testid={testIds.sumRows}>
      {(
        [
          ['shipping.goods', goods],
          [isRemote ? 'shipping.rowRemote' : 'shipping.row', shipping],
          ['shipping.total', total],
        ] as const
      ).map(([name, money]) => (
        <div key={name} class="row row-apart">
          <dt>{shippingText(name)}</dt>
          <dd>{formatMoney(money, locale.value)}</dd>
        </div>
      ))}
    </dl>
  )
}
