import type { Redis } from 'ioredis'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'

/**
 * How many watch each broadcast, summed over the edge Pods; none while no Redis answers.
 *
 * @param masters independent ones: the edge tells all of them, so each knows at most what there is, and the highest is true.
 */
export async function viewersOf(
  masters: readonly Redis[],
  broadcastIds: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  if (broadcastIds.length === 0) return counts
  const ready = masters.filter(({ status }) => status === 'ready')
  for (const answers of await Promise.all(ready.map((master) => countsOf(master, broadcastIds)))) {
    for (const [index, id] of broadcastIds.entries()) {
      const count = answers[index]
      if (count !== undefined) counts.set(id, Math.max(count, counts.get(id) ?? 0))
    }
  }
  return counts
}

/** What one master knows, in the order of `broadcastIds`; nothing where it does not answer. */
async function countsOf(redis: Redis, broadcastIds: readonly string[]): Promise<(number | undefined)[]> {
  const pipeline = redis.pipeline()
  for (const id of broadcastIds) pipeline.hvals(viewersKey(id))
  const answers = (await pipeline.exec().catch(() => null)) ?? []
  return answers.map(([error, values]) => (error ? undefined : sum(values)))
}

function sum(values: unknown): number {
  if (!Array.isArray(values)) return 0
  return values.reduce<number>((total, value) => total + (Number.parseInt(String(value), 10) || 0), 0)
}
