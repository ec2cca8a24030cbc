import type { Context } from 'koa'
import { ownRefreshCookie } from '../accounts/refresh-cookie.ts'
import { sessionOfToken } from '../accounts/session.ts'
import type { Inventory } from '../inventory/engine.ts'
import type { EventStream } from '../live/event-stream.ts'
import { Hearts } from '../live/hearts.ts'
import { LiveFeed } from '../live/live-feed.ts'
import { offerNews } from '../live/offer-news.ts'
import { OrderNews } from '../live/order-news.ts'
import type { LiveDeps } from '../live/routes.ts'
import { viewersOf } from '../live/viewer-counts.ts'
import { ViewerMinutes } from '../live/viewer-minutes.ts'
import type { Shared } from './shared.ts'

// of one viewer: with ten in a request, ten hearts a second
const heartRequests = 10
const heartSeconds = 10

/** What viewers and buyers hear of as it happens. */
export interface Live {
  feed: LiveFeed
  orderNews: OrderNews
  hearts: Hearts
  viewersOf: (broadcastIds: readonly string[]) => Promise<Map<string, number>>
  /** Open connections, which never end by themselves. */
  streams: Set<EventStream>
}

/** Connects viewers to the changes of all Pods. */
export function startLive(shared: Shared, inventory: Inventory): Live {
  const { config, clock, db, redis, firstRedis, subscriber, log, endedSessions, onClose } = shared
  const countViewers = (ids: readonly string[]) => viewersOf(redis, ids)
  const hearts = new Hearts({ db, redis: firstRedis })
  const feed = new LiveFeed({
    db,
    hearts,
    minutes: new ViewerMinutes({ db, clock }),
    redis: firstRedis,
    subscriber,
    viewersOf: countViewers,
    log,
    maxListeners: config.LIVE_MAX_LISTENERS,
    maxListenersPerAddress: config.LIVE_MAX_LISTENERS_PER_ADDRESS,
  })
  inventory.onChange((change) => feed.takeStock(change))
  onClose(() => feed.close())
  const orderNews = new OrderNews({ redis: firstRedis, subscriber, log, isEnded: (id) => endedSessions.has(id) })
  onClose(() => orderNews.close())
  inventory.onOffers((change) => orderNews.tell(offerNews(change)))
  return { feed, orderNews, hearts, viewersOf: countViewers, streams: new Set() }
}

/** What the endpoints of events work with. */
export function liveDeps({ db, log, clock, limit }: Shared, live: Live): LiveDeps {
  return {
    feed: live.feed,
    orderNews: live.orderNews,
    sessionOf: async (ctx: Context) => {
      const token = ownRefreshCookie(ctx)
      return token === undefined ? undefined : await sessionOfToken(db, token, clock())
    },
    hearts: live.hearts,
    log,
    limits: { hearts: limit('hearts', { points: heartRequests, seconds: heartSeconds }) },
    streams: live.streams,
  }
}
