import { isDeepStrictEqual } from 'node:util'
import type { Broadcast, BroadcastStatus, Condition } from '@mytaek1/contracts/broadcast-resource.ts'

/** The conditions that the operator alone writes; Publishing and Playable are the stream Pod's. */
export const operatorConditionTypes = Object.freeze(['KeyAccepted', 'PodAssigned', 'Draining', 'Ready'] as const)
type OperatorConditionType = (typeof operatorConditionTypes)[number]

/** What a condition says now; times and generation are added by `operatorStatus`. */
export interface Finding {
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message?: string
}

/** The fields of status that the operator owns by server-side apply; absent means removed. */
export type OperatorStatus = Pick<
  BroadcastStatus,
  | 'observedGeneration'
  | 'phase'
  | 'streamKeySha256'
  | 'streamKeySecret'
  | 'podName'
  | 'podIP'
  | 'podUID'
  | 'playlistUrl'
  | 'endedAt'
> & { conditions: Condition[] }

const ownedFields = [
  'observedGeneration',
  'phase',
  'streamKeySha256',
  'streamKeySecret',
  'podName',
  'podIP',
  'podUID',
  'playlistUrl',
  'endedAt',
] as const

/** A condition of the stream Pod or the operator, by type. */
export const conditionOf = (broadcast: Broadcast, type: string): Condition | undefined =>
  broadcast.status?.conditions?.find((condition) => condition.type === type)

/** Completes the status: a condition keeps its `lastTransitionTime` for as long as its `status` stays the same. */
export function operatorStatus(
  broadcast: Broadcast,
  fields: Omit<OperatorStatus, 'conditions' | 'observedGeneration'>,
  findings: Record<OperatorConditionType, Finding>,
  now: Date,
): OperatorStatus {
  const generation = broadcast.metadata.generation
  const conditions = operatorConditionTypes.map((type): Condition => {
    const { status, reason, message = '' } = findings[type]
    const before = conditionOf(broadcast, type)
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : rfc3339(now)
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation }
  })
  return withoutAbsent({ observedGeneration: generation, ...fields, conditions })
}

/** Whether the object already says all that, so that nothing is to be written. */
export function saysAlready(broadcast: Broadcast, desired: OperatorStatus): boolean {
  const status = broadcast.status ?? {}
  const conditions = operatorConditionTypes.flatMap((type) => conditionOf(broadcast, type) ?? [])
  const now = { ...Object.fromEntries(ownedFields.map((field) => [field, status[field]])), conditions }
  return isDeepStrictEqual(withoutAbsent(now), desired)
}

/** RFC 3339 in whole seconds, as conditions are written. */
export const rfc3339 = (date: Date) => date.toISOString().replace(/\.\d{3}Z$/, 'Z')

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
}
