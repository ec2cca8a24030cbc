import type { Money } from '@mytaek1/contracts/money.ts'
import type { Deal } from '@mytaek1/contracts/live-events.ts'
import { lowered } from './lowered-price.ts'
import { useSecondsLeft } from './countdown.tsx'

/** What one costs of so many, as far as the page knows: at the deal's price while it runs and has units for all of them. */
export function useDealPrice(price: Money, deal: Deal | null | undefined, quantity: number): Money {
  const runs = useSecondsLeft(deal?.endsAt ?? '') > 0
  return (runs && deal && quantity <= deal.remaining && lowered(price, deal)) || price
}
