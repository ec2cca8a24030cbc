/**
 * Adds up viewers over all edge Pods. A viewer's requests may go to any of them, so counts cannot be summed: each Pod
 * adds the ids it saw to a HyperLogLog shared in Redis (error 0.8 %), and its size is the count.
 *
 * A block of addresses counts so many viewers at most. Each Pod keeps to that, and blocks of which a Pod sees many have a
 * HyperLogLog of their own: by how much one is too large all Pods together, whoever finds it notes for all.
 */
import type { ChainableCommander, Redis } from 'ioredis'
import { viewersKey } from '@mytaek1/contracts/live-events.ts'
import { mostViewersPerBlock } from './viewers.ts'

/** Counts are of about so long; a viewer is told several times meanwhile. */
const bucketMs = 6_000
const expireSeconds = 10
const idsPerCommand = 1_000
/** The field all Pods write: the count is the same whoever took it, and a dead Pod leaves nothing behind. */
const field = 'all'

/** Who was present, by broadcast. */
export type Present = ReadonlyMap<string, readonly string[]>
/** Who of each block of addresses that has many here, by broadcast. */
export type Crowds = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

export class ViewerReport {
  readonly #redis: Redis
  readonly #mostPerBlock: number
  #isRunning = false

  constructor(redis: Redis, { mostPerBlock = mostViewersPerBlock }: { mostPerBlock?: number } = {}) {
    this.#redis = redis
    this.#mostPerBlock = mostPerBlock
  }

  /**
   * Tells Redis who was present at `nowMs` (wall clock: Pods share it), and publishes the joint counts.
   *
   * @returns whether it did: not while an earlier report is on its way, for a slow Redis must not be given ever more.
   */
  async send(present: Present, nowMs: number, crowds: Crowds = new Map()): Promise<boolean> {
    if (this.#isRunning || this.#redis.status !== 'ready' || present.size === 0) return false
    this.#isRunning = true
    try {
      const seen = { present, crowds, bucket: Math.floor(nowMs / bucketMs) }
      await publish(this.#redis, await count(this.#redis, seen, this.#mostPerBlock), nowMs)
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
  /** By how much a block of this bucket is too large, as found just now. */
  readonly excess: ReadonlyMap<string, number>
}

/** What of the answers is one broadcast's. */
interface Place {
  readonly broadcast: string
  readonly at: number
  readonly blocks: readonly string[]
}

/** One round trip for all broadcasts. */
async function count(
  redis: Redis,
  { present, crowds, bucket }: { present: Present; crowds: Crowds; bucket: number },
  mostPerBlock: number,
): Promise<Counted[]> {
  const pipeline = redis.pipeline()
  const places: Place[] = []
  for (const [broadcast, ids] of present) {
    const [current, previous] = [bucketKey(broadcast, bucket), bucketKey(broadcast, bucket - 1)]
    note(pipeline, current, ids)
    const blocks = crowds.get(broadcast) ?? new Map<string, readonly string[]>()
    for (const [block, crowd] of blocks) note(pipeline, blockKey(current, block), crowd)
    places.push({ broadcast, at: pipeline.length, blocks: [...blocks.keys()] })
    pipeline.pfcount(current).pfcount(previous).hgetall(excessKey(current)).hvals(excessKey(previous))
    for (const block of blocks.keys()) pipeline.pfcount(blockKey(current, block))
  }
  const answers = (await pipeline.exec()) ?? []
  return places.flatMap((place) => countedOf(place, answers, mostPerBlock) ?? [])
}

function note(pipeline: ChainableCommander, key: string, ids: readonly string[]): void {
  for (let at = 0; at < ids.length; at += idsPerCommand) pipeline.pfadd(key, ...ids.slice(at, at + idsPerCommand))
  pipeline.expire(key, 3 * expireSeconds)
}

/** @returns nothing where something of it failed. */
function countedOf(
  { broadcast, at, blocks }: Place,
  answers: NonNullable<Awaited<ReturnType<ChainableCommander['exec']>>>,
  mostPerBlock: number,
): Counted | undefined {
  const own = answers.slice(at, at + 4 + blocks.length)
  if (own.some(([failure]) => failure)) return undefined
  const [now, before, known, knownBefore, ...sizes] = own.map(([, value]) => value)
  const excess = new Map(blocks.map((block, index) => [block, Number(sizes[index]) - mostPerBlock]))
  for (const [block, over] of excess) if (over <= 0) excess.delete(block)
  const all = { ...(known as Record<string, string>), ...Object.fromEntries(excess) }
  return {
    broadcast,
    now: Number(now) - sum(Object.values(all)),
    before: Number(before) - sum(knownBefore as string[]),
    excess,
  }
}

async function publish(redis: Redis, counted: readonly Counted[], nowMs: number): Promise<void> {
  // Early in a bucket's time its log is nearly empty: the previous one is still the truer count.
  const isEarly = nowMs % bucketMs < bucketMs / 2
  const transaction = redis.multi()
  for (const { broadcast, now, before, excess } of counted) {
    const key = viewersKey(broadcast)
    transaction.hset(key, field, isEarly ? Math.max(now, before) : now).expire(key, expireSeconds)
    if (excess.size === 0) continue
    const noted = excessKey(bucketKey(broadcast, Math.floor(nowMs / bucketMs)))
    transaction.hset(noted, excess).expire(noted, 3 * expireSeconds)
  }
  await transaction.exec()
}

const sum = (values: readonly (string | number)[]) => values.reduce<number>((total, value) => total + Number(value), 0)
const bucketKey = (broadcast: string, bucket: number) => `viewers-seen:${broadcast}:${bucket}`
const blockKey = (bucket: string, block: string) => `${bucket}:of:${block}`
const excessKey = (bucket: string) => `${bucket}:excess`
