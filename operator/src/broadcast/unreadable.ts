/**
 * A Broadcast that this version cannot read, whole or in part: a later one wrote it. It exists, so nothing of it is ended;
 * its condition `Readable` says what is the matter.
 */
import { broadcastFinalizer, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import type { Unreadable } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts, pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import { z } from 'zod'
import { deletePod, type ActorDeps } from './act.ts'
import { shortGraceSeconds } from './plan.ts'
import { conditionOf, rfc3339 } from './status.ts'

/** Owns that one condition: the operator's own fields stay as they are. */
const fieldManager = 'operator-reader'
/** What can be left out without harm: how a stream is made, and what only people read. */
const harmless =
  /^(spec\.(latency|ladder|encoderPreset|recording|dvrWindow)|status\.(phase|recording|mediaSequence))(\.|$)/

/** Whether so much of it was read that it may be acted upon. */
export const isActedUpon = ({ unread = [] }: Broadcast): boolean => unread.every((path) => harmless.test(path))

/** Says what of the object cannot be read, or takes that back; writes only what is not said already. */
export async function tellReadable(deps: ActorDeps, broadcast: Broadcast, signal: AbortSignal): Promise<void> {
  const { unread } = broadcast
  const said = conditionOf(broadcast, 'Readable')
  const message = unread && `this version does not know what it says in ${unread.join(', ')}`
  if (said?.message === message) return
  if (message !== undefined) tell(deps, broadcast.metadata, message) // first: who stops in between is not told again
  await applyCondition(deps, broadcast.metadata, message, signal)
}

/** Keeps what cannot be read at all; once it is deleted, lets its Pods and then the object go. */
export async function keepUnreadable(
  deps: ActorDeps & { toldUnreadable: Map<string, string> },
  key: string,
  object: Unreadable,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const { namespace = '', name, uid } = object.metadata
  if (deps.toldUnreadable.get(key) !== `${uid} ${object.why}`) {
    tell(deps, object.metadata, object.why)
    await applyCondition(deps, object.metadata, object.why.slice(0, 4_096), signal)
    deps.toldUnreadable.set(key, `${uid} ${object.why}`)
  }
  const { metadata } = deletionShape.parse(
    await deps.api.call({ method: 'GET', path: pathOf(broadcasts, { namespace, name }), signal }),
  )
  if (metadata.deletionTimestamp === undefined || !metadata.finalizers.includes(broadcastFinalizer)) return {}
  const left = deps.caches.pods.store.by('broadcast', key)
  for (const pod of left) {
    deps.fence()
    if (pod.metadata.deletionTimestamp === undefined) await deletePod(deps, pod, signal, shortGraceSeconds)
  }
  if (left.length > 0) return { requeueAfterMs: 2_000 }
  deps.fence()
  const finalizers = metadata.finalizers.filter((one) => one !== broadcastFinalizer)
  const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }
  const contentType = 'application/merge-patch+json'
  await deps.api.call({ method: 'PATCH', path: pathOf(broadcasts, { namespace, name }), body, contentType, signal })
  return {}
}

/** Asks the apiserver itself whether the object is gone: a cache, or a version, that does not know it proves nothing. */
export async function isReallyGone(
  { api }: Pick<ActorDeps, 'api'>,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const [namespace, name] = key.split('/')
  try {
    await api.call({ method: 'GET', path: pathOf(broadcasts, { namespace, name }), signal })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

const deletionShape = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    deletionTimestamp: z.string().optional(),
    finalizers: z.array(z.string()).default([]),
  }),
})

async function applyCondition(
  { api, fence }: ActorDeps,
  { namespace = '', name, uid }: Unreadable['metadata'],
  message: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  fence()
  const { apiVersion, kind } = broadcasts
  const at = rfc3339(new Date())
  const condition = { type: 'Readable', status: 'False', reason: 'Unreadable', message, lastTransitionTime: at }
  const status = message === undefined ? {} : { conditions: [condition] }
  const body = { apiVersion, kind, metadata: { name, namespace, uid }, status }
  await api.call({
    method: 'PATCH',
    path: pathOf(broadcasts, { namespace, name, subresource: 'status' }),
    query: { fieldManager, force: true },
    contentType: 'application/apply-patch+yaml',
    body,
    signal,
  })
}

function tell({ recorder }: ActorDeps, metadata: Unreadable['metadata'], note: string): void {
  const regarding = { metadata, apiVersion: broadcasts.apiVersion, kind: broadcasts.kind }
  recorder.record({ regarding, type: 'Warning', reason: 'Unreadable', action: 'Read', note })
}
