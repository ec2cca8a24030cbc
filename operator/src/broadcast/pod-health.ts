import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { broadcastOf, isFinished, isLeaving, isReady, unreadySinceMs } from '../stream-pod/state.ts'
import type { PodFailure } from '../stream-pod/pod-failures.ts'
import { endOf, patienceLeftMs, troubleOf } from '../stream-pod/trouble.ts'
import type { Observed } from './plan.ts'
import { conditionOf } from './status.ts'

/** A Pod that lost its readiness this long ago is replaced while an encoder is there. */
const unreadyMs = 20_000
/**
 * … unless its process still publishes, as it does when only its kubelet or the way to it is lost. It says so every 10 s:
 * twice missed, and some delay. A node that died was silent for longer when the control plane calls it NotReady.
 */
const heartbeatMs = 25_000

/** How the Pod is that the Broadcast names: none named, named and never made, at work, or no longer of use. */
export type Health =
  | { is: 'ready'; pod: Pod; checkAfterMs?: number }
  | { is: 'waiting'; pod: Pod; reason: string; message?: string; checkAfterMs?: number }
  | { is: 'unmade' | 'none'; pod?: undefined }
  | { is: 'failed'; pod: Pod; failure?: PodFailure }
  | { is: 'leaving' | 'lost'; pod?: Pod }

/** Judges the named Pod by what is known of it. */
export function healthOf(observed: Observed, now: Date): Health {
  const { broadcast, assigned } = observed
  const { podName, podUID } = broadcast.status ?? {}
  if (podName === undefined) return { is: 'none' }
  if (!assigned) return { is: podUID === undefined ? 'unmade' : 'lost' }
  if (podUID !== undefined && assigned.metadata.uid !== podUID) return { is: 'lost' } // a namesake
  const owner = broadcastOf(assigned)
  if (owner !== undefined && owner !== broadcast.metadata.name) return { is: 'lost' } // another leader gave it away first
  if (isFinished(assigned)) return { is: 'failed', pod: assigned, failure: endOf(assigned) }
  // One that leaves before it served has nothing to hand over.
  if (isLeaving(assigned)) return { is: podUID === undefined ? 'lost' : 'leaving', pod: assigned }
  if (serves(broadcast, assigned)) return { is: 'ready', pod: assigned }
  const since = podUID === undefined ? undefined : unreadySinceMs(assigned)
  if (since === undefined) return beginning(observed, assigned, now)
  const { silentMs } = observed
  const publishes = conditionOf(broadcast, 'Publishing')?.status === 'True'
  if (publishes && silentMs < heartbeatMs)
    return { is: 'ready', pod: assigned, checkAfterMs: Math.ceil(heartbeatMs - silentMs) }
  const leftMs = since + unreadyMs - now.getTime()
  return leftMs > 0
    ? { is: 'waiting', pod: assigned, reason: 'PodNotReady', checkAfterMs: leftMs }
    : { is: 'failed', pod: assigned }
}

// A Pod that was never ready: another one is made when its template is no longer the one in force, or its time is over.
function beginning({ failure, isStale }: Observed, pod: Pod, now: Date): Health {
  if (isStale) return { is: 'failed', pod }
  const leftMs = patienceLeftMs(pod, now) ?? 0
  if (leftMs <= 0) return { is: 'failed', pod, failure: endOf(pod) }
  const { reason, message } = troubleOf(pod) ?? failure ?? { reason: 'PodStarting' }
  return { is: 'waiting', pod, reason, message, checkAfterMs: leftMs }
}

/**
 * Whether its encoder's pictures flow, whatever the record of its publisher says: the stream process said so, and was not
 * silent since. (A process that never beat yet is believed.)
 */
export function flows({ broadcast, silentMs }: Pick<Observed, 'broadcast' | 'silentMs'>): boolean {
  if (conditionOf(broadcast, 'Publishing')?.status !== 'True') return false
  return silentMs < heartbeatMs || silentMs === Number.POSITIVE_INFINITY
}

/**
 * Whether the Pod takes the stream now: kubelet says so, or its process does, which a cold start need not wait for kubelet to
 * notice. What kubelet found out later counts more.
 */
export function serves({ status }: Broadcast, pod: Pod): boolean {
  if (isReady(pod)) return true
  const listening = status?.listening
  if (listening?.podName !== pod.metadata.name || isLeaving(pod) || isFinished(pod)) return false
  const since = unreadySinceMs(pod)
  return since === undefined || since < Date.parse(listening.at)
}

/** Where the Pod is reached, as kubelet or the Pod itself says. */
export function addressOf({ status }: Broadcast, pod: Pod): string | undefined {
  return pod.status.podIP ?? (status?.listening?.podName === pod.metadata.name ? status.listening.podIP : undefined)
}
