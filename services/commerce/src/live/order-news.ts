/**
 * What happens to orders, told to their buyers and nobody else, on whatever Pod their streams are: one Redis channel a buyer,
 * subscribed to while one listens here. Nothing is kept: who was away reads the orders again, as after any reconnect.
 */
import type { Redis } from 'ioredis'
import { aliveEventType, type OrderEvent } from '@mytaek1/contracts/live-events.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Listener } from './room.ts'

const heartbeatMs = 15_000
const heartbeat = Buffer.from(`event: ${aliveEventType}\ndata: {}\n\n`)
const channelOf = (buyerId: string) => `buyer:${buyerId}:orders`

/** News of one order, and whose it is. */
export interface OrderNewsItem {
  buyerId: string
  event: OrderEvent
}

export class OrderNews {
  readonly #redis: Redis
  readonly #subscriber: Redis
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>() // by channel
  readonly #alone = new Set<Listener>() // streams of nothing else, which nobody else keeps open
  readonly #timer: NodeJS.Timeout

  /** @param deps.subscriber a connection in subscriber mode; it may be shared. */
  constructor(deps: { redis: Redis; subscriber: Redis; log: Logger }) {
    this.#redis = deps.redis
    this.#subscriber = deps.subscriber
    this.#log = deps.log
    deps.subscriber.on('message', (channel: string, message: string) => this.#hear(channel, message))
    this.#timer = setInterval(() => {
      for (const listener of this.#alone) listener.write(heartbeat)
    }, heartbeatMs)
  }

  /**
   * Adds a listener to a buyer's orders.
   *
   * @param options.alone its stream is of nothing else: it is written to now and then, so that it stays open.
   * @returns a function that takes it away again.
   */
  listen(buyerId: string, listener: Listener, options: { alone: boolean }): () => void {
    const channel = channelOf(buyerId)
    const known = this.#listeners.get(channel)
    if (known === undefined) {
      this.#listeners.set(channel, new Set([listener]))
      this.#subscriber.subscribe(channel).catch(() => undefined) // ioredis subscribes again when Redis is back
    } else known.add(listener)
    if (options.alone) this.#alone.add(listener)
    return () => {
      this.#alone.delete(listener)
      const listeners = this.#listeners.get(channel)
      listeners?.delete(listener)
      if (listeners?.size !== 0) return
      this.#listeners.delete(channel)
      this.#subscriber.unsubscribe(channel).catch(() => undefined) // a message too many is dropped
    }
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
    this.#listeners.clear()
    this.#alone.clear()
  }

  #hear(channel: string, message: string): void {
    const listeners = this.#listeners.get(channel)
    if (listeners === undefined) return
    const frame = Buffer.from(`event: order\ndata: ${message}\n\n`) // JSON has no line breaks of its own
    for (const listener of listeners) listener.write(frame)
  }
}
