/**
 * Adds up viewers over all edge Pods. A viewer's requests may go to any of them, so counts cannot be summed: each Pod
 * adds the ids it saw to a HyperLogLog shared in Redis (error 0.8 %), and its size is the count.
 */
import type { Redis } from 'ioredis'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'

/** Counts are of about so long; a viewer is told several times meanwhile. */
const bucketMs = 6_000
const expireSeconds = 10
const idsPerCommand = 1_000
/** The field all Pods write: the count is the same whoever took it, and a dead Pod leaves nothing behind. */
const field = 'all'

/** Who was present, by broadcast. */
export type Present = ReadonlyMap<string, readonly string[]>

export class ViewerReport {
  readonly #redis: Redis
  #isRunning = false

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /**
   * Tells Redis who was present at `nowMs` (wall clock: Pods share it), and publishes the joint counts.
   *
   * @returns whether it did: not while an earlier report is on its way, for a slow Redis must not be given ever more.
   */
  async send(present: Present, nowMs: number): Promise<boolean> {
    if (this.#isRunning || this.#redis.status !== 'ready' || present.size === 0) return false
    this.#isRunning = true
    try {
      await publish(this.#redis, await count(this.#redis, present, nowMs), nowMs)
      return true
    } finally {
      this.#isRunning = false
    }
  }
}

/** What Redis knows of one broadcast. */
interface Counted {
  readonly broadcast: string
  readonly now: number // seen in this bucket's time
  readonly before: number
}

/** One round trip for all broadcasts. */
async function count(redis: Redis, present: Present, nowMs: number): Promise<Counted[]> {
  const bucket = Math.floor(nowMs / bucketMs)
  const pipeline = redis.pipeline()
  const places: { broadcast: string; at: number }[] = []
  for (const [broadcast, ids] of present) {
    const [current, previous] = [bucketKey(broadcast, bucket), bucketKey(broadcast, bucket - 1)]
    for (let at = 0; at < ids.length; at += idsPerCommand) pipeline.pfadd(current, ...ids.slice(at, at + idsPerCommand))
    pipeline.expire(current, 3 * expireSeconds)
    places.push({ broadcast, at: pipeline.length })
    pipeline.pfcount(current).pfcount(previous)
  }
  const answers = (await pipeline.exec()) ?? []
  const counted: Counted[] = []
  for (const { broadcast, at } of places) {
    const [[failure, now] = [], [previousFailure, before] = []] = answers.slice(at, at + 2)
    if (!failure && !previousFailure) counted.push({ broadcast, now: Number(now), before: Number(before) })
  }
  return counted
}

async function publish(redis: Redis, counted: readonly Counted[], nowMs: number): Promise<void> {
  // Early in a bucket's time its log is nearly empty: the previous one is still the truer count.
  const isEarly = nowMs % bucketMs < bucketMs / 2
  const transaction = redis.multi()
  for (const { broadcast, now, before } of counted) {
    const key = viewersKey(broadcast)
    transaction.hset(key, field, isEarly ? Math.max(now, before) : now).expire(key, expireSeconds)
  }
  await transaction.exec()
}

const bucketKey = (broadcast: string, bucket: number) => `viewers-seen:${broadcast}:${bucket}`
