import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from './errors.ts'
import { Gather } from './gather.ts'

const keysAtOnce = 200

/** How often something may be done: `points` times within `seconds`, by one key. */
export interface Limit {
  points: number
  seconds: number
}

/** The caller did something too often; Retry-After tells when the window opens again. */
export class RateLimitedError extends AppError {
  readonly kind = 'too_many'
  readonly code = 'rate_limited'
  override readonly retryAfterSeconds: number
  constructor(what: string, limit: Limit, retryAfterSeconds: number) {
    super(`Too many ${what}: ${limit.points} within ${limit.seconds} s are allowed`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** One named limit, counted over all Pods. */
export interface RateLimit {
  /** Counts one use by `key`; throws RateLimitedError beyond the limit. */
  consume(key: string): Promise<void>
  /** Throws RateLimitedError when all uses of `key` are spent; counts none. */
  check(key: string): Promise<void>
  /** Takes one use back, where only failures count: it was counted before the outcome, so that parallel tries count. */
  giveBack(key: string): Promise<void>
  /** Forgets what `key` used, e.g. after a sign-in that succeeded. */
  forget(key: string): Promise<void>
}

/** Makes named limits over one Redis; while it does not answer, each Pod counts for itself. */
export function createRateLimits(redis: Redis): (name: string, limit: Limit) => RateLimit {
  const spent = spentReader(redis)
  return (name, limit) => {
    const budget = { keyPrefix: `limit:${name}`, points: limit.points, duration: limit.seconds }
    const limiter = new RateLimiterRedis({
      ...budget,
      storeClient: redis,
      rejectIfRedisNotReady: true, // to the insurance at once, rather than queue behind a reconnect
      insuranceLimiter: new RateLimiterMemory(budget),
    })
    return {
      consume: async (key) => {
        try {
          await limiter.consume(key)
        } catch (refusal) {
          if (!(refusal instanceof RateLimiterRes)) throw refusal
          throw new RateLimitedError(name, limit, secondsOf(refusal))
        }
      },
      check: async (key) => {
        const points = await spent(limiter.getKey(key))
        if (points !== undefined && points < limit.points) return
        const used = await limiter.get(key)
        if (used && used.consumedPoints >= limit.points) throw new RateLimitedError(name, limit, secondsOf(used))
      },
      giveBack: async (key) => {
        await limiter.reward(key)
      },
      forget: async (key) => {
        await limiter.delete(key)
      },
    }
  }
}

/**
 * What is spent of keys, of all that are asked about at once by one command; undefined while Redis does not answer. Each use of
 * the API asks, nearly all have room, and a transaction of four commands for each costs more than what it guards.
 */
function spentReader(redis: Redis): (key: string) => Promise<number | undefined> {
  const read = new Gather<string, number>({
    most: keysAtOnce,
    lanes: 2,
    isOfOne: () => false,
    work: async (keys) => (await redis.mget(...keys)).map(Number), // null is 0
  })
  return async (key) => {
    if (redis.status !== 'ready') return undefined
    return await read.add(key).catch(() => undefined)
  }
}

/** A sum by key that nothing is refused for, counted over all Pods. */
export interface Count {
  /** Adds to the sum of `key`; answers the sum, this among it. */
  add(key: string, amount: number): Promise<number>
  takeBack(key: string, amount: number): Promise<void>
}

/** Makes sums of `seconds` from their first addition, over one Redis; while it does not answer, each Pod counts for itself. */
export function createCount(redis: Redis, { name, seconds }: { name: string; seconds: number }): Count {
  const budget = { keyPrefix: `count:${name}`, points: Number.MAX_SAFE_INTEGER, duration: seconds }
  const limiter = new RateLimiterRedis({
    ...budget,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(budget),
  })
  return {
    add: async (key, amount) => (await limiter.consume(key, amount)).consumedPoints,
    takeBack: async (key, amount) => {
      await limiter.reward(key, amount)
    },
  }
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000))
