import type { StockChange } from '../inventory/stock-row.ts'
import type { OrderNewsItem } from './order-news.ts'

/** What buyers are told for whom a change of stock keeps a unit. */
export function offerNews({ productId: variantId, variantOf: productId = variantId, offers = [] }: StockChange) {
  return offers.map(({ buyerId: accountId, until }): OrderNewsItem => {
    const offeredUntil = new Date(until).toISOString()
    return { accountId, event: { type: 'offer', data: { productId, variantId, offeredUntil } } }
  })
}
