import { randomBytes } from 'node:crypto'
import type { MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { mediaPools } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { deletePod } from '../broadcast/act.ts'
import { fieldManager } from '../broadcast/names.ts'
import { pods } from '../kubernetes/api.ts'
import type { ReconcileOutcome } from '../kubernetes/controller.ts'
import { isTaken } from '../stream-pod/availability.ts'
import type { Caches } from '../stream-pod/caches.ts'
import type { Claims } from '../stream-pod/claims.ts'
import { desiredWarmPod } from '../stream-pod/desired-pod.ts'
import type { PodFailures } from '../stream-pod/pod-failures.ts'
import type { Rush } from '../stream-pod/rush.ts'
import { broadcastOf, isFinished, isLeaving } from '../stream-pod/state.ts'
import { overrideTemplate, templateHash, type PodTemplate } from '../stream-pod/template.ts'
import { decidePool, type ObservedPool, type PoolPlan } from './decide.ts'
import { poolSaysAlready, poolStatus } from './status.ts'
import { TokenBucket } from './token-bucket.ts'

/** Counts may change many times a second in a burst of adoptions; people and autoscalers read them now and then. */
const statusEveryMs = 1_000
/** More at once would only queue up in the apiserver before the adoptions. */
const parallelCreates = 4

export interface PoolDeps {
  api: KubernetesApi
  caches: Caches
  claims: Claims
  failures: PodFailures
  template: PodTemplate
  rush: Rush
  buckets: Map<string, { bucket: TokenBucket; statusAt: number }>
  fence: () => void
  onWarm: (pool: string, warm: number) => void
  log: Logger
}

/** Brings one pool to its target: observe → decide → act → status. */
export async function reconcilePool(deps: PoolDeps, key: string, signal: AbortSignal): Promise<ReconcileOutcome> {
  const { caches, buckets, onWarm } = deps
  const pool = caches.pools.store.get(key)
  if (!pool || pool.metadata.deletionTimestamp !== undefined) {
    buckets.delete(key) // its warm Pods go with it: they are its dependents
    return {}
  }
  const memory = buckets.get(key) ?? { bucket: new TokenBucket(performance.now()), statusAt: 0 }
  buckets.set(key, memory)
  const template = overrideTemplate(deps.template, pool.spec.template)
  const rushMs = deps.rush.leftMs(performance.now())
  if (rushMs > 0) return later(rushMs)
  const plan = decidePool(observePool(deps, pool, template, memory.bucket))
  onWarm(pool.metadata.name, plan.status.warm)
  await actOnPool(deps, pool, template, plan, memory.bucket, signal)

  const status = poolStatus(pool, plan, new Date())
  const refillMs = plan.missing > 0 ? Math.max(20, memory.bucket.waitMs(pool.spec.refillPerSecond)) : undefined
  if (poolSaysAlready(pool, status)) return later(refillMs)
  const tooSoonMs = memory.statusAt + statusEveryMs - performance.now()
  if (tooSoonMs > 0) return later(Math.min(refillMs ?? tooSoonMs, tooSoonMs))
  await writeStatus(deps, pool, status, signal)
  memory.statusAt = performance.now()
  return later(refillMs)
}

function observePool(deps: PoolDeps, pool: MediaPool, template: PodTemplate, bucket: TokenBucket): ObservedPool {
  const { caches, claims, failures } = deps
  const key = keyOf(pool)
  const present = caches.pods.store.by('pool', key).filter((pod) => !isLeaving(pod))
  const unclaimed = present.filter((pod) => broadcastOf(pod) === undefined && !isTaken(caches, claims, pod))
  const finished = unclaimed.filter(isFinished)
  const now = new Date()
  const isHeldBack = failures.notBeforeMs(`pool ${key}`, now) > now.getTime()
  return {
    pool,
    free: unclaimed.filter((pod) => !isFinished(pod)),
    finished,
    live: present.filter((pod) => !unclaimed.includes(pod) && !isFinished(pod)).length,
    templateHash: templateHash(template),
    tokens: isHeldBack ? 0 : bucket.available(pool.spec.refillPerSecond, performance.now()),
  }
}

async function actOnPool(
  deps: PoolDeps,
  pool: MediaPool,
  template: PodTemplate,
  plan: PoolPlan,
  bucket: TokenBucket,
  signal: AbortSignal,
): Promise<void> {
  const { api, caches, claims, failures, fence, log } = deps
  const { namespace, name: poolName } = pool.metadata
  for (const pod of plan.delete) {
    // Chosen while an earlier one was being deleted: it is a broadcast's now.
    if (isTaken(caches, claims, pod)) continue
    fence()
    if (isFinished(pod)) failures.failed(`pool ${keyOf(pool)}`, new Date())
    claims.take(keyOf(pod), 'deletion')
    try {
      await deletePod(deps, pod, signal)
    } finally {
      claims.release(keyOf(pod))
    }
    log.debug('pool.pod_deleted', { pool: poolName, pod: pod.metadata.name })
  }
  bucket.take(plan.create)
  for (let left = plan.create; left > 0; left -= parallelCreates) {
    fence()
    await Promise.all(
      Array.from({ length: Math.min(left, parallelCreates) }, async () => {
        const name = `stream-${poolName}-${randomBytes(5).toString('hex')}`
        const body = desiredWarmPod({ name, pool, template })
        caches.pods.wrote(await api.create(pods, { namespace }, body, { fieldManager, signal }))
      }),
    )
  }
}

async function writeStatus(
  { api, caches, fence }: PoolDeps,
  pool: MediaPool,
  status: object,
  signal: AbortSignal,
): Promise<void> {
  fence()
  const { namespace, name, uid } = pool.metadata
  const { apiVersion, kind } = mediaPools
  const body = { apiVersion, kind, metadata: { name, namespace, uid }, status }
  const address = { namespace, name, subresource: 'status' }
  caches.pools.wrote(await api.patch(mediaPools, address, { type: 'apply', body, fieldManager, force: true }, signal))
}

const later = (ms: number | undefined): ReconcileOutcome => (ms === undefined ? {} : { requeueAfterMs: ms })
