import type { MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Pod } from '../kubernetes/api.ts'
import type { Caches } from './caches.ts'
import type { Claims } from './claims.ts'
import { poolOf, templateHashAnnotation } from './state.ts'
import type { Blueprints } from './template.ts'

/** The pool that a Pod made for one broadcast counts into: one with room, none if there are no pools. */
export function roomyPool(caches: Caches, namespace: string): { pool?: MediaPool; full: boolean } {
  const pools = [...caches.pools.store.values()].filter(({ metadata }) => metadata.namespace === namespace)
  if (pools.length === 0) return { full: false }
  const pool = pools.find((one) => caches.pods.store.count('counted', keyOf(one)) < one.spec.max)
  return pool ? { pool, full: false } : { full: true }
}

/** Whether a Broadcast has chosen this Pod, on record or a moment ago. */
export const isTaken = (caches: Caches, claims: Claims, pod: Pod, by?: string): boolean =>
  !claims.isFree(keyOf(pod), by) ||
  caches.broadcasts.store.by('podName', keyOf(pod)).some((broadcast) => keyOf(broadcast) !== by)

/** Whether Pods of its pool are made from another template by now; unknown of a pool that is gone or has a broken one. */
export function isStale(caches: Caches, blueprints: Blueprints, pod: Pod): boolean {
  const name = poolOf(pod)
  const pool = name === undefined ? undefined : caches.pools.store.get(`${pod.metadata.namespace}/${name}`)
  if (name !== undefined && pool === undefined) return false
  const blueprint = blueprints.of(pool)
  const hash = pod.metadata.annotations[templateHashAnnotation]
  return hash !== undefined && 'hash' in blueprint && blueprint.hash !== hash
}
