/** What a viewer sees move, as a value: each event gives the next one. */
import type { Money } from '@mytaek1/contracts/money.ts'
import type { ChatMessage, ChatSettings, Deal, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import type { Broadcast, BroadcastState, Product } from '../api/model.ts'

const chatLimit = 200 // messages kept on screen
const hiddenLimit = 100

export interface StockLevel {
  stock: number
  version: number
}

/** What a product costs at a revision of it. */
export interface ProductPrice {
  price: Money
  revision: number
}

export type { ChatMessage } from '@mytaek1/contracts/live-events.ts'

export interface LiveState {
  stock: ReadonlyMap<string, StockLevel>
  /** Of variants that changed since the page is open, by their ids. */
  variantStock: ReadonlyMap<string, StockLevel>
  prices: ReadonlyMap<string, ProductPrice>
  /** The latest deals, over or not, by their products. */
  deals: ReadonlyMap<string, Deal>
  pinnedProductIds: readonly string[]
  /** What viewers are shown, in order; undefined: as the broadcast was read. */
  tray: { revision: number; productIds: readonly string[] } | undefined
  chat: readonly ChatMessage[] // oldest first
  hidden: readonly string[] // ids that were taken away: one's own message may be answered after that
  chatSettings: ChatSettings
  viewers: number
  hearts: number
  state: BroadcastState
}

export const emptyLiveState: LiveState = {
  stock: new Map(),
  variantStock: new Map(),
  prices: new Map(),
  deals: new Map(),
  pinnedProductIds: [],
  tray: undefined,
  chat: [],
  hidden: [],
  chatSettings: { revision: 0, frozen: false, slowSeconds: 0, notice: null },
  viewers: 0,
  hearts: 0,
  state: 'open',
}

/** Applies one event. Stock or a price that is not newer changes nothing, so a screen never goes back in time. */
export function applyEvent(live: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'stock':
      return { ...live, stock: withLevel(live.stock, event.data.productId, event.data) }
    case 'variant_stock':
      return { ...live, variantStock: withLevel(live.variantStock, event.data.variantId, event.data) }
    case 'price':
      return { ...live, prices: withPrice(live.prices, event.data.productId, event.data) }
    case 'deal':
      return { ...live, deals: withDeal(live.deals, event.data) }
    case 'pin':
      return { ...live, pinnedProductIds: event.data.productIds ?? oneOrNone(event.data.productId) }
    case 'tray':
      return event.data.revision > (live.tray?.revision ?? 0) ? { ...live, tray: event.data } : live
    case 'chat':
      return live.hidden.includes(event.data.id) ? live : { ...live, chat: withMessage(live.chat, event.data) }
    case 'chat_hidden':
      return withoutMessages(live, event.data)
    case 'chat_settings':
      return event.data.revision > live.chatSettings.revision ? { ...live, chatSettings: event.data } : live
    case 'hearts':
      return event.data.hearts > live.hearts ? { ...live, hearts: event.data.hearts } : live
    case 'viewers':
      return { ...live, viewers: event.data.viewers }
    case 'state':
      return live.state === 'ended' ? live : { ...live, state: event.data.state } // no broadcast comes back from its end
  }
}

/** Takes a broadcast as the API read it; stock and prices only where it is newer than what events brought. */
export function applySnapshot(live: LiveState, broadcast: Broadcast): LiveState {
  let { stock, prices, deals } = live
  for (const product of broadcast.products) {
    stock = withLevel(stock, product.id, product)
    prices = withPrice(prices, product.id, product)
    if (product.deal) deals = withDeal(deals, product.deal)
  }
  return {
    ...live,
    stock,
    prices,
    deals,
    pinnedProductIds: broadcast.pinnedProductIds,
    viewers: broadcast.viewers,
    hearts: Math.max(live.hearts, broadcast.hearts),
    state: live.state === 'ended' ? 'ended' : broadcast.state,
  }
}

/** The products that viewers are shown now, in order: by the newest that was told or read. */
export function trayOf(live: LiveState, broadcast: Broadcast): readonly Product[] {
  const { products, trayRevision } = broadcast
  if (live.tray === undefined || live.tray.revision <= trayRevision) return products
  return live.tray.productIds.flatMap((id) => products.find((product) => product.id === id) ?? [])
}

/** Whether something is shown that has to be read first. */
export function lacksProducts(live: LiveState, broadcast: Broadcast): boolean {
  const told = live.tray?.revision ?? 0
  return told > broadcast.trayRevision && trayOf(live, broadcast).length < (live.tray?.productIds.length ?? 0)
}

const oneOrNone = (id: string | null) => (id === null ? [] : [id])

/** What had been said by then: beside a recording the chat goes by the picture. Undefined is now. */
export function chatUntil(chat: readonly ChatMessage[], atMs: number | undefined): readonly ChatMessage[] {
  return atMs === undefined ? chat : chat.filter(({ at }) => Date.parse(at) <= atMs)
}

function withLevel(levels: ReadonlyMap<string, StockLevel>, productId: string, { stock, version }: StockLevel) {
  const known = levels.get(productId)
  if (known !== undefined && known.version >= version) return levels
  return new Map(levels).set(productId, { stock, version })
}

function withPrice(prices: ReadonlyMap<string, ProductPrice>, productId: string, { price, revision }: ProductPrice) {
  const known = prices.get(productId)
  if (known !== undefined && known.revision >= revision) return prices
  return new Map(prices).set(productId, { price, revision })
}

function withDeal(deals: ReadonlyMap<string, Deal>, deal: Deal) {
  const known = deals.get(deal.productId)
  const isOld = known && (known.id === deal.id ? known.revision >= deal.revision : known.id > deal.id)
  return isOld ? deals : new Map(deals).set(deal.productId, deal)
}

function withMessage(chat: readonly ChatMessage[], message: ChatMessage): readonly ChatMessage[] {
  if (chat.some((known) => known.id === message.id)) return chat // a resumed feed repeats what came before
  return [...chat, message].slice(-chatLimit)
}

function withoutMessages(live: LiveState, { id, authorId }: { id: string; authorId?: string | undefined }): LiveState {
  const isGone = (message: ChatMessage) =>
    message.id === id || (authorId !== undefined && message.author?.id === authorId)
  const gone = live.chat.filter(isGone).map((message) => message.id)
  return {
    ...live,
    chat: live.chat.filter((message) => !isGone(message)),
    hidden: [...live.hidden, id, ...gone].slice(-hiddenLimit),
  }
}
