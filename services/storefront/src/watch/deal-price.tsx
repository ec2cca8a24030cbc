import type { Money } from '@mytaek1/contracts/money.ts'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import { formatClock, formatCount, formatMoney } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { dealText } from '../shop/deal-texts.ts'
import { lowered } from '../shop/lowered-price.ts'
import { useSecondsLeft } from '../shop/countdown.tsx'
import { testIds } from '../testing/test-ids.ts'
import '../styles/deal.css' // oxlint-disable-line import/no-unassigned-import -- styles have no names

/** The price of a deal that runs, how many units there are of it and for how long; nothing of one that is over. */
export function DealPrice({ price, deal }: { price: Money; deal: Deal }) {
  const seconds = useSecondsLeft(deal.endsAt)
  const less = lowered(price, deal)
  if (seconds === 0 || less === undefined) return null
  const { productId, remaining } = deal
  if (remaining === 0) return <span class="deal-facts">{dealText('gone')}</span>
  return (
    <span class="deal" data-testid={testIds.deal(productId)} data-remaining={remaining} data-seconds={seconds}>
      <span class="visually-hidden">{dealText('price')}</span> <b>{formatMoney(less, locale.value)}</b>{' '}
      <span class="deal-facts">
        {dealText('left', { count: formatCount(remaining, locale.value) })} · {formatClock(seconds)}
      </span>
    </span>
  )
}
