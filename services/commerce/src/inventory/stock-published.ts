import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { duplicateForSubscribe } from '@mytaek1/platform/redis.ts'
import type { StockChange } from './stock-row.ts'

/** Redis channel of every committed change of stock: `{"productId", "stock", "version"}`, and of a variant `"variantOf"`. */
export const stockChannel = 'stock'

const stockChangeShape = z.object({
  productId: z.string(),
  stock: z.number().int(),
  version: z.number().int(),
  variantOf: z.string().optional(),
})

/**
 * Tells every process about a committed change, through every Redis master: one that is down is passed over.
 * Delivery is at most once: who must not miss a change reads the rows.
 */
export function publishStock({ redis }: { redis: readonly Redis[] }, change: StockChange): void {
  const { productId, stock, version, variantOf } = change
  const message = JSON.stringify({ productId, stock, version, variantOf })
  for (const client of redis) void client.publish(stockChannel, message).catch(() => 0) // the version repairs a loss
}

/** A subscription to changes of stock. */
export interface StockSubscription {
  /** Whether it hears every master now. */
  isFed(): boolean
  stop(): void
}

/** Hears about changes of stock, in any order and, with three masters, up to three times each. */
export function subscribeStock(
  { redis, log }: { redis: readonly Redis[]; log: Logger },
  onChange: (change: StockChange) => void,
): StockSubscription {
  let stopped = false
  const hearing = new Set<Redis>()
  const subscribers = redis.map((client) => {
    const subscriber = duplicateForSubscribe(client, log)
    subscriber.on('message', (_channel: string, message: string) => {
      const parsed = stockChangeShape.safeParse(parse(message))
      if (parsed.success) onChange(parsed.data)
    })
    subscriber.on('close', () => hearing.delete(subscriber))
    // not `autoResubscribe` alone: what counts is that the server has confirmed it
    subscriber.on('ready', () => {
      subscriber.subscribe(stockChannel).then(
        () => hearing.add(subscriber),
        (error: unknown) => stopped || log.warn('stock.not_subscribed', { error }),
      )
    })
    return subscriber
  })
  return {
    isFed: () => hearing.size === redis.length,
    stop: () => {
      stopped = true
      for (const subscriber of subscribers) subscriber.disconnect()
    },
  }
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
