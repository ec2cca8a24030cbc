import type { Money } from '@mytaek1/contracts/money.ts'
import type { OrderQuote } from '../api/model.ts'
import { quoteOrder } from '../api/shipping.ts'
import { times } from '../i18n/format.ts'
import { useResource } from '../ui/use-resource.ts'

/** What is about to be ordered; `price`: what one costs as far as the page knows. */
interface Wanted {
  productId: string
  variantId: string | undefined
  quantity: number
  broadcastId: string | undefined
  price: Money
}

/**
 * What the button says. The service is asked, for it knows the buyer's address and what else was bought in the show; where it
 * does not answer, the goods' price is said, and an order that costs something else is refused.
 */
export function useQuote(wanted: Wanted): {
  total: Money
  quote: OrderQuote | undefined
  isReady: boolean
  reload: () => void
} {
  const { price, ...order } = wanted
  const key = JSON.stringify(wanted)
  const { value, error, reload } = useResource(async (signal) => ({ key, quote: await quoteOrder(order, signal) }), {
    key,
  })
  const quote = value?.key === key ? value.quote : undefined
  const total = quote?.total ?? times(price, wanted.quantity)
  return { total, quote, isReady: quote !== undefined || error !== undefined, reload }
}
