/** Why a Pod that was never ready is not, in words for a condition, and how long it is given. */
import { KubernetesError } from '@mytaek1/platform/kubernetes/error.ts'
import type { Pod } from '../kubernetes/api.ts'
import { answers, isFinished, isLeaving, unreadySinceMs } from './state.ts'
import type { PodFailure } from './pod-failures.ts'

/** A pull or a container that fails is tried again by kubelet, after pauses that a fresh Pod does not inherit. */
const troubledMs = 60_000
/** A cluster's autoscaler needs minutes for a node, and begins anew with each new Pod. */
const unschedulableMs = 10 * 60_000
/** As long as its startup probe is patient, and half a minute. */
const quietMs = 330_000
const maxMessage = 1_024

const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])
const containerReasons = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])

/** What keeps the Pod from being ready; undefined: nothing that anybody says. Equal words while the cause is the same. */
export function troubleOf(pod: Pod): PodFailure | undefined {
  // A sidecar comes first, and what it waits for the others wait for.
  for (const { name, image, state } of [
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.containerStatuses ?? []),
  ]) {
    const { reason = '', message = '' } = state?.waiting ?? {}
    // Kubelet's own words change with each try.
    if (pullReasons.has(reason))
      return { reason: 'ImagePullFailed', message: `the image ${image} of container ${name} cannot be pulled` }
    if (containerReasons.has(reason))
      return { reason: 'ContainerNotCreated', message: `container ${name}: ${message || reason}`.slice(0, maxMessage) }
  }
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined
  return { reason: 'Unschedulable', message: (scheduled.message ?? 'no node takes the Pod').slice(0, maxMessage) }
}

/** How a Pod ended that did, for the condition of whoever had it. */
export function endOf(pod: Pod): PodFailure {
  const trouble = troubleOf(pod)
  if (trouble) return trouble
  for (const { name, state } of pod.status.containerStatuses ?? []) {
    const ended = state?.terminated
    if (!ended) continue
    const words = [ended.reason, ended.exitCode === undefined ? undefined : `exit code ${ended.exitCode}`]
    return {
      reason: 'PodFailing',
      message: `the last Pods ended at once: container ${name}, ${words.filter(Boolean).join(', ')}`,
    }
  }
  return {
    reason: 'PodFailing',
    message: isFinished(pod) ? 'the last Pods ended at once' : 'the last Pods never became ready',
  }
}

/** Milliseconds that a Pod which is not ready is still given; undefined for one that is, or is on its way out. */
export function patienceLeftMs(pod: Pod, now: Date): number | undefined {
  if (answers(pod) || isLeaving(pod) || isFinished(pod)) return undefined
  const trouble = troubleOf(pod)
  const patienceMs = !trouble ? quietMs : trouble.reason === 'Unschedulable' ? unschedulableMs : troubledMs
  const since = Math.max(Date.parse(pod.metadata.creationTimestamp), unreadySinceMs(pod) ?? 0)
  return since + patienceMs - now.getTime()
}

/** The apiserver's refusal of a Pod as a failure; undefined: the apiserver is not well, which says nothing of the Pod. */
export function refusalOfPod(error: unknown): PodFailure | undefined {
  if (!(error instanceof KubernetesError) || error.status < 400 || error.status >= 500) return undefined
  if (error.status === 409 || error.status === 429) return undefined
  const message = error.message.replace(/^[A-Z]+ \S+: \d+ /, '').slice(0, maxMessage)
  return { reason: refusalReason(error), message, refused: true }
}

function refusalReason({ status, message }: KubernetesError): string {
  if (message.includes('exceeded quota')) return 'QuotaExceeded'
  return status === 400 || status === 422 ? 'PodTemplateInvalid' : 'PodRefused'
}
