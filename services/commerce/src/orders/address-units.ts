import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

/** Counts the units of a product that came to an address lately: what hold-limits.ts judges an address by. */
export interface AddressUnits {
  /** Counts a request's units before it is decided, so that requests at once count; answers the sum, these among it. */
  take(address: string, productId: string, units: number): Promise<number>
  /** The request got nothing, or had its order before. */
  giveBack(address: string, productId: string, units: number): Promise<void>
}

/** Makes the count over one Redis, for as long as a reservation lasts; while Redis does not answer each Pod counts for itself. */
export function createAddressUnits(redis: Redis, seconds: number): AddressUnits {
  const budget = { keyPrefix: 'held-by-address', points: Number.MAX_SAFE_INTEGER, duration: seconds }
  const limiter = new RateLimiterRedis({
    ...budget,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(budget),
  })
  const keyOf = (address: string, productId: string) => `${address} ${productId}`
  return {
    take: async (address, productId, units) => (await limiter.consume(keyOf(address, productId), units)).consumedPoints,
    giveBack: async (address, productId, units) => {
      await limiter.reward(keyOf(address, productId), units)
    },
  }
}
