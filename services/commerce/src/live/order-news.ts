/**
 * What happens to orders, told to their buyers, and of their way to their sellers, and to nobody else, on whatever Pod their
 * streams are: Redis channels of an account, subscribed to while one listens here. Nothing is kept: who was away reads the orders again, as after any reconnect. A stream
 * is told no more once its session has ended, by whatever window or person.
 */
import type { Redis } from 'ioredis'
import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import type { FulfilmentEvent, OfferEvent, OrderEvent } from '@mytaek1/contracts/live-events.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { EventStream } from './event-stream.ts'
import { TooManyStreamsError } from './too-many-streams.ts'

const heartbeatMs = 15_000
const heartbeat = Buffer.from(`event: ${aliveEventType}\ndata: {}\n\n`)
const alonePerAccount = 20 // of one account on one Pod: far more than anybody has windows
// a channel for each type: a process of the version before takes all that comes on the first one for news of payments
const channelOf = (accountId: string, type: News['type']) =>
  type === 'order' ? `buyer:${accountId}:orders` : `account:${accountId}:${type}s`
const types = ['order', 'fulfilment', 'offer'] as const

type News = OrderEvent | FulfilmentEvent | OfferEvent

/** News of one order, and whose it is: the buyer's, or of a fulfilment the seller's; or of what is kept for somebody. */
export type OrderNewsItem =
  | { buyerId: string; event: OrderEvent }
  | { accountId: string; event: FulfilmentEvent | OfferEvent }

/** Whose a stream is. */
export interface Hearer {
  accountId: string
  sessionId: string
}

interface Hearing {
  stream: Pick<EventStream, 'write' | 'end'>
  sessionId: string
  alone: boolean // the stream is of nothing else: it is kept open and ended from here
}

export class OrderNews {
  readonly #redis: Redis
  readonly #subscriber: Redis
  readonly #log: Logger
  readonly #isEnded: (sessionId: string) => boolean
  readonly #hearings = new Map<string, Set<Hearing>>() // by account
  readonly #channels = new Map<string, { accountId: string; type: News['type'] }>()
  readonly #timer: NodeJS.Timeout

  /**
   * @param deps.subscriber a connection in subscriber mode; it may be shared.
   * @param deps.isEnded whether a session ended within the last minutes, on whatever Pod.
   */
  constructor(deps: { redis: Redis; subscriber: Redis; log: Logger; isEnded: (sessionId: string) => boolean }) {
    this.#redis = deps.redis
    this.#subscriber = deps.subscriber
    this.#log = deps.log
    this.#isEnded = deps.isEnded
    deps.subscriber.on('message', (channel: string, message: string) => this.#hear(channel, message))
    this.#timer = setInterval(() => {
      for (const accountId of this.#hearings.keys()) this.#write(accountId, heartbeat, ({ alone }) => alone)
    }, heartbeatMs)
  }

  /**
   * Adds a stream to an account's orders, for as long as its session lasts.
   *
   * @param options.alone the stream is of nothing else: it is written to now and then, so that it stays open, and ends with
   *   the session.
   * @returns a function that takes it away again.
   * @throws {TooManyStreamsError} of one that is alone: the account has as many.
   */
  listen({ accountId, sessionId }: Hearer, stream: Hearing['stream'], { alone }: { alone: boolean }): () => void {
    const known = this.#hearings.get(accountId)
    const others = [...(known ?? [])].filter((each) => each.alone).length
    if (alone && others >= alonePerAccount) throw new TooManyStreamsError(others, 'of this account')
    const hearing = { stream, sessionId, alone }
    if (known === undefined) {
      this.#hearings.set(accountId, new Set([hearing]))
      const channels = types.map((type) => channelOf(accountId, type))
      for (const [n, type] of types.entries()) this.#channels.set(channels[n] ?? '', { accountId, type })
      this.#subscriber.subscribe(...channels).catch(() => undefined) // ioredis subscribes again when Redis is back
    } else known.add(hearing)
    return () => this.#leave(accountId, hearing)
  }

  /** Tells accounts, on all Pods; not waited for: whom it does not reach sees the order's row sooner or later. */
  tell(news: readonly OrderNewsItem[]): void {
    if (news.length === 0) return
    const told = this.#redis.pipeline()
    for (const item of news) {
      const accountId = 'buyerId' in item ? item.buyerId : item.accountId
      told.publish(channelOf(accountId, item.event.type), JSON.stringify(item.event.data))
    }
    told.exec().catch((error: unknown) => this.#log.warn('orders.news_not_told', { orders: news.length, error }))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#hearings.clear()
    this.#channels.clear()
  }

  #leave(accountId: string, hearing: Hearing): void {
    const hearings = this.#hearings.get(accountId)
    if (!hearings?.delete(hearing) || hearings.size > 0) return
    this.#hearings.delete(accountId)
    const channels = types.map((type) => channelOf(accountId, type))
    for (const channel of channels) this.#channels.delete(channel)
    this.#subscriber.unsubscribe(...channels).catch(() => undefined) // a message too many is dropped
  }

  #hear(channel: string, message: string): void {
    const heard = this.#channels.get(channel)
    if (heard === undefined) return
    // JSON has no line breaks of its own
    this.#write(heard.accountId, Buffer.from(`event: ${heard.type}\ndata: ${message}\n\n`))
  }

  #write(accountId: string, frame: Buffer, isFor: (hearing: Hearing) => boolean = () => true): void {
    for (const hearing of this.#hearings.get(accountId) ?? []) {
      if (this.#isEnded(hearing.sessionId)) {
        this.#leave(accountId, hearing)
        if (hearing.alone) hearing.stream.end()
      } else if (isFor(hearing)) hearing.stream.write(frame)
    }
  }
}
