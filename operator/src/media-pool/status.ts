import { isDeepStrictEqual } from 'node:util'
import { labels, type Condition, type MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import { rfc3339 } from '../broadcast/status.ts'
import type { PodFailure } from '../stream-pod/pod-failures.ts'
import type { PoolPlan } from './decide.ts'

type PoolStatus = NonNullable<MediaPool['status']>

/**
 * The whole status of a pool; Ready while at least as many Pods are warm as it should hold.
 * @param trouble what keeps its Pods from being made or ready
 */
export function poolStatus(
  pool: MediaPool,
  { status, missing }: PoolPlan,
  trouble: PodFailure | undefined,
  now: Date,
): PoolStatus {
  const { warm, live, replicas, target } = status
  const observedGeneration = pool.metadata.generation
  const isFull = warm >= target
  const before = pool.status?.conditions?.find((condition) => condition.type === 'Ready')
  const ready: Condition = {
    type: 'Ready',
    status: isFull ? 'True' : 'False',
    reason: isFull ? 'BufferFull' : (trouble?.reason ?? (missing > 0 ? 'Refilling' : 'PodsStarting')),
    message: `${warm} of ${target} Pods are warm${isFull || !trouble ? '' : `: ${trouble.message}`}`,
    lastTransitionTime: before?.status === (isFull ? 'True' : 'False') ? before.lastTransitionTime : rfc3339(now),
    observedGeneration,
  }
  // For an HPA on the scale subresource: the Pods that wait.
  const selector = `${labels.pool}=${pool.metadata.name},!${labels.broadcast}`
  return { observedGeneration, warm, live, replicas, selector, conditions: [ready] }
}

/** Whether the object already says all that. */
export const poolSaysAlready = (pool: MediaPool, desired: PoolStatus) => isDeepStrictEqual(pool.status, desired)
