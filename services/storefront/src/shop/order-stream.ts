import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import { tellFulfilmentNews } from './fulfilment-news.ts'
import { tellOfferNews } from './offer-news.ts'
import { orderStreamOpened, tellOrderNews } from './order-news.ts'

const longestPauseMs = 15_000
const silentMs = 40_000 // more than two heartbeats of the service, 15 s each

/** Holds the stream of the signed-in account's orders, bought and sold, for pages that hold no broadcast's; answers a function that ends it. */
export function holdOrderStream(): () => void {
  let source: EventSource | undefined
  let closed: (() => void) | undefined
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource('/api/commerce/v1/orders/events')
    source.addEventListener('open', () => {
      failures = 0
      closed?.()
      closed = orderStreamOpened()
      alive()
    })
    source.addEventListener('order', ({ data }) => {
      alive()
      tellOrderNews(String(data))
    })
    source.addEventListener('fulfilment', () => {
      alive()
      tellFulfilmentNews()
    })
    source.addEventListener('offer', () => {
      alive()
      tellOfferNews()
    })
    source.addEventListener(aliveEventType, alive)
    source.addEventListener('error', () => {
      closed?.() // until it is open again, waiting is asking
      if (source?.readyState === EventSource.CLOSED) again() // else the browser reconnects by itself
    })
  }
  const again = () => {
    source?.close()
    closed?.()
    failures += 1
    clearTimeout(timer)
    timer = setTimeout(open, Math.min(1_000 * 2 ** failures, longestPauseMs) * (0.7 + 0.6 * Math.random()))
  }
  // a connection whose other end is gone says nothing, not even that
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(again, silentMs)
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
    closed?.()
  }
}
