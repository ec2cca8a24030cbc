/**
 * News of the signed-in buyer's orders, from whatever stream the page holds: a broadcast's, or the orders' own. Who waits for an
 * order's payment is woken by it; while no stream is open, waiting is asking.
 */
import type { OrderEvent } from '@mytaek1/contracts/live-events.ts'

const heardMs = 15_000 // between questions while a stream is open: for what was told in the moment it was not
const firstMs = 500 // a first question comes early: the news may have come before anybody listened
const unreadMax = 100

type News = OrderEvent['data']

const listeners = new Set<(news: News | undefined) => void>()
const unread = new Set<string>() // orders whose news nobody has waited for yet
let openStreams = 0

/** A stream says what happened to an order. */
export function tellOrderNews(text: string): void {
  const news = parse(text)
  if (news === undefined) return
  if (unread.size < unreadMax) unread.add(news.orderId)
  for (const listener of listeners) listener(news)
}

/** A stream is open: what happened before is not told again, so it is read. Answers a function for when it is not any more. */
export function orderStreamOpened(): () => void {
  let open = true
  openStreams += 1
  for (const listener of listeners) listener(undefined)
  return () => {
    if (open) openStreams -= 1
    open = false
  }
}

/** Calls back with each piece of news, and with undefined when some may have been missed. */
export function onOrderNews(listener: (news: News | undefined) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Resolves when there is news of an order, or it is time to ask again: after `ms` if no stream is open, rarely if one is. */
export function orderNewsOrTime(orderId: string, ms: number): Promise<void> {
  if (unread.delete(orderId)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stop()
      unread.delete(orderId)
      resolve()
    }
    const timer = setTimeout(done, openStreams > 0 && ms > firstMs ? heardMs : ms)
    const stop = onOrderNews((news) => {
      if (news === undefined || news.orderId === orderId) done()
    })
  })
}

// Data that is not as the contract says is an older or newer server's: the order is read sooner or later anyway.
function parse(text: string): News | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isNews =
      typeof value === 'object' && value !== null && 'orderId' in value && typeof value.orderId === 'string'
    return isNews ? (value as News) : undefined // the border: only the id is relied on
  } catch {
    return undefined
  }
}
