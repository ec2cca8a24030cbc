import { broadcastFinalizer, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { KubernetesError, isAlreadyExists, isConflict, isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { podOrNothing, pods, type Pod } from '../kubernetes/api.ts'
import type { EventRecorder } from '../kubernetes/recorder.ts'
import { roomyPool } from '../stream-pod/availability.ts'
import type { Caches } from '../stream-pod/caches.ts'
import { adoptionPatch, desiredLivePod } from '../stream-pod/desired-pod.ts'
import { answers, cpuToRaise } from '../stream-pod/state.ts'
import type { PodFailure } from '../stream-pod/pod-failures.ts'
import type { Blueprints } from '../stream-pod/template.ts'
import { refusalOfPod } from '../stream-pod/trouble.ts'
import { shortGraceSeconds, type Action } from './plan.ts'
import { fieldManager } from './names.ts'

/** What acting needs. `fence` throws when this process may no longer act. */
export interface ActorDeps {
  api: KubernetesApi
  caches: Caches
  recorder: EventRecorder
  blueprints: Blueprints
  fence: () => void
  /** UIDs of Pods whose CPU the cluster would not raise; not asked again. */
  refusedRaises: Set<string>
  onAdoptionConflict: () => void
  log: Logger
}

type ActDeps = ActorDeps & { onPodFailed: (broadcast: string, failure: PodFailure) => void }

/**
 * Applies the actions in their order and stops at the first that fails; repeated, each changes nothing. Every answer goes
 * into the caches at once, so the next decision is never older than this one's writes.
 *
 * @throws {KubernetesError} Conflict: the object changed since it was read; the newer state decides anew.
 * @throws {PodRefusedError} the apiserver takes no such Pod now
 */
export async function act(
  deps: ActDeps,
  observed: Broadcast,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<void> {
  let broadcast = observed
  for (const action of actions) {
    if (action.type !== 'tell') deps.fence()
    broadcast = await applyOne(deps, broadcast, action, signal)
  }
}

async function applyOne(deps: ActDeps, broadcast: Broadcast, action: Action, signal: AbortSignal): Promise<Broadcast> {
  switch (action.type) {
    case 'addFinalizer':
      return setFinalizers(deps, broadcast, [...(broadcast.metadata.finalizers ?? []), broadcastFinalizer], signal)
    case 'removeFinalizer': {
      const rest = (broadcast.metadata.finalizers ?? []).filter((name) => name !== broadcastFinalizer)
      return setFinalizers(deps, broadcast, rest, signal)
    }
    case 'applyStatus':
      return patchStatus(deps, broadcast, { type: 'apply', fieldManager, force: true }, action.status, signal)
    case 'markDisconnected': {
      const status = { publisher: { disconnectedAt: action.at } }
      return patchStatus(deps, broadcast, { type: 'merge', fieldManager }, status, signal)
    }
    case 'createPod':
      await createPod(deps, broadcast, action.name, signal)
      return broadcast
    case 'adoptPod':
      await adoptPod(deps, broadcast, action.pod, signal)
      return broadcast
    case 'raisePod':
      await raisePod(deps, action.pod, signal)
      return broadcast
    case 'deletePod':
      if (action.failure) deps.onPodFailed(keyOf(broadcast), action.failure)
      await deletePod(deps, action.pod, signal, action.gracePeriodSeconds)
      return broadcast
    case 'tell': {
      const { level: type, reason, action: did, note } = action
      const regarding = { ...broadcast, apiVersion: broadcasts.apiVersion, kind: broadcasts.kind }
      deps.recorder.record({ regarding, type, reason, action: did, note })
      return broadcast
    }
  }
}

/**
 * Deletes one Pod, not a namesake; one that is gone is fine. A Pod that does not answer has a short time: it has nothing to
 * hand over, and one that only just begins does not hear SIGTERM, which a container's first process ignores until it listens.
 */
export async function deletePod(
  { api, caches }: Pick<ActorDeps, 'api' | 'caches'>,
  pod: Pod,
  signal: AbortSignal,
  gracePeriodSeconds = answers(pod) ? undefined : shortGraceSeconds,
): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  try {
    const stopping = podOrNothing(await api.delete(pods, { namespace, name }, { uid, gracePeriodSeconds, signal }))
    if (stopping) caches.pods.wrote(stopping)
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

async function setFinalizers(
  { api, caches }: ActorDeps,
  broadcast: Broadcast,
  finalizers: string[],
  signal: AbortSignal,
): Promise<Broadcast> {
  const { namespace, name, resourceVersion } = broadcast.metadata
  const body = { metadata: { resourceVersion, finalizers } }
  try {
    const written = await api.patch(broadcasts, { namespace, name }, { type: 'merge', body, fieldManager }, signal)
    caches.broadcasts.wrote(written)
    return written
  } catch (error) {
    if (isNotFound(error)) return broadcast // gone: nothing left to do for it
    throw error
  }
}

async function patchStatus(
  { api, caches }: ActorDeps,
  broadcast: Broadcast,
  patch: { type: 'apply'; fieldManager: string; force: boolean } | { type: 'merge'; fieldManager: string },
  status: object,
  signal: AbortSignal,
): Promise<Broadcast> {
  const { namespace, name, uid, resourceVersion } = broadcast.metadata
  const { apiVersion, kind } = broadcasts
  const body = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status }
  const written = await api.patch(broadcasts, { namespace, name, subresource: 'status' }, { ...patch, body }, signal)
  caches.broadcasts.wrote(written)
  return written
}

async function createPod(deps: ActDeps, broadcast: Broadcast, name: string, signal: AbortSignal): Promise<void> {
  const { api, caches, blueprints } = deps
  const { namespace } = broadcast.metadata
  const { pool } = roomyPool(caches, namespace)
  const blueprint = blueprints.of(pool)
  if ('problem' in blueprint) throw new Error(`the MediaPool's template is broken: ${blueprint.problem}`) // since the decision
  const body = desiredLivePod({ name, broadcast, pool: pool?.metadata.name, template: blueprint.template })
  try {
    caches.pods.wrote(await api.create(pods, { namespace }, body, { fieldManager, signal }))
  } catch (error) {
    // Made a moment ago by this operator or a leader before it (its name says for whom), and known by now or soon.
    if (isAlreadyExists(error) && caches.pods.store.get(`${namespace}/${name}`)) return
    const refusal = refusalOfPod(error)
    if (!refusal) throw error
    deps.onPodFailed(keyOf(broadcast), refusal)
    throw new PodRefusedError(refusal, { cause: error })
  }
}

/** The apiserver takes no such Pod now (quota, policy, template): the next decision says so and waits. */
export class PodRefusedError extends Error {
  constructor({ reason, message }: PodFailure, options: ErrorOptions) {
    super(`${reason}: ${message}`, options)
    this.name = 'PodRefusedError'
  }
}

async function adoptPod(deps: ActorDeps, broadcast: Broadcast, pod: Pod, signal: AbortSignal): Promise<void> {
  const { api, caches } = deps
  const { namespace, name, uid, resourceVersion } = pod.metadata
  const patch = adoptionPatch(broadcast)
  const body = { metadata: { ...patch.metadata, uid, resourceVersion } }
  try {
    caches.pods.wrote(await api.patch(pods, { namespace, name }, { type: 'merge', body, fieldManager }, signal))
  } catch (error) {
    if (isNotFound(error)) return // its deletion is on its way to the cache and leads to another Pod
    if (isConflict(error)) deps.onAdoptionConflict()
    throw error
  }
}

async function raisePod({ api, caches, refusedRaises, log }: ActorDeps, pod: Pod, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  if (refusedRaises.has(uid)) return
  const missing = Object.entries(cpuToRaise(pod) ?? {})
  const raised = (of: readonly { name: string }[] = []) =>
    missing
      .filter(([name]) => of.some((container) => container.name === name))
      .map(([name, cpu]) => ({ name, resources: { requests: { cpu } } }))
  const spec = { containers: raised(pod.spec.containers), initContainers: raised(pod.spec.initContainers) }
  const address = { namespace, name, subresource: 'resize' }
  try {
    caches.pods.wrote(await api.patch(pods, address, { type: 'strategic', body: { spec }, fieldManager }, signal))
  } catch (error) {
    // Older clusters cannot, and a full node may not: the stream runs with what it gets.
    if (!(error instanceof KubernetesError) || error.status === 0 || error.status >= 500) throw error
    refusedRaises.add(uid)
    log.info('pod.not_raised', { pod: name, error })
  }
}
