import type { Redis } from 'ioredis'
import type { Context, Middleware } from 'koa'
import type { SharedReads } from './shared-reads.ts'

const channel = 'shared-reads'
const everything = '*'

/**
 * Has every Pod forget what a change made old, so that a screen that heard of the change by an event is not told the old
 * once more by another Pod. While Redis is away what a Pod shares is a second old at most.
 */
export class SharedReadsNews {
  #reads: SharedReads
  #redis: Redis

  constructor({ reads, redis, subscriber }: { reads: SharedReads; redis: Redis; subscriber: Redis }) {
    this.#reads = reads
    this.#redis = redis
    subscriber.on('message', (from: string, message: string) => {
      if (from === channel) this.#forget(message)
    })
    subscriber.subscribe(channel).catch(() => undefined) // ioredis subscribes again when Redis is back
  }

  /** Something of a broadcast changed, here; undefined: of what many show. */
  changed(broadcastId?: string): void {
    const what = broadcastId ?? everything
    this.#forget(what)
    this.#redis.publish(channel, what).catch(() => undefined)
  }

  #forget(what: string): void {
    if (what === everything) this.#reads.forget()
    else this.#reads.forgetBroadcast(what)
  }
}

/** Has forgotten what is shared when a product or a broadcast was changed here, before the answer says so. */
export function forgetAfterChanges(news: SharedReadsNews): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.method === 'GET' || ctx.method === 'HEAD' || ctx.status >= 400) return
    const route = typeof ctx.state.route === 'string' ? ctx.state.route : ''
    if (/^\/products\b/.test(route)) news.changed()
    // a message of the chat changes nothing that is shared, and there are many
    else if (/^\/broadcasts\b/.test(route) && !route.includes('/chat')) news.changed(broadcastOf(ctx))
  }
}

// of a new one nobody has an answer yet, but lists have to show it
const broadcastOf = (ctx: Context): string => /\/broadcasts\/([^/]+)/.exec(ctx.path)?.[1] ?? ''
