import { randomBytes } from 'node:crypto'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { labels, liveApi, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isAlreadyExists } from '@mytaek1/platform/kubernetes/error.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { reconcileBroadcast, type BroadcastDeps } from './broadcast/reconcile.ts'
import { StreamKeys } from './broadcast/stream-key.ts'
import { pods, type Pod } from './kubernetes/api.ts'
import { Controller } from './kubernetes/controller.ts'
import { Elector, timesOf } from './kubernetes/elector.ts'
import { kernelMetrics } from './kubernetes/metrics.ts'
import { EventRecorder } from './kubernetes/recorder.ts'
import { reconcilePool, type PoolDeps } from './media-pool/reconcile.ts'
import { broadcastIndexes, podIndexes, type Caches } from './stream-pod/caches.ts'
import { Claims } from './stream-pod/claims.ts'
import { Heartbeats } from './stream-pod/heartbeats.ts'
import { PodFailures } from './stream-pod/pod-failures.ts'
import { Rush } from './stream-pod/rush.ts'
import { broadcastOf, poolOf } from './stream-pod/state.ts'
import type { PodTemplate } from './stream-pod/template.ts'

const reconcileDeadlineMs = 20_000
/** Insurance against a lost event or a bug: everything is looked at again now and then, at low priority. */
const sweepEveryMs = 10 * 60_000

export interface OperatorOptions {
  api: KubernetesApi
  namespace: string
  podName: string
  leaseName: string
  /** A killed leader is succeeded after this long; a standby of an orderly one at once. */
  leaseSeconds?: number
  template: PodTemplate
  publicHttpUrl: string
  /** How long the Pod of an ended broadcast stays. */
  lingerMs: number
  /** The pool `default` to make when the namespace has none. */
  defaultPool?: { buffer: number; max: number }
  workers: number
  registry: Registry
  log: Logger
}

/** A running operator, leading or standing by with warm caches. */
export interface Operator {
  caches: Caches
  isLeading(): boolean
  /** All caches hold what the apiserver has; true again by itself after an outage. */
  isSynced(): boolean
  stop(): Promise<void>
}

