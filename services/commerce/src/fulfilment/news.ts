import type { FulfilmentEvent } from '@mytaek1/contracts/live-events.ts'
import type { Fulfilment } from './fulfilment.ts'

/** Who is told what. */
export interface FulfilmentNews {
  accountId: string
  event: FulfilmentEvent
}

/** Tells accounts, on whatever Pod their streams are; not waited for. */
export type TellAccounts = (news: readonly FulfilmentNews[]) => void

/**
 * What a change is to its buyer and to its seller: which order, and how far it is. Whoever may see more reads it. A seller
 * of many orders at once is told of one: the list that it makes somebody read has all of them.
 */
export function newsOf(changed: readonly Pick<Fulfilment, 'orderId' | 'buyerId' | 'sellerId' | 'state'>[]) {
  const news: FulfilmentNews[] = []
  const sellers = new Set<string>()
  for (const { orderId, buyerId, sellerId, state } of changed) {
    news.push({ accountId: buyerId, event: { type: 'fulfilment', data: { orderId, state, as: 'buyer' } } })
    if (sellers.has(sellerId)) continue
    sellers.add(sellerId)
    news.push({ accountId: sellerId, event: { type: 'fulfilment', data: { orderId, state, as: 'seller' } } })
  }
  return news
}
