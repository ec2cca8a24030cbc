import type { Money } from '@mytaek1/contracts/money.ts'
import type { CouponNamed, OrderQuote } from '../api/model.ts'
import { quoteOrder } from '../api/shipping.ts'
import { times } from '../i18n/format.ts'
import { useResource } from '../ui/use-resource.ts'

/** What is about to be ordered; `price`: what one costs as far as the page knows. */
interface Wanted {
  productId: string
  variantId: string | undefined
  quantity: number
  broadcastId: string | undefined
  coupon: CouponNamed | undefined
  price: Money
}

/**
 * What the button says. The service is asked, for it knows the buyer's address and what else was bought in the show; where it
 * does not answer, the goods' price is said, and an order that costs something else is refused. What it says against a
 * coupon is `refusal`: nothing is ordered until another one, or none, is chosen.
 */
export function useQuote(wanted: Wanted): {
  total: Money
  quote: OrderQuote | undefined
  isReady: boolean
  refusal: unknown
  reload: () => void
} {
  const { price, ...order } = wanted
  const key = JSON.stringify(wanted)
  const { value, error, reload } = useResource(async (signal) => ({ key, quote: await quoteOrder(order, signal) }), {
    key,
  })
  const quote = value?.key === key ? value.quote : undefined
  const total = quote?.total ?? times(price, wanted.quantity)
  const refusal = wanted.coupon === undefined || quote !== undefined ? undefined : error
  const isReady = quote !== undefined || (error !== undefined && wanted.coupon === undefined)
  return { total, quote, isReady, refusal, reload }
}
