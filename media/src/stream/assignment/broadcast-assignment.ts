/** The assignment as the Broadcast that names this Pod tells it: a watch with a field selector, warm and cold alike. */
import { isDeepStrictEqual } from 'node:util'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { startReflector, type Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Assignment, AssignmentSource } from './assignment.ts'

/** Fifty Pods that are given broadcasts at once leave the apiserver to those that are not told yet. */
const followAfterMs = 2_000

/**
 * Follows the Broadcast whose `status.podName` is `podName`; the first one seen is the Pod's for good.
 *
 * States: WAITING (all Broadcasts, narrowed by the apiserver to those that name this Pod) → one names it → ASSIGNED (a moment
 * later by its own name, which the apiserver finds without looking at anybody else's). Listeners hear of what concerns a
 * stream only: not of every write to the object, their own among them.
 */
export function broadcastAssignment(options: {
  api: KubernetesApi
  namespace: string
  podName: string
  log: Logger
  /** From the assignment on, twice that at most. */
  followMs?: number
}): AssignmentSource & { synced: Promise<void>; isGone: () => boolean } {
  const { api, namespace, podName, log, followMs = followAfterMs } = options
  const listeners: ((assignment: Assignment) => void)[] = []
  let current: Assignment | undefined
  let uid: string | undefined
  let assigned: Reflector<Broadcast> | undefined
  const tell = (assignment: Assignment) => {
    if (isDeepStrictEqual(current, assignment)) return
    current = assignment
    for (const listener of listeners) listener(assignment)
  }
  let isGone = false // the Broadcast, or this Pod's name in it
  const moved = () => {
    isGone = true
    if (current?.state === 'open') tell({ ...current, state: 'moved' })
  }
  const follow = { api, resource: broadcasts, namespace, log }
  const take = (broadcast: Broadcast) => {
    const { name } = broadcast.metadata
    if (current !== undefined && (name !== current.broadcast || broadcast.metadata.uid !== uid)) {
      log.error('stream.second_assignment', { broadcast: name, serving: current.broadcast })
      return
    }
    const assignment = assignmentOf(broadcast, current)
    isGone = broadcast.status?.podName !== podName
    // Its end is often said in the write that takes this Pod's name away.
    if (broadcast.status?.podName !== podName && assignment.state === 'open') return moved()
    tell(assignment)
  }
  let timer: NodeJS.Timeout | undefined
  // Deleted: the object says so before (deletionTimestamp). One that is gone without a word is nobody's to end.
  const followByName = (name: string) => {
    clearTimeout(timer)
    if (assigned !== undefined) return
    const byName = startReflector({
      ...follow,
      fieldSelector: `metadata.name=${name}`,
      onChange: take,
      onDelete: moved,
    })
    assigned = byName
    const onSynced = () => {
      if (byName.store.size === 0) moved()
      return waiting.stop()
    }
    void byName.synced.then(onSynced).catch(() => undefined) // closed before
  }
  const waiting = startReflector({
    ...follow,
    fieldSelector: `status.podName=${podName}`,
    onChange: (broadcast) => {
      uid ??= broadcast.metadata.uid
      take(broadcast)
      timer ??= setTimeout(() => followByName(broadcast.metadata.name), followMs * (1 + Math.random()))
    },
    onDelete: ({ metadata }) => followByName(metadata.name), // gone, or another Pod's: its own name tells which
  })
  // A Pod that waits has time now. Fifty that are given broadcasts at once, on few cores, have not.
  void waiting.synced.then(() => current ?? rehearse()).catch(() => undefined) // closed before it was synced
  return {
    get current() {
      return current
    },
    synced: waiting.synced,
    isGone: () => isGone,
    subscribe: (listener) => {
      listeners.push(listener)
      if (current !== undefined) listener(current)
    },
    close: async () => {
      clearTimeout(timer)
      await Promise.all([waiting.stop(), assigned?.stop()])
    },
  }
}

/** Reads what the Pod needs out of a Broadcast; `known` is what it read before: a hash that cannot be read is still in force. */
export function assignmentOf(broadcast: Broadcast, known?: Assignment): Assignment {
  const { metadata, spec, status } = broadcast
  const sequence = status?.mediaSequence
  const isOver = spec.state === 'Ended' || status?.phase === 'Ended' || metadata.deletionTimestamp !== undefined
  return {
    broadcast: metadata.name,
    streamKeySha256: spec.streamKey.sha256 ?? status?.streamKeySha256 ?? known?.streamKeySha256,
    latency: spec.latency,
    dvrWindowSeconds: parseGoDuration(spec.dvrWindow) ?? 600,
    ladder: spec.ladder,
    encoderPreset: spec.encoderPreset,
    recording: spec.recording,
    createdAtMs: Date.parse(metadata.creationTimestamp ?? '') || 0,
    sequence: sequence && {
      number: sequence.number,
      discontinuity: sequence.discontinuity,
      atMs: Date.parse(sequence.at),
      segmentSeconds: sequence.segmentSeconds,
    },
    state: isOver ? 'ended' : 'open',
  }
}

/**
 * Reads a Broadcast of no meaning. The first one costs 9 ms of CPU (zod makes its code for each shape when it is
 * first used), every other 0.3 ms.
 */
function rehearse(): void {
  const at = '2026-01-01T00:00:00Z'
  const condition = { type: 'Ready', status: 'False', reason: 'Example', lastTransitionTime: at }
  assignmentOf(
    broadcasts.parse({
      apiVersion: broadcasts.apiVersion,
      kind: broadcasts.kind,
      metadata: { name: 'example', namespace: 'example', uid: 'example', resourceVersion: '0', creationTimestamp: at },
      spec: { title: 'Example', seller: 'example', streamKey: {} },
      status: { conditions: [condition], publisher: { sessionId: '', ingestPod: '', connectedAt: at } },
    }),
  )
}

const unitSeconds: Readonly<Record<string, number>> = Object.freeze({ h: 3600, m: 60, s: 1, ms: 0.001 })

/** Seconds of a Go duration such as `10m` or `1h30m`; undefined if it is none. */
export function parseGoDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
    total += Number(amount) * (unitSeconds[unit] ?? 0)
  }
  return total
}
