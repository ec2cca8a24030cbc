import { randomBytes } from 'node:crypto'
import type { Registry } from 'prom-client'
import { liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { reconcileBroadcast, type BroadcastDeps } from './broadcast/reconcile.ts'
import { StreamKeys } from './broadcast/stream-key.ts'
import { followCluster, type Cluster } from './follow-cluster.ts'
import { guardFinalizers } from './guardian.ts'
import { Controller } from './kubernetes/controller.ts'
import { timesOf } from './kubernetes/elector.ts'
import { Leadership } from './kubernetes/leadership.ts'
import { kernelMetrics } from './kubernetes/metrics.ts'
import { EventRecorder } from './kubernetes/recorder.ts'
import { keepDefaultPool, type PoolValues } from './media-pool/default-pool.ts'
import { reconcilePool, type PoolDeps } from './media-pool/reconcile.ts'
import { operatorMetrics } from './metrics.ts'
import type { Caches } from './stream-pod/caches.ts'
import { Claims } from './stream-pod/claims.ts'
import { PodFailures } from './stream-pod/pod-failures.ts'
import { Rush } from './stream-pod/rush.ts'
import { Blueprints, type PodTemplate } from './stream-pod/template.ts'

const reconcileDeadlineMs = 20_000
/** Insurance against a lost event or a bug: everything is looked at again now and then, at low priority. */
const sweepEveryMs = 10 * 60_000
/** In a namespace that is being deleted streams have so long to end in order; its Pod has 30 s to stop. */
const closingGraceMs = 18_000

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
  /** The pool `default`, which is made when the namespace has none and follows these. */
  defaultPool?: PoolValues
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
  const { api, namespace, podName, leaseName, registry, log } = options
  const metrics = kernelMetrics(registry)
  const recorder = new EventRecorder({ api, controller: `${liveApi.group}/operator`, instance: podName, log })
  const cluster = followCluster({ api, namespace, log })
  const leadership = new Leadership()
  const ending = new AbortController() // aborted: the namespace is being deleted
  const claims = new Claims()
  const controllers = makeControllers({
    options,
    metrics,
    recorder,
    cluster,
    claims,
    leadership,
    ending: ending.signal,
  })
  cluster.listen({
    broadcast: (key) => controllers.broadcast.enqueue(key),
    pool: (key, priority) => controllers.pool.enqueue(key, priority),
  })
  let sweep: NodeJS.Timeout | undefined
  const onLead = () => {
    metrics.setLeading(leaseName, true)
    controllers.broadcast.lead()
    controllers.pool.lead()
    sweep = setInterval(() => {
      for (const key of cluster.broadcastKeys()) controllers.broadcast.enqueue(key, 'low')
    }, sweepEveryMs)
    const { caches } = cluster
    const values = options.defaultPool
    if (values !== undefined)
      void keepDefaultPool({ api, namespace, caches, values }).catch((error: unknown) =>
        log.warn('pool.default_failed', { error }),
      )
  }
  const onLose = async () => {
    metrics.setLeading(leaseName, false)
    clearInterval(sweep)
    await Promise.all([controllers.broadcast.stop(), controllers.pool.stop()])
    claims.clear()
  }
  const identity = `${podName}_${randomBytes(4).toString('hex')}`
  const times = timesOf(options.leaseSeconds ?? 3)
  let synced = false
  let isStopping = false
  // Only then may it lead: deciding on half a cache would make and delete the wrong things.
  const started = cluster.synced
    .then(() => {
      synced = true
      log.info('operator.synced', {
        broadcasts: cluster.caches.broadcasts.store.size,
        pods: cluster.caches.pods.store.size,
      })
      if (!isStopping) leadership.begin({ api, namespace, name: leaseName, identity, times, log, onLead, onLose })
    })
    .catch(() => undefined) // stopped before it was synced
  metrics.setLeading(leaseName, false)

  return {
    caches: cluster.caches,
    isLeading: () => leadership.isLeading(),
    isSynced: () => synced,
    async stop() {
      isStopping = true
      const onClosing = () => {
        ending.abort()
        for (const key of cluster.broadcastKeys()) controllers.broadcast.enqueue(key)
      }
      await guardFinalizers({ api, namespace, graceMs: closingGraceMs, onClosing, log })
      await leadership.stop()
      await cluster.stop()
      await started
      await recorder.flush()
    },
  }
}

function makeControllers(parts: {
  options: OperatorOptions
  metrics: ReturnType<typeof kernelMetrics>
  recorder: EventRecorder
  cluster: Cluster
  claims: Claims
  leadership: Leadership
  ending: AbortSignal
}): { broadcast: Controller; pool: Controller } {
  const { options, metrics, recorder, cluster, claims, leadership, ending } = parts
  const { api, workers, registry, log } = options
  const { caches, heartbeats } = cluster
  const business = operatorMetrics(registry)
  const shared = {
    api,
    caches,
    recorder,
    claims,
    failures: new PodFailures(),
    rush: new Rush(),
    blueprints: new Blueprints(options.template),
    fence: () => leadership.fence(),
    log,
  }
  const broadcastDeps: BroadcastDeps = {
    ...shared,
    keys: new StreamKeys(api),
    heartbeats,
    publicHttpUrl: options.publicHttpUrl,
    lingerMs: options.lingerMs,
    refusedRaises: new Set(),
    toldUnreadable: new Map(),
    isClosing: () => ending.aborted,
    onAdoptionConflict: () => business.adoptionConflicts.inc(),
    onAssigned: (seconds) => business.assignedSeconds.observe(seconds),
    onReady: (seconds) => business.readySeconds.observe(seconds),
  }
  const poolDeps: PoolDeps = {
    ...shared,
    buckets: new Map(),
    onWarm: (pool, warm) => business.warm.set({ pool }, warm),
  }
  return {
    broadcast: new Controller({
      name: 'broadcast',
      reconcile: (key, signal) => reconcileBroadcast(broadcastDeps, key, signal),
      allKeys: () => cluster.broadcastKeys(),
      concurrency: workers,
      deadlineMs: reconcileDeadlineMs,
      metrics: metrics.forController('broadcast', workers),
      log,
    }),
    pool: new Controller({
      name: 'mediapool',
      reconcile: (key, signal) => reconcilePool(poolDeps, key, signal),
      allKeys: () => caches.pools.store.keys(),
      concurrency: 1,
      deadlineMs: reconcileDeadlineMs,
      metrics: metrics.forController('mediapool', 1),
      log,
    }),
  }
}
