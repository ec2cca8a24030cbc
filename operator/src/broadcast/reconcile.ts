import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { ReconcileOutcome } from '../kubernetes/controller.ts'
import { act, deletePod, PodRefusedError, type ActorDeps } from './act.ts'
import type { Claims } from '../stream-pod/claims.ts'
import type { Heartbeats } from '../stream-pod/heartbeats.ts'
import type { PodFailure, PodFailures } from '../stream-pod/pod-failures.ts'
import type { Rush } from '../stream-pod/rush.ts'
import { broadcastOf } from '../stream-pod/state.ts'
import { hashOf } from '../stream-pod/template.ts'
import { decide } from './decide.ts'
import { observe } from './observe.ts'
import type { Plan } from './plan.ts'
import { conditionOf } from './status.ts'
import type { StreamKeys } from './stream-key.ts'
import { isActedUpon, isReallyGone, keepUnreadable, tellReadable } from './unreadable.ts'

export interface BroadcastDeps extends ActorDeps {
  claims: Claims
  keys: StreamKeys
  failures: PodFailures
  rush: Rush
  heartbeats: Heartbeats
  publicHttpUrl: string
  lingerMs: number
  /** Of each unreadable Broadcast, what was last said of it. */
  toldUnreadable: Map<string, string>
  /** The namespace is being deleted. */
  isClosing: () => boolean
  /** Told once per turn of a condition to True, with the seconds since the encoder connected. */
  onAssigned: (seconds: number) => void
  onReady: (seconds: number) => void
}

/**
 * Brings one Broadcast to what it asks for: observe → decide → act → status (the status is an action, recorded before
 * what it announces). Safe to run at any time, any number of times.
 */
export async function reconcileBroadcast(
  deps: BroadcastDeps,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileOutcome> {
  const { caches, claims, keys, failures, rush, blueprints, publicHttpUrl, lingerMs } = deps
  const unreadable = caches.broadcasts.unreadable.get(key)
  if (unreadable) return keepUnreadable(deps, key, unreadable, signal)
  deps.toldUnreadable.delete(key)
  const known = caches.broadcasts.store.get(key)
  if (!known) return collectOrphans(deps, key, signal)
  await tellReadable(deps, known, signal)
  if (!isActedUpon(known) && known.metadata.deletionTimestamp === undefined) return {}

  // The one read that may wait comes first; what it waited for may have changed the broadcast.
  const finding = await keys.find(known, signal)
  const broadcast = caches.broadcasts.store.get(key)
  if (!broadcast || broadcast.metadata.generation !== known.metadata.generation) return { requeueAfterMs: 10 }

  const now = new Date()
  const podKey = `${broadcast.metadata.namespace}/${broadcast.status?.podName}`
  holdUnlabelled(deps, broadcast, key)
  const observed = observe(caches, claims, broadcast, {
    key: finding,
    blueprints,
    failureOf: (blueprint) => failures.lately(key, hashOf(blueprint), now),
    rushMs: rush.crowdedLeftMs(performance.now()),
    silentMs: deps.heartbeats.silentMs(podKey, performance.now()),
    publicHttpUrl,
    lingerMs,
    isClosing: deps.isClosing(),
  })
  const plan = decide(observed, now)
  const chosen = plan.chosen && keyOf(plan.chosen)
  if (chosen !== undefined) {
    claims.take(chosen, key) // no await since observe(): nobody chose it in between
    rush.adopting(performance.now())
  }
  try {
    const template = hashOf(observed.blueprint)
    const onPodFailed = (of: string, failure: PodFailure) => failures.failed(of, template, failure, now)
    await act({ ...deps, onPodFailed }, broadcast, plan.actions, signal)
  } catch (error) {
    claims.release(chosen) // there is no record, or the cache will have it
    if (!(error instanceof PodRefusedError)) throw error
    deps.log.warn('pod.refused', { broadcast: key, error })
    return { requeueAfterMs: 10 } // says so, and when it is tried again
  } finally {
    if (chosen !== undefined) rush.settled()
  }
  measure(deps, broadcast, plan, now)
  return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs }
}

// A Pod that is named and not labelled yet is held, also one that a leader before this one chose; once it is labelled, or
// another or none is named, nobody needs to hold it.
function holdUnlabelled({ claims, caches }: BroadcastDeps, { metadata, status }: Broadcast, key: string): void {
  const named = `${metadata.namespace}/${status?.podName}`
  const pod = caches.pods.store.get(named)
  const isUnlabelled = pod !== undefined && pod.metadata.uid === status?.podUID && broadcastOf(pod) === undefined
  if (!isUnlabelled) claims.release(claims.podOf(key))
  else if (claims.isFree(named, key)) claims.take(named, key)
}

// The Broadcast is gone for good, without a finalizer or with one taken off by force: what is labelled with it has no purpose,
// and what it had chosen began its stream and cannot begin another.
async function collectOrphans(deps: BroadcastDeps, key: string, signal: AbortSignal): Promise<ReconcileOutcome> {
  deps.failures.forget(key)
  const { store } = deps.caches.pods
  const chosen = store.get(deps.claims.podOf(key) ?? '')
  const orphans = store.by('broadcast', key)
  if (chosen !== undefined && broadcastOf(chosen) === undefined) orphans.push(chosen)
  if (orphans.length === 0) {
    deps.claims.release(deps.claims.podOf(key))
    return {}
  }
  if (!(await isReallyGone(deps, key, signal))) return { requeueAfterMs: 5_000 } // the cache will know it soon
  for (const pod of orphans) {
    if (pod.metadata.deletionTimestamp !== undefined) continue
    deps.fence()
    deps.log.info('pod.orphan_deleted', { pod: pod.metadata.name, broadcast: key })
    await deletePod(deps, pod, signal)
  }
  deps.claims.release(deps.claims.podOf(key)) // on its way out: the cache knows
  return {}
}

function measure({ onAssigned, onReady }: BroadcastDeps, broadcast: Broadcast, plan: Plan, now: Date): void {
  const connectedAt = Date.parse(broadcast.status?.publisher?.connectedAt ?? '')
  const applied = plan.actions.find((action) => action.type === 'applyStatus')
  if (applied?.type !== 'applyStatus' || Number.isNaN(connectedAt)) return
  const turned = (type: string) =>
    applied.status.conditions.find((condition) => condition.type === type)?.status === 'True' &&
    conditionOf(broadcast, type)?.status !== 'True'
  const seconds = Math.max(0, (now.getTime() - connectedAt) / 1_000)
  if (turned('PodAssigned')) onAssigned(seconds)
  if (turned('Ready')) onReady(seconds)
}
