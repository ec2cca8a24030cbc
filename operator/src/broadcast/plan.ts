/** What a decision about a Broadcast is made from, and what it says. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { isFinished, isLeaving } from '../stream-pod/state.ts'
import { endOf } from '../stream-pod/trouble.ts'
import type { PodFailure, RecentFailure } from '../stream-pod/pod-failures.ts'
import type { Blueprint } from '../stream-pod/template.ts'
import type { OperatorStatus } from './status.ts'

interface Problem {
  reason: string
  message: string
}
/** The key's hash, perhaps only the last good one because of a `warning`; or why there is none. */
export type KeyFinding = { sha256: string; warning?: Problem } | { problem: Problem }

/**
 * Everything a decision depends on:
 *
 *   Broadcast ── status.podName ──▶ assigned      the Pod it names, if there is one
 *       ▲
 *       └────── label + owner ───── others[]      Pods of its own that it does not name (successor, predecessors)
 *
 *   pool ─▶ warm   a Pod nobody has            key ─▶ the hash in force, or why there is none
 *       └─▶ blueprint   of a Pod made for it
 */
export interface Observed {
  broadcast: Broadcast
  key: KeyFinding
  assigned: Pod | undefined
  others: readonly Pod[]
  warm: Pod | undefined
  /** The pools allow no further Pod. */
  full: boolean
  /** What a Pod made for it is made from. */
  blueprint: Blueprint
  /** Pods are made from another template by now than `assigned` was. */
  isStale: boolean
  /** A newer open Broadcast with the same key, to which encoders go. */
  newer: string | undefined
  /** The ingest Pod that status.publisher names does not run, or its node does not answer. */
  ingestGone: boolean
  /** Its last Pod failed, or was refused, a moment ago. */
  failure: RecentFailure | undefined
  /** Other encoders are being given Pods: what nobody waits for is done so many milliseconds later. */
  rushMs: number
  /** How long ago (local clock) its stream process last renewed its Lease; infinite: never. */
  silentMs: number
  publicHttpUrl: string
  /** How long the Pod of an ended broadcast stays: viewers behind live read the playlist's end. */
  lingerMs: number
  /** The namespace is being deleted: nothing lives on. */
  isClosing: boolean
}

export type Action =
  | { type: 'addFinalizer' }
  | { type: 'removeFinalizer' }
  | { type: 'applyStatus'; status: OperatorStatus }
  | { type: 'markDisconnected'; at: string }
  | { type: 'createPod'; name: string }
  | { type: 'adoptPod'; pod: Pod }
  | { type: 'raisePod'; pod: Pod }
  | { type: 'deletePod'; pod: Pod; gracePeriodSeconds?: number; failure?: PodFailure }
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
  unwanted
    .filter((pod) => !isLeaving(pod))
    .map((pod) => ({ type: 'deletePod', pod, ...(isFinished(pod) ? { failure: endOf(pod) } : {}) }))
