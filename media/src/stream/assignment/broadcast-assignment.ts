/** The assignment as the Broadcast that names this Pod tells it: a watch with a field selector, warm and cold alike. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Assignment, AssignmentSource } from './assignment.ts'

/** Follows the Broadcast whose `status.podName` is `podName`; the first one seen is the Pod's for good. */
export function broadcastAssignment(options: {
  api: KubernetesApi
  namespace: string
  podName: string
  log: Logger
}): AssignmentSource & { synced: Promise<void> } {
  const { api, namespace, podName, log } = options
  const listeners: ((assignment: Assignment) => void)[] = []
  let current: Assignment | undefined
  const tell = (assignment: Assignment) => {
    if (current !== undefined && current.broadcast !== assignment.broadcast) {
      log.error('stream.second_assignment', { broadcast: assignment.broadcast, serving: current.broadcast })
      return
    }
    current = assignment
    for (const listener of listeners) listener(assignment)
  }
  const reflector = startReflector({
    api,
    resource: broadcasts,
    namespace,
    fieldSelector: `status.podName=${podName}`,
    log,
    onChange: (broadcast) => tell(assignmentOf(broadcast)),
    // Gone from the selector. A deleted Broadcast says so before (deletionTimestamp), so another Pod has it now.
    onDelete: () => {
      if (current?.state === 'open') tell({ ...current, state: 'moved' })
    },
  })
  // A Pod that waits has time now. Fifty that are given broadcasts at once, on few cores, have not.
  void reflector.synced.then(() => current ?? rehearse()).catch(() => undefined) // closed before it was synced
  return {
    get current() {
      return current
    },
    synced: reflector.synced,
    subscribe: (listener) => {
      listeners.push(listener)
      if (current !== undefined) listener(current)
    },
    close: () => reflector.stop(),
  }
}

/** Reads what the Pod needs out of a Broadcast. */
export function assignmentOf(broadcast: Broadcast): Assignment {
  const { metadata, spec, status } = broadcast
  const sequence = status?.mediaSequence
  const isOver = spec.state === 'Ended' || status?.phase === 'Ended' || metadata.deletionTimestamp !== undefined
  return {
    broadcast: metadata.name,
    streamKeySha256: spec.streamKey.sha256 ?? status?.streamKeySha256,
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
