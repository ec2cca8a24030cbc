/** What a decision about a Broadcast is made from, and what it says. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { isFinished, isLeaving } from '../stream-pod/state.ts'
import type { OperatorStatus } from './status.ts'

export type KeyFinding = { sha256: string } | { problem: { reason: string; message: string } }

/**
 * Everything a decision depends on:
 *
 *   Broadcast ── status.podName ──▶ assigned      the Pod it names, if there is one
 *       ▲
 *       └────── label + owner ───── others[]      Pods of its own that it does not name (successor, predecessors)
 *
 *   pool ─▶ warm   a Pod nobody has            key ─▶ the hash in force, or why there is none
 */
export interface Observed {
  broadcast: Broadcast
  key: KeyFinding
  assigned: Pod | undefined
  others: readonly Pod[]
  warm: Pod | undefined
  /** The pools allow no further Pod. */
  full: boolean
  /** The ingest Pod that status.publisher names does not run. */
  ingestGone: boolean
  /** No Pod of this Broadcast is made before this time (Unix ms): its last ones failed at once. */
  notBeforeMs: number
  /** Other encoders are being given Pods: what nobody waits for is done so many milliseconds later. */
  rushMs: number
  /** How long ago (local clock) its stream process last wrote its health; infinite: never. */
  silentMs: number
  publicHttpUrl: string
  /** How long the Pod of an ended broadcast stays: viewers behind live read the playlist's end. */
  lingerMs: number
}

export type Action =
  | { type: 'addFinalizer' }
  | { type: 'removeFinalizer' }
  | { type: 'applyStatus'; status: OperatorStatus }
  | { type: 'markDisconnected'; at: string }
  | { type: 'createPod'; name: string }
  | { type: 'adoptPod'; pod: Pod }
  | { type: 'raisePod'; pod: Pod }
  | { type: 'deletePod'; pod: Pod; gracePeriodSeconds?: number; failed?: boolean }
  | { type: 'tell'; level: 'Normal' | 'Warning'; reason: string; action: string; note: string }

export interface Plan {
  actions: Action[]
  requeueAfterMs?: number
  /** The warm Pod that its status gives to the Broadcast. */
  chosen?: Pod
}

/**
 * A Pod that nobody waits for has this long to stop, not the minutes that one with viewers has to hand over; then its node
 * is soon taken for lost.
 */
export const shortGraceSeconds = 10

/** The plan, looked at again after at most so long. */
export const sooner = (plan: Plan, afterMs: number): Plan => ({
  ...plan,
  requeueAfterMs: Math.max(50, Math.min(plan.requeueAfterMs ?? Number.POSITIVE_INFINITY, afterMs)),
})

/** Deletes Pods that have no purpose. */
export const discard = (unwanted: readonly Pod[]): Action[] =>
  unwanted.filter((pod) => !isLeaving(pod)).map((pod) => ({ type: 'deletePod', pod, failed: isFinished(pod) }))
