import type { Broadcast, MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import type { IndexFunction } from '@mytaek1/platform/kubernetes/store.ts'
import { isOpen, keyHashOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'
import type { Pod } from '../kubernetes/api.ts'
import { broadcastOf, isFinished, isLeaving, isWarm, poolOf } from './state.ts'

/** What the operator sees of the cluster. */
export interface Caches {
  broadcasts: Reflector<Broadcast>
  pools: Reflector<MediaPool>
  /** Stream and ingest Pods. */
  pods: Reflector<Pod>
}

/**
 * Broadcasts by the Pod they name and by the ingest Pod their encoder is on (`namespace/name`), and open ones by the hash of
 * their stream key (`namespace/hash`).
 */
export const broadcastIndexes: Record<string, IndexFunction<Broadcast>> = {
  podName: ({ metadata, status }) => (status?.podName === undefined ? [] : [`${metadata.namespace}/${status.podName}`]),
  ingestPod: ({ metadata, status }) =>
    status?.publisher ? [`${metadata.namespace}/${status.publisher.ingestPod}`] : [],
  key: (broadcast) => {
    const hash = keyHashOf(broadcast)
    return hash !== undefined && isOpen(broadcast) ? [`${broadcast.metadata.namespace}/${hash}`] : []
  },
}

/**
 * Pods by the Broadcast and the MediaPool they are labelled with; those that count towards their pool's max; and the free
 * ones by namespace.
 */
export const podIndexes: Record<string, IndexFunction<Pod>> = {
  broadcast: (pod) => named(pod, broadcastOf(pod)),
  pool: (pod) => named(pod, poolOf(pod)),
  counted: (pod) => (isLeaving(pod) || isFinished(pod) ? [] : named(pod, poolOf(pod))),
  warm: (pod) => (isWarm(pod) ? [pod.metadata.namespace] : []),
}

const named = (pod: Pod, name: string | undefined) => (name === undefined ? [] : [`${pod.metadata.namespace}/${name}`])
