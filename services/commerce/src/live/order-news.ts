/**
 * What happens to orders, told to their buyers and nobody else, on whatever Pod their streams are: one Redis channel a buyer,
 * subscribed to while one listens here. Nothing is kept: who was away reads the orders again, as after any reconnect. A stream
 * is told no more once its session has ended, by whatever window or person.
 */
import type { Redis } from 'ioredis'
import { aliveEventType, type OrderEvent } from '@mytaek1/contracts/live-events.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { EventStream } from './event-stream.ts'
import { TooManyStreamsError } from './too-many-streams.ts'

const heartbeatMs = 15_000
const heartbeat = Buffer.from(`event: ${aliveEventType}\ndata: {}\n\n`)
const alonePerAccount = 20 // of one account on one Pod: far more than anybody has windows
const channelOf = (buyerId: string) => `buyer:${buyerId}:orders`

/** News of one order, and whose it is. */
export interface OrderNewsItem {
  buyerId: string
  event: OrderEvent
}

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
  readonly #hearings = new Map<string, Set<Hearing>>() // by channel
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
      for (const channel of this.#hearings.keys()) this.#write(channel, heartbeat, ({ alone }) => alone)
    }, heartbeatMs)
  }

  /**
   * Adds a stream to a buyer's orders, for as long as its session lasts.
   *
   * @param options.alone the stream is of nothing else: it is written to now and then, so that it stays open, and ends with
   *   the session.
   * @returns a function that takes it away again.
   * @throws {TooManyStreamsError} of one that is alone: the account has as many.
   */
  listen({ accountId, sessionId }: Hearer, stream: Hearing['stream'], { alone }: { alone: boolean }): () => void {
    const channel = channelOf(accountId)
    const known = this.#hearings.get(channel)
    const others = [...(known ?? [])].filter((each) => each.alone).length
    if (alone && others >= alonePerAccount) throw new TooManyStreamsError(others, 'of this account')
    const hearing = { stream, sessionId, alone }
    if (known === undefined) {
      this.#hearings.set(channel, new Set([hearing]))
      this.#subscriber.subscribe(channel).catch(() => undefined) // ioredis subscribes again when Redis is back
    } else known.add(hearing)
    return () => this.#leave(channel, hearing)
  }

  /** Tells buyers, on all Pods; not waited for: whom it does not reach sees the order's row sooner or later. */
  tell(news: readonly OrderNewsItem[]): void {
    if (news.length === 0) return
    const told = this.#redis.pipeline()
    for (const { buyerId, event } of news) told.publish(channelOf(buyerId), JSON.stringify(event.data))
    told.exec().catch((error: unknown) => this.#log.warn('orders.news_not_told', { orders: news.length, error }))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#hearings.clear()
  }

  #leave(channel: string, hearing: Hearing): void {
    const hearings = this.#hearings.get(channel)
    if (!hearings?.delete(hearing) || hearings.size > 0) return
    this.#hearings.delete(channel)
    this.#subscriber.unsubscribe(channel).catch(() => undefined) // a message too many is dropped
  }

  #hear(channel: string, message: string): void {
    if (!this.#hearings.has(channel)) return
    this.#write(channel, Buffer.from(`event: order\ndata: ${message}\n\n`)) // JSON has no line breaks of its own
  }

  #write(channel: string, frame: Buffer, isFor: (hearing: Hearing) => boolean = () => true): void {
    for (const hearing of this.#hearings.get(channel) ?? []) {
      if (this.#isEnded(hearing.sessionId)) {
        this.#leave(channel, hearing)
        if (hearing.alone) hearing.stream.end()
      } else if (isFor(hearing)) hearing.stream.write(frame)
    }
  }
}