/** Wires caches, queues, reconcilers and the election, and starts them. Nothing is written before it leads. */
export function startOperator(options: OperatorOptions): Operator {
  const { api, namespace, podName, template, registry, log } = options
  const metrics = kernelMetrics(registry)
  const business = businessMetrics(registry)
  const recorder = new EventRecorder({ api, controller: `${liveApi.group}/operator`, instance: podName, log })
  const claims = new Claims()
  const failures = new PodFailures()
  const heartbeats = new Heartbeats()

  const follow = { api, namespace, log }
  const changedBroadcast = (broadcast: Broadcast) => broadcastController.enqueue(keyOf(broadcast))
  const changedPod = (pod: Pod) => {
    for (const key of broadcastsOf(caches, pod)) broadcastController.enqueue(key)
    const pool = poolOf(pod)
    if (pool !== undefined) poolController.enqueue(`${pod.metadata.namespace}/${pool}`, 'low')
  }
  const caches: Caches = {
    broadcasts: startReflector({
      ...follow,
      resource: broadcasts,
      indexes: broadcastIndexes,
      onChange: (broadcast, previous) => {
        heartbeats.changed(broadcast, previous, performance.now())
        changedBroadcast(broadcast)
      },
      onDelete: (broadcast) => {
        heartbeats.forget(keyOf(broadcast))
        changedBroadcast(broadcast)
      },
    }),
    pods: startReflector({
      ...follow,
      resource: pods,
      labelSelector: `${labels.name}=mytaek1,${labels.component} in (stream,ingest)`,
      indexes: podIndexes,
      onChange: changedPod,
      onDelete: changedPod,
    }),
    pools: startReflector({
      ...follow,
      resource: mediaPools,
      onChange: (pool) => poolController.enqueue(keyOf(pool)),
      onDelete: (pool) => poolController.enqueue(keyOf(pool)),
    }),
  }
  const fence = () => {
    if (!elector?.isLeading()) throw new Error('this process does not lead')
  }
  const shared = { api, caches, claims, failures, rush: new Rush(), template, fence, log }
  const broadcastDeps: BroadcastDeps = {
    ...shared,
    recorder,
    keys: new StreamKeys(api),
    heartbeats,
    publicHttpUrl: options.publicHttpUrl,
    lingerMs: options.lingerMs,
    refusedRaises: new Set(),
    onAdoptionConflict: () => business.adoptionConflicts.inc(),
    onAssigned: (seconds) => business.assignedSeconds.observe(seconds),
    onReady: (seconds) => business.readySeconds.observe(seconds),
  }
  const poolDeps: PoolDeps = {
    ...shared,
    buckets: new Map(),
    onWarm: (pool, warm) => business.warm.set({ pool }, warm),
  }
  const broadcastController = new Controller({
    name: 'broadcast',
    reconcile: (key, signal) => reconcileBroadcast(broadcastDeps, key, signal),
    // Broadcasts that are gone may have left Pods behind.
    allKeys: () => new Set([...caches.broadcasts.store.keys(), ...podOwners(caches)]),
    concurrency: options.workers,
    deadlineMs: reconcileDeadlineMs,
    metrics: metrics.forController('broadcast', options.workers),
    log,
  })
  const poolController = new Controller({
    name: 'mediapool',
    reconcile: (key, signal) => reconcilePool(poolDeps, key, signal),
    allKeys: () => caches.pools.store.keys(),
    concurrency: 1,
    deadlineMs: reconcileDeadlineMs,
    metrics: metrics.forController('mediapool', 1),
    log,
  })

  let elector: Elector | undefined
  let sweep: NodeJS.Timeout | undefined
  let synced = false
  const allSynced = Promise.all([caches.broadcasts.synced, caches.pods.synced, caches.pools.synced]).then(() => {
    synced = true
    log.info('operator.synced', { broadcasts: caches.broadcasts.store.size, pods: caches.pods.store.size })
  })
  const started = allSynced
    .then(() => {
      // Only then may it lead: deciding on half a cache would make and delete the wrong things.
      elector = new Elector({
        api,
        namespace,
        name: options.leaseName,
        identity: `${podName}_${randomBytes(4).toString('hex')}`,
        times: timesOf(options.leaseSeconds ?? 3),
        log,
        onLead: () => {
          metrics.setLeading(options.leaseName, true)
          broadcastController.lead()
          poolController.lead()
          sweep = setInterval(() => {
            for (const key of caches.broadcasts.store.keys()) broadcastController.enqueue(key, 'low')
            for (const key of podOwners(caches)) broadcastController.enqueue(key, 'low')
          }, sweepEveryMs)
          void ensureDefaultPool(options, caches).catch((error: unknown) => log.warn('pool.default_failed', { error })) // it reports itself
        },
        onLose: async () => {
          metrics.setLeading(options.leaseName, false)
          clearInterval(sweep)
          await Promise.all([broadcastController.stop(), poolController.stop()])
        },
      })
    })
    .catch(() => undefined) // stopped before it was synced
  metrics.setLeading(options.leaseName, false)

  return {
    caches,
    isLeading: () => elector?.isLeading() ?? false,
    isSynced: () => synced,
    async stop() {
      await elector?.stop()
      await Promise.all([caches.broadcasts.stop(), caches.pods.stop(), caches.pools.stop()])
      await started
      await recorder.flush()
    },
  }
}

async function ensureDefaultPool({ api, namespace, defaultPool }: OperatorOptions, caches: Caches): Promise<void> {
  if (!defaultPool || defaultPool.buffer === 0 || caches.pools.store.size > 0) return
  const { apiVersion, kind } = mediaPools
  const spec = { min: 0, max: Math.max(defaultPool.max, defaultPool.buffer), buffer: defaultPool.buffer }
  try {
    caches.pools.wrote(
      await api.create(mediaPools, { namespace }, { apiVersion, kind, metadata: { name: 'default', namespace }, spec }),
    )
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
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

function* podOwners(caches: Caches): Generator<string> {
  for (const pod of caches.pods.store.values()) {
    const labelled = broadcastOf(pod)
    if (labelled !== undefined) yield `${pod.metadata.namespace}/${labelled}`
  }
}

function businessMetrics(registry: Registry) {
  const registers = [registry]
  const buckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  const adoptionConflicts = new Counter({
    name: 'adoption_conflicts_total',
    help: 'Adoptions of a warm Pod that had changed meanwhile and were tried again',
    registers,
  })
  return {
    adoptionConflicts,
    assignedSeconds: new Histogram({
      name: 'broadcast_pod_assigned_seconds',
      help: 'Seconds from a recorded publisher to an assigned Pod',
      buckets,
      registers,
    }),
    readySeconds: new Histogram({
      name: 'broadcast_ready_seconds',
      help: 'Seconds from a recorded publisher to a playable broadcast',
      buckets,
      registers,
    }),
    warm: new Gauge({
      name: 'warm_pool_size',
      help: 'Pods that wait for a broadcast',
      labelNames: ['pool'],
      registers,
    }),
  }
}
