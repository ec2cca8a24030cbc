import type { Redis } from 'ioredis'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'

/** How many watch each broadcast, summed over the edge Pods; none while Redis does not answer. */
export async function viewersOf(redis: Redis, broadcastIds: readonly string[]): Promise<Map<string, number>> {
  if (broadcastIds.length === 0 || redis.status !== 'ready') return new Map()
  const pipeline = redis.pipeline()
  for (const id of broadcastIds) pipeline.hvals(viewersKey(id))
  const answers = (await pipeline.exec().catch(() => null)) ?? []
  return new Map(broadcastIds.map((id, index) => [id, sum(answers[index]?.[1])]))
}

function sum(values: unknown): number {
  if (!Array.isArray(values)) return 0
  return values.reduce<number>((total, value) => total + (Number.parseInt(String(value), 10) || 0), 0)
}
