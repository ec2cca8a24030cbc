import { z } from 'zod'
import { labels } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'

/** Set by the operator on every stream Pod: which template it was made from, for the pool's rollout. */
export const templateHashAnnotation = 'live.mytaek1.dev/template-hash'
/** The CPU each container of a warm Pod gets once it is live, e.g. `{"stream":"500m"}`. */
export const liveCpuAnnotation = 'live.mytaek1.dev/live-cpu'

/** The broadcast a stream Pod is labelled with; undefined for a warm one. */
export const broadcastOf = (pod: Pod): string | undefined => pod.metadata.labels[labels.broadcast]
/** The pool that made it. */
export const poolOf = (pod: Pod): string | undefined => pod.metadata.labels[labels.pool]

/** Deletion was asked for (kubectl, eviction, a drained node): it still runs for its grace period. */
export const isLeaving = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined

/**
 * It ended and never comes back: stream Pods are not restarted in place, a fresh one is faster and clean. Its containers ended
 * before its phase says so: kubelet ends the sidecars first.
 */
export function isFinished({ status }: Pod): boolean {
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return true
  const containers = status.containerStatuses ?? []
  return containers.length > 0 && containers.every(({ state }) => state?.terminated !== undefined)
}

const readyCondition = (pod: Pod) => pod.status.conditions?.find((condition) => condition.type === 'Ready')

/** Its process answers. */
export const answers = (pod: Pod): boolean => readyCondition(pod)?.status === 'True'

/** It takes a stream now: the process answers and has an address. */
export const isReady = (pod: Pod): boolean =>
  !isLeaving(pod) && !isFinished(pod) && answers(pod) && Boolean(pod.status.podIP)

/** Since when (Unix ms) a Pod that was ready is not; undefined while it is ready or never was. */
export function unreadySinceMs(pod: Pod): number | undefined {
  const condition = readyCondition(pod)
  if (!condition || condition.status === 'True' || !condition.lastTransitionTime) return undefined
  return Date.parse(condition.lastTransitionTime)
}

/**
 * Its node no longer answers: the control plane then calls the Pod unready, and leaves what kubelet said of its containers. (A
 * Pod whose probe fails has both from kubelet.)
 */
export const isOnLostNode = (pod: Pod): boolean =>
  readyCondition(pod)?.status === 'False' &&
  pod.status.conditions?.find(({ type }) => type === 'ContainersReady')?.status === 'True'

/** A Pod of a pool that nobody has and that takes a stream now. */
export const isWarm = (pod: Pod): boolean => poolOf(pod) !== undefined && broadcastOf(pod) === undefined && isReady(pod)

const liveCpuShape = z.record(z.string(), z.string())

/** The CPU requests that an adopted warm Pod does not have yet, by container; undefined when there is nothing to raise. */
export function cpuToRaise(pod: Pod): Record<string, string> | undefined {
  const text = pod.metadata.annotations[liveCpuAnnotation]
  if (text === undefined) return undefined
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  const missing = Object.entries(liveCpuShape.parse(JSON.parse(text))).filter(
    ([name, cpu]) => containers.find((container) => container.name === name)?.resources?.requests?.['cpu'] !== cpu,
  )
  return missing.length === 0 ? undefined : Object.fromEntries(missing)
}
