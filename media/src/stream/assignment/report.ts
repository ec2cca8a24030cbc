/** What this Pod tells of its broadcast, and where: the status (what changed) and the heartbeat (what is measured). */
import type { Listening, StreamHealth } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Assignment, AssignmentSource } from './assignment.ts'
import { startHeartbeat } from './heartbeat.ts'
import { pendingSpec } from './pending-spec.ts'
import { StatusWriter, type StreamFacts } from './status-writer.ts'

export interface ReportOptions {
  api: KubernetesApi
  namespace: string
  podName: string
  /** Absent where the Pod does not know it: then there is no heartbeat. */
  podUID: string | undefined
  listening: Listening | undefined
  assignments: Pick<AssignmentSource, 'subscribe'>
  /** The Pod waited before it was given the broadcast: it was known to listen when it was chosen. */
  isWarm: () => boolean
  facts: () => StreamFacts
  health: () => StreamHealth | undefined
  log: Logger
}

/** Begins with the first assignment, and ends when another Pod has the broadcast: its conditions are that one's to write. */
export function startReport(options: ReportOptions): { changed(): void; stop(): void } {
  const { assignments, isWarm, namespace, podUID } = options
  let begun: Assignment | undefined
  let current: Assignment | undefined
  let status: StatusWriter | undefined
  let heartbeat: { stop(): void } | undefined
  const stop = () => {
    status?.close()
    heartbeat?.stop()
  }
  assignments.subscribe((assignment) => {
    if (assignment.state === 'moved') return stop()
    current = assignment
    begun ??= assignment
    const { broadcast } = assignment
    if (status !== undefined) return status.soon()
    const pending = () => (begun && current ? pendingSpec(begun, current) : [])
    status = new StatusWriter({ ...options, name: broadcast, pending })
    if (podUID !== undefined) heartbeat = startHeartbeat({ ...options, namespace, podUID, broadcast })
    // A Pod that was made for the broadcast is waited for; a warm one is not.
    if (isWarm()) status.soon()
    else status.changed()
  })
  return { changed: () => status?.changed(), stop }
}
