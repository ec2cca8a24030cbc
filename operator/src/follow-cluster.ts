import { labels, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { leases } from '@mytaek1/platform/kubernetes/lease.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { pods, type Pod } from './kubernetes/api.ts'
import type { Priority } from './kubernetes/workqueue.ts'
import { broadcastIndexes, podIndexes, type Caches } from './stream-pod/caches.ts'
import { Heartbeats } from './stream-pod/heartbeats.ts'
import { broadcastOf, poolOf } from './stream-pod/state.ts'

/** Of so many Broadcasts with one key the others are told when one comes or goes; more is a mistake somewhere. */
const mostOfOneKey = 20

/** Who is told that something about a key may have changed. */
export interface Listeners {
  broadcast: (key: string) => void
  pool: (key: string, priority: Priority) => void
}

/** Everything that is followed by watches; nobody listens before `listen`. */
export interface Cluster {
  caches: Caches
  heartbeats: Heartbeats
  synced: Promise<unknown>
  listen(listeners: Listeners): void
  /** All Broadcasts there are, and those that are gone and may have left Pods behind. */
  broadcastKeys(): Set<string>
  stop(): Promise<void>
}

/** Follows a namespace: which change concerns which Broadcast and MediaPool is known here alone. */
export function followCluster({
  api,
  namespace,
  log,
}: {
  api: KubernetesApi
  namespace: string
  log: Logger
}): Cluster {
  let listeners: Listeners = { broadcast: () => undefined, pool: () => undefined }
  const heartbeats = new Heartbeats()
  const follow = { api, namespace, log }
  const streamsAndIngests = `${labels.name}=mytaek1,${labels.component} in (stream,ingest)`
  const changedPod = (pod: Pod) => {
    for (const key of broadcastsOf(caches, pod)) listeners.broadcast(key)
    const pool = poolOf(pod)
    if (pool !== undefined) listeners.pool(`${pod.metadata.namespace}/${pool}`, 'low')
  }
  const caches: Caches = {
    broadcasts: startReflector({
      ...follow,
      resource: broadcasts,
      indexes: broadcastIndexes,
      onChange: (broadcast, previous) => {
        listeners.broadcast(keyOf(broadcast))
        for (const key of rivalsOf(caches, broadcast, previous)) listeners.broadcast(key)
      },
      onDelete: (broadcast) => {
        listeners.broadcast(keyOf(broadcast))
        for (const key of rivalsOf(caches, undefined, broadcast)) listeners.broadcast(key)
      },
      onUnreadable: (object) => listeners.broadcast(keyOf(object)),
    }),
    pods: startReflector({
      ...follow,
      resource: pods,
      labelSelector: streamsAndIngests,
      indexes: podIndexes,
      onChange: changedPod,
      onDelete: changedPod,
    }),
    pools: startReflector({
      ...follow,
      resource: mediaPools,
      onChange: (pool, previous) => {
        listeners.pool(keyOf(pool), 'high')
        // Another template or more room: whoever waits for a Pod is looked at.
        if (previous?.metadata.generation === pool.metadata.generation) return
        for (const broadcast of caches.broadcasts.store.values())
          if (broadcast.status?.publisher && broadcast.status.podUID === undefined)
            listeners.broadcast(keyOf(broadcast))
      },
      onDelete: (pool) => listeners.pool(keyOf(pool), 'high'),
      onUnreadable: (pool) => listeners.pool(keyOf(pool), 'high'),
    }),
  }
  // Wakes nobody: a silence is noticed by whoever looks at a Pod that is in trouble.
  const beats = startReflector({
    ...follow,
    resource: leases,
    labelSelector: `${labels.name}=mytaek1,${labels.component}=stream`,
    onChange: (lease) => heartbeats.heard(keyOf(lease), performance.now()),
    onDelete: (lease) => heartbeats.forget(keyOf(lease)),
  })
  const all = [caches.broadcasts, caches.pods, caches.pools, beats]
  return {
    caches,
    heartbeats,
    synced: Promise.all(all.map(({ synced }) => synced)),
    listen: (next) => {
      listeners = next
    },
    broadcastKeys: () =>
      new Set([...caches.broadcasts.store.keys(), ...caches.broadcasts.unreadable.keys(), ...podOwners(caches)]),
    stop: async () => {
      await Promise.all(all.map((reflector) => reflector.stop()))
    },
  }
}

// A Pod concerns the Broadcast it is labelled with, those that name it, and, for an ingest Pod, those whose encoder is on it.
function broadcastsOf(caches: Caches, pod: Pod): Set<string> {
  const key = keyOf(pod)
  const labelled = broadcastOf(pod)
  const { store } = caches.broadcasts
  return new Set([
    ...(labelled === undefined ? [] : [`${pod.metadata.namespace}/${labelled}`]),
    ...store.by('podName', key).map(keyOf),
    ...store.by('ingestPod', key).map(keyOf),
  ])
}

// Others with a key that this Broadcast came to have, or has no more: which of them is the newest may have changed.
function rivalsOf(caches: Caches, now: Broadcast | undefined, before: Broadcast | undefined): string[] {
  const keysOf = (broadcast: Broadcast | undefined) => (broadcast && broadcastIndexes['key']?.(broadcast)) ?? []
  const [a] = keysOf(now)
  const [b] = keysOf(before)
  if (a === b) return []
  const own = now ?? before
  return [a, b]
    .flatMap((key) => (key === undefined ? [] : caches.broadcasts.store.by('key', key).slice(-mostOfOneKey)))
    .filter((broadcast) => broadcast.metadata.uid !== own?.metadata.uid)
    .map(keyOf)
}

function* podOwners(caches: Caches): Generator<string> {
  for (const pod of caches.pods.store.values()) {
    const labelled = broadcastOf(pod)
    if (labelled !== undefined) yield `${pod.metadata.namespace}/${labelled}`
  }
}
