/**
 * Adds up viewers over all edge Pods. A viewer's requests may go to any of them, so counts cannot be summed: each Pod
 * adds the ids it saw to a HyperLogLog shared in Redis (error 0.8 %), and its size is the count.
 */
import type { Redis } from 'ioredis'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { viewerWindowMs } from './viewers.ts'

const expireSeconds = 10
const idsPerCommand = 1_000
/** The field all Pods write: the count is the same whoever took it, and a dead Pod leaves nothing behind. */
const field = 'all'

/** Tells Redis who was present at `nowMs` (wall clock: Pods share it), and publishes the joint counts. */
export async function reportViewers(
  redis: Redis,
  present: ReadonlyMap<string, readonly string[]>,
  nowMs: number,
): Promise<void> {
  if (redis.status !== 'ready' || present.size === 0) return
  const bucket = Math.floor(nowMs / viewerWindowMs)
  for (const [broadcast, ids] of present) {
    const [current, previous] = [bucketKey(broadcast, bucket), bucketKey(broadcast, bucket - 1)]
    const pipeline = redis.pipeline()
    for (let at = 0; at < ids.length; at += idsPerCommand) pipeline.pfadd(current, ...ids.slice(at, at + idsPerCommand))
    pipeline.expire(current, 3 * expireSeconds)
    // Early in a window the current log is nearly empty: the previous one is still the truer count.
    pipeline.pfcount(current).pfcount(previous)
    const answers = (await pipeline.exec()) ?? []
    const [now, before] = answers.slice(-2).map(([, count]) => Number(count))
    const elapsed = (nowMs % viewerWindowMs) / viewerWindowMs
    const viewers = elapsed < 0.5 ? Math.max(now ?? 0, before ?? 0) : (now ?? 0)
    const key = viewersKey(broadcast)
    await redis.multi().hset(key, field, viewers).expire(key, expireSeconds).exec()
  }
}

const bucketKey = (broadcast: string, bucket: number) => `viewers-seen:${broadcast}:${bucket}`
