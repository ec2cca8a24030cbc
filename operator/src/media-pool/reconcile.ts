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
import type { EventRecorder } from '../kubernetes/recorder.ts'
import { isTaken } from '../stream-pod/availability.ts'
import type { Caches } from '../stream-pod/caches.ts'
import type { Claims } from '../stream-pod/claims.ts'
import { desiredWarmPod } from '../stream-pod/desired-pod.ts'
import type { PodFailure, PodFailures } from '../stream-pod/pod-failures.ts'
import type { Rush } from '../stream-pod/rush.ts'
import { broadcastOf, isFinished, isLeaving, templateHashAnnotation } from '../stream-pod/state.ts'
import { hashOf, type Blueprint, type Blueprints, type PodTemplate } from '../stream-pod/template.ts'
import { endOf, patienceLeftMs, refusalOfPod, troubleOf } from '../stream-pod/trouble.ts'
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
  blueprints: Blueprints
  recorder: EventRecorder
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
  if (!pool || caches.pools.unreadable.has(key)) return {} // what cannot be read exists: it is left as it is
  if (pool.metadata.deletionTimestamp !== undefined) {
    buckets.delete(key) // its warm Pods go with it: they are its dependents
    return {}
  }
  const memory = buckets.get(key) ?? { bucket: new TokenBucket(performance.now()), statusAt: 0 }
  buckets.set(key, memory)
  const rushMs = deps.rush.leftMs(performance.now())
  if (rushMs > 0) return later(rushMs)
  const blueprint = deps.blueprints.of(pool)
  const now = new Date()
  const seen = observePool(deps, pool, blueprint, memory.bucket, now)
  const plan = decidePool(seen.observed)
  onWarm(pool.metadata.name, plan.status.warm)
  // Without a template nothing is made, and what is there stays.
  if ('template' in blueprint) await actOnPool(deps, pool, blueprint, plan, memory.bucket, signal)

  const failure = deps.failures.lately(failuresOf(pool), hashOf(blueprint), now)
  const status = poolStatus(pool, plan, seen.trouble ?? failure, now)
  const heldBackMs = (failure?.notBeforeMs ?? 0) - now.getTime()
  const refillMs =
    plan.missing > 0 && !('problem' in blueprint)
      ? Math.max(20, heldBackMs, memory.bucket.waitMs(pool.spec.refillPerSecond))
      : heldBackMs > 0
        ? heldBackMs
        : undefined
  const againMs = soonest(refillMs, seen.patienceMs)
  if (poolSaysAlready(pool, status)) return later(againMs)
  const tooSoonMs = memory.statusAt + statusEveryMs - performance.now()
  if (tooSoonMs > 0) return later(soonest(againMs, tooSoonMs))
  await writeStatus(deps, pool, status, signal)
  memory.statusAt = performance.now()
  tellTrouble(deps, pool, status)
  return later(againMs)
}

const failuresOf = (pool: MediaPool) => `pool ${keyOf(pool)}`
const soonest = (...times: (number | undefined)[]) => {
  const known = times.filter((ms) => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

function observePool(
  deps: PoolDeps,
  pool: MediaPool,
  blueprint: Blueprint,
  bucket: TokenBucket,
  now: Date,
): { observed: ObservedPool; trouble: PodFailure | undefined; patienceMs: number | undefined } {
  const { caches, claims, failures } = deps
  const present = caches.pods.store.by('pool', keyOf(pool)).filter((pod) => !isLeaving(pod))
  const unclaimed = present.filter((pod) => broadcastOf(pod) === undefined && !isTaken(caches, claims, pod))
  const free = unclaimed.filter((pod) => !isFinished(pod))
  const failure = failures.lately(failuresOf(pool), hashOf(blueprint), now)
  const isHeldBack = failure !== undefined && failure.notBeforeMs > now.getTime()
  const patience = free.map((pod) => ({ pod, leftMs: patienceLeftMs(pod, now) ?? Number.POSITIVE_INFINITY }))
  const problem = 'problem' in blueprint ? { reason: 'PodTemplateInvalid', message: blueprint.problem } : undefined
  const nextMs = Math.min(...patience.map(({ leftMs }) => leftMs).filter((ms) => ms > 0))
  return {
    observed: {
      pool,
      free,
      finished: unclaimed.filter(isFinished),
      overdue: patience.filter(({ leftMs }) => leftMs <= 0).map(({ pod }) => pod),
      live: present.filter((pod) => !unclaimed.includes(pod) && !isFinished(pod)).length,
      templateHash: hashOf(blueprint),
      tokens: isHeldBack ? 0 : bucket.available(pool.spec.refillPerSecond, performance.now()),
    },
    trouble: problem ?? free.map(troubleOf).find((one) => one !== undefined),
    patienceMs: Number.isFinite(nextMs) ? Math.max(50, nextMs) : undefined,
  }
}

async function actOnPool(
  deps: PoolDeps,
  pool: MediaPool,
  { template, hash }: Extract<Blueprint, { template: PodTemplate }>,
  plan: PoolPlan,
  bucket: TokenBucket,
  signal: AbortSignal,
): Promise<void> {
  const { api, caches, claims, failures, fence, log } = deps
  const { namespace, name: poolName } = pool.metadata
  const failed = (failure: PodFailure) => failures.failed(failuresOf(pool), hash, failure, new Date())
  for (const pod of plan.delete) {
    // Chosen while an earlier one was being deleted: it is a broadcast's now.
    if (isTaken(caches, claims, pod)) continue
    fence()
    const isOurs = pod.metadata.annotations[templateHashAnnotation] === hash
    if (isOurs && (isFinished(pod) || (patienceLeftMs(pod, new Date()) ?? 1) <= 0)) failed(endOf(pod))
    claims.take(keyOf(pod), `deletion of ${keyOf(pod)}`)
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
    const makeOne = async () => {
      const name = `stream-${poolName}-${randomBytes(5).toString('hex')}`
      const body = desiredWarmPod({ name, pool, template })
      caches.pods.wrote(await api.create(pods, { namespace }, body, { fieldManager, signal }))
    }
    const made = await Promise.allSettled(Array.from({ length: Math.min(left, parallelCreates) }, makeOne))
    const [first] = made.filter((one) => one.status === 'rejected')
    if (first === undefined) continue
    const refusal = refusalOfPod(first.reason)
    if (!refusal) throw first.reason
    failed(refusal) // what was refused once is not asked for again a millisecond later
    log.warn('pool.pod_refused', { pool: poolName, error: first.reason as unknown })
    return
  }
}

// A cause that is new to the status is told as an Event, too.
function tellTrouble({ recorder }: PoolDeps, pool: MediaPool, { conditions }: NonNullable<MediaPool['status']>): void {
  const ready = conditions?.find(({ type }) => type === 'Ready')
  const isOrdinary = ['BufferFull', 'Refilling', 'PodsStarting'].includes(ready?.reason ?? 'BufferFull')
  const before = pool.status?.conditions?.find(({ type }) => type === 'Ready')
  if (!ready || isOrdinary || ready.reason === before?.reason) return
  const regarding = { ...pool, apiVersion: mediaPools.apiVersion, kind: mediaPools.kind }
  recorder.record({ regarding, type: 'Warning', reason: ready.reason, action: 'Fill', note: ready.message })
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
