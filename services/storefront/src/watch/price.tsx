import type { Money } from '@mytaek1/contracts/money.ts'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import { formatMoney } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { lazyPage } from '../ui/lazy-page.tsx'

// shows have deals now and then: what one looks like is loaded by whoever is shown one
const DealPrice = lazyPage(async () => (await import('./deal-price.tsx')).DealPrice, { waiting: null })

/** What one costs: usually, and beside it, while a deal of it runs, at the deal's price, which strikes the usual one through. */
export function Price({ price, deal }: { price: Money; deal: Deal | null | undefined }) {
  return (
    <>
      <span class="usual">{formatMoney(price, locale.value)}</span> {deal && <DealPrice price={price} deal={deal} />}
    </>
  )
}
