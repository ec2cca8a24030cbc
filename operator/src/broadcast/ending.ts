/** The end of a Broadcast: by its state or its window, or by deletion. */
import type { Pod } from '../kubernetes/api.ts'
import { broadcastOf, isLeaving } from '../stream-pod/state.ts'
import { statusActions } from './conditions.ts'
import { discard, shortGraceSeconds, type Action, type Observed, type Plan } from './plan.ts'
import { serves } from './pod-health.ts'
import { conditionOf, rfc3339, type Finding } from './status.ts'

/** A deleted Broadcast waits this long for its Pod to write the playlist's end. */
const flushMs = 8_000
/** A Pod that has not stopped so long after its grace period is on a node that is lost. */
const overdueMs = 5_000

/** Ended: say so, linger, let the Pod go, forget its address. */
export function wind(observed: Observed, now: Date): Plan {
  const { broadcast, assigned, others } = observed
  const endedAt = broadcast.status?.endedAt ?? rfc3339(now)
  const mine =
    assigned && (broadcastOf(assigned) ?? broadcast.metadata.name) === broadcast.metadata.name ? assigned : undefined
  const finding: Finding = { status: 'False', reason: 'Ended' }
  const actions = [...statusActions(observed, now, { pod: mine, assigned: finding, endedAt }), ...discard(others)]
  if (!mine) return { actions }
  if (observed.isClosing) return { actions: [...actions, ...hurry(mine, now)], requeueAfterMs: 1_000 }
  if (isLeaving(mine)) return { actions }
  const leftMs = Date.parse(endedAt) + observed.lingerMs - now.getTime()
  if (leftMs > 0 && serves(broadcast, mine)) return { actions, requeueAfterMs: leftMs }
  return { actions: [...actions, { type: 'deletePod', pod: mine }] }
}

// The end of a namespace asks its Pods to go with the time that they have for viewers. Its process has read of the end by now.
function hurry(pod: Pod, now: Date): Action[] {
  const leftMs = Date.parse(pod.metadata.deletionTimestamp ?? '') - now.getTime()
  if (isLeaving(pod) && leftMs <= shortGraceSeconds * 1_000) return []
  return [{ type: 'deletePod', pod, gracePeriodSeconds: shortGraceSeconds }]
}

/** Deleted: end the playlist, let all Pods go, and only then the object. */
export function finish(observed: Observed, now: Date): Plan {
  const { broadcast, assigned, others } = observed
  const mine =
    assigned && (broadcastOf(assigned) ?? broadcast.metadata.name) === broadcast.metadata.name ? [assigned] : []
  const left = [...mine, ...others]
  if (left.length === 0) return { actions: [{ type: 'removeFinalizer' }] }
  const endedAt = broadcast.status?.endedAt ?? rfc3339(now)
  const actions = statusActions(observed, now, {
    pod: mine[0],
    assigned: { status: 'False', reason: 'Ended' },
    endedAt,
  })
  const publishing = conditionOf(broadcast, 'Publishing')
  const flushed = publishing === undefined || (publishing.status === 'False' && publishing.reason === 'Ended')
  const flushLeftMs = Date.parse(broadcast.metadata.deletionTimestamp ?? endedAt) + flushMs - now.getTime()
  let requeueAfterMs = 2_000
  for (const pod of left) {
    if (isLeaving(pod)) {
      // The deletion timestamp already includes the grace period.
      const overMs = now.getTime() - Date.parse(pod.metadata.deletionTimestamp ?? '')
      if (overMs > overdueMs) actions.push({ type: 'deletePod', pod, gracePeriodSeconds: 0 })
      // It was leaving before, with minutes to hand over. A process that works has ended by now: there is nothing to.
      else if (overMs < -shortGraceSeconds * 1_000 && flushLeftMs <= 0)
        actions.push({ type: 'deletePod', pod, gracePeriodSeconds: shortGraceSeconds })
    } else if (flushed || flushLeftMs <= 0 || !serves(broadcast, pod)) {
      actions.push({ type: 'deletePod', pod, gracePeriodSeconds: shortGraceSeconds })
    } else requeueAfterMs = Math.min(requeueAfterMs, flushLeftMs)
  }
  return { actions, requeueAfterMs }
}
