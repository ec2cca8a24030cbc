import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import { newestOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'
import type { Pod } from '../kubernetes/api.ts'
import { isFinished, isLeaving, isOnLostNode, templateHashAnnotation } from '../stream-pod/state.ts'
import { isStale, isTaken, roomyPool } from '../stream-pod/availability.ts'
import { broadcastIndexes, type Caches } from '../stream-pod/caches.ts'
import type { Claims } from '../stream-pod/claims.ts'
import type { RecentFailure } from '../stream-pod/pod-failures.ts'
import type { Blueprint, Blueprints } from '../stream-pod/template.ts'
import type { Observed } from './plan.ts'

/**
 * Reads everything a decision needs from the caches, in one go: nothing can change between two of its lines.
 *
 * @param facts what is not in the caches.
 */
export function observe(
  caches: Caches,
  claims: Claims,
  broadcast: Broadcast,
  {
    blueprints,
    failureOf,
    ...facts
  }: Pick<Observed, 'key' | 'rushMs' | 'silentMs' | 'publicHttpUrl' | 'lingerMs' | 'isClosing'> & {
    blueprints: Blueprints
    failureOf: (blueprint: Blueprint) => RecentFailure | undefined
  },
): Observed {
  const { namespace } = broadcast.metadata
  const key = keyOf(broadcast)
  const { podName, publisher } = broadcast.status ?? {}
  const pods = caches.pods.store
  const assigned = podName === undefined ? undefined : pods.get(`${namespace}/${podName}`)
  const ingestPod = publisher ? pods.get(`${namespace}/${publisher.ingestPod}`) : undefined
  const blueprint = () => blueprints.of(roomyPool(caches, namespace).pool)
  return {
    ...facts,
    broadcast,
    assigned,
    others: pods.by('broadcast', key).filter((pod) => pod !== assigned),
    // Looked for only when a Pod is wanted, which is once in hundreds of reconciles; still without an await in between.
    get warm() {
      return freeWarmPod(caches, claims, namespace, key, assigned && isLeaving(assigned) ? assigned : undefined)
    },
    get full() {
      return roomyPool(caches, namespace).full
    },
    get blueprint() {
      return blueprint()
    },
    get failure() {
      return failureOf(blueprint())
    },
    get isStale() {
      return assigned !== undefined && isStale(caches, blueprints, assigned)
    },
    get newer() {
      return newerOfKey(caches, broadcast)
    },
    ingestGone: Boolean(publisher) && (ingestPod === undefined || isFinished(ingestPod) || isOnLostNode(ingestPod)),
  }
}

/** The newest open Broadcast of the same key, where that is another one: as ingest chooses. */
function newerOfKey(caches: Caches, broadcast: Broadcast): string | undefined {
  const { store } = caches.broadcasts
  const [key] = broadcastIndexes['key']?.(broadcast) ?? []
  if (key === undefined || store.count('key', key) < 2) return undefined
  const newest = newestOf(store.by('key', key))?.metadata.name
  return newest === broadcast.metadata.name ? undefined : newest
}

// Off a node that is being drained, where it would have to leave next; the newest template first, so that a rollout
// ends; then the oldest Pod, which is warm for the longest.
function freeWarmPod(
  caches: Caches,
  claims: Claims,
  namespace: string,
  by: string,
  leaving: Pod | undefined,
): Pod | undefined {
  let best: Pod | undefined
  for (const pod of caches.pods.store.by('warm', namespace)) {
    if ((best === undefined || isBetter(pod, best, leaving)) && !isTaken(caches, claims, pod, by)) best = pod
  }
  return best
}

function isBetter(pod: Pod, than: Pod, leaving: Pod | undefined): boolean {
  const stays = (one: Pod) => leaving === undefined || one.spec.nodeName !== leaving.spec.nodeName
  if (stays(pod) !== stays(than)) return stays(pod)
  const template = (one: Pod) => one.metadata.annotations[templateHashAnnotation]
  if (template(pod) !== template(than)) return pod.metadata.creationTimestamp > than.metadata.creationTimestamp
  return pod.metadata.creationTimestamp < than.metadata.creationTimestamp
}
