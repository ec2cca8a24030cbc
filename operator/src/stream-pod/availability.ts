import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Pod } from '../kubernetes/api.ts'
import type { Caches } from './caches.ts'
import type { Claims } from './claims.ts'

/** The pool that a Pod made for one broadcast counts into: one with room, none if there are no pools. */
export function roomyPool(caches: Caches, namespace: string): { name?: string; full: boolean } {
  const pools = [...caches.pools.store.values()].filter(({ metadata }) => metadata.namespace === namespace)
  if (pools.length === 0) return { full: false }
  const roomy = pools.find((pool) => caches.pods.store.count('counted', keyOf(pool)) < pool.spec.max)
  return roomy ? { name: roomy.metadata.name, full: false } : { full: true }
}

/** Whether a Broadcast has chosen this Pod, on record or a moment ago. */
export const isTaken = (caches: Caches, claims: Claims, pod: Pod, by?: string): boolean =>
  !claims.isFree(keyOf(pod), by) ||
  caches.broadcasts.store.by('podName', keyOf(pod)).some((broadcast) => keyOf(broadcast) !== by)
