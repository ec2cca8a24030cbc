/**
 * What to do about one MediaPool, as a function of what is seen.
 *
 * A Pod of a pool is: starting (made, not ready) → warm (ready, nobody's) → live (a Broadcast recorded it; from then on it
 * is that Broadcast's and this file does not touch it). Finished and leaving ones are on their way out.
 */
import type { MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { isReady, templateHashAnnotation } from '../stream-pod/state.ts'

export interface ObservedPool {
  pool: MediaPool
  /** Pods nobody has chosen, neither leaving nor finished. */
  free: readonly Pod[]
  /** Free Pods that ended by themselves. */
  finished: readonly Pod[]
  /** Pods that broadcasts have. */
  live: number
  /** The hash of the template that new Pods are made from. */
  templateHash: string
  /** Free Pods that never became ready in their time. */
  overdue: readonly Pod[]
  /** Pods that may be made now: the refill rate's tokens, 0 while Pods fail at once. */
  tokens: number
}

export interface PoolPlan {
  create: number
  delete: readonly Pod[]
  /** Pods that are still to be made when there are tokens. */
  missing: number
  status: { warm: number; live: number; replicas: number; target: number }
}

/** How many warm Pods the pool should hold: its buffer, more if `min` asks for it, never past `max` with the live ones. */
export function targetOf({ spec }: MediaPool, live: number): number {
  return Math.max(0, Math.min(Math.max(spec.buffer, spec.min - live), spec.max - live))
}

/** Lists what brings the pool to its target. */
export function decidePool(observed: ObservedPool): PoolPlan {
  const { pool, free, finished, live, templateHash, tokens } = observed
  const target = targetOf(pool, live)
  // One that is not ready and of an old template, or overdue, may never be: it is not waited for.
  const isLost = (pod: Pod) => !isReady(pod) && (isStale(pod, templateHash) || observed.overdue.includes(pod))
  const lost = free.filter(isLost)
  const present = free.filter((pod) => !isLost(pod))
  const warm = present.filter(isReady)
  const starting = present.length - warm.length
  const lacking = Math.max(0, target - present.length)
  const create = Math.min(lacking, Math.max(0, Math.floor(tokens)))
  const surplus = [...present].sort(bySacrifice(templateHash)).slice(0, Math.max(0, present.length - target))
  // Rollout on replenish: one Pod of an old template goes when all others are ready, and its successor is a new one.
  const stale = warm.filter((pod) => isStale(pod, templateHash))
  const rolled = lacking === 0 && starting === 0 && surplus.length === 0 ? stale.slice(0, 1) : []
  return {
    create,
    delete: [...finished, ...lost, ...surplus, ...rolled],
    missing: lacking - create,
    status: { warm: warm.length, live, replicas: present.length + live, target },
  }
}

const isStale = (pod: Pod, templateHash: string) => pod.metadata.annotations[templateHashAnnotation] !== templateHash

// What goes first when there are too many: what is not ready yet, then old templates, then the youngest.
const bySacrifice = (templateHash: string) => (a: Pod, b: Pod) =>
  Number(isReady(a)) - Number(isReady(b)) ||
  Number(isStale(b, templateHash)) - Number(isStale(a, templateHash)) ||
  b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp)
