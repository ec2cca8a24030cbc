/**
 * What to do about one Broadcast, as a function of what is seen. No I/O, no clock, no memory.
 *
 * A Broadcast's life, as `phase` tells it:
 *   Open        no encoder yet; costs nothing but this object
 *   Starting    an encoder has authenticated; a Pod is adopted or made, media is on its way
 *   Live        the stream Pod says Playable
 *   Interrupted the encoder is gone; for `reconnectWindow` the Pod and its playlist wait for it
 *   Ended       for good: spec.state is Ended, or the window passed; the Pod leaves after a linger
 *   Failed      no encoder can be let in: the key cannot be read
 * Deletion takes the same way as Ended, only faster, and the finalizer goes last.
 */
import { broadcastFinalizer, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { broadcastOf, cpuToRaise, isFinished, isLeaving, isReady, unreadySinceMs } from '../stream-pod/state.ts'
import { durationMs } from './duration.ts'
import { livePodName, playlistUrl } from './names.ts'
import { conditionOf, operatorStatus, rfc3339, saysAlready, type Finding, type OperatorStatus } from './status.ts'

/** A deleted Broadcast waits this long for its Pod to write the playlist's end. */
const flushMs = 8_000
/**
 * A Pod that nobody waits for has this long to stop, not the minutes that one with viewers has to hand over; after it and
 * `overdueMs` its node is taken for lost.
 */
const shortGraceSeconds = 10
const overdueMs = 5_000
/** A Pod that lost its readiness this long ago is replaced while an encoder is there. */
const unreadyMs = 20_000
/** An encoder whose ingest Pod is gone has this long to have come back through another one. */
const ingestGoneMs = 15_000
const retryCapacityMs = 2_000
const notReadyYet = 'the Pod is not ready'

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
}

/** Lists what brings the world to what the Broadcast asks for, in the order in which a crash after any step is harmless. */
export function decide(observed: Observed, now: Date): Plan {
  const { broadcast } = observed
  const ours = broadcast.metadata.finalizers?.includes(broadcastFinalizer) ?? false
  if (broadcast.metadata.deletionTimestamp !== undefined) return ours ? finish(observed, now) : { actions: [] }
  const plan = hasEnded(observed, now) ? wind(observed, now) : carry(observed, now)
  // Before there is any Pod, so that no deletion can overlook it.
  return ours ? plan : { ...plan, actions: [{ type: 'addFinalizer' }, ...plan.actions] }
}

/** The encoder is gone since (Unix ms); undefined while it is there or never was. */
function goneSinceMs({ broadcast }: Observed): number | undefined {
  const { publisher, podName } = broadcast.status ?? {}
  if (publisher) return publisher.disconnectedAt === undefined ? undefined : Date.parse(publisher.disconnectedAt)
  if (podName === undefined) return undefined
  // The record was removed, which nobody should do: the window runs since the state last changed.
  const times = ['Ready', 'PodAssigned'].map((type) =>
    Date.parse(conditionOf(broadcast, type)?.lastTransitionTime ?? ''),
  )
  return Math.max(...times.filter((time) => !Number.isNaN(time)), 0)
}

function hasEnded(observed: Observed, now: Date): boolean {
  const { spec, status } = observed.broadcast
  if (spec.state === 'Ended' || status?.endedAt !== undefined) return true
  const since = goneSinceMs(observed)
  return since !== undefined && now.getTime() >= since + durationMs(spec.reconnectWindow)
}

// Open, Starting, Live, Interrupted, Failed.
function carry(observed: Observed, now: Date): Plan {
  const { broadcast, key, ingestGone } = observed
  const { publisher } = broadcast.status ?? {}
  const since = goneSinceMs(observed)
  const publishing = conditionOf(broadcast, 'Publishing')?.status === 'True'

  // 1. An ingest Pod that died cannot say that its encoder is gone. A stream that still flows proves the contrary.
  if (publisher && since === undefined && ingestGone && !publishing) {
    const waitMs = Date.parse(publisher.connectedAt) + ingestGoneMs - now.getTime()
    if (waitMs <= 0) return { actions: [{ type: 'markDisconnected', at: now.toISOString() }] }
    return sooner(carryPod(observed, now, since), waitMs)
  }
  const plan = carryPod(observed, now, since)
  // 2. The window's end is not an event: come back for it.
  if (since !== undefined) {
    return sooner(plan, since + durationMs(broadcast.spec.reconnectWindow) - now.getTime())
  }
  // 3. A Secret is read, not watched: its change or arrival is noticed by looking again.
  if (broadcast.spec.streamKey.secretRef) return sooner(plan, 'problem' in key ? 5_000 : 60_000)
  return plan
}

function carryPod(observed: Observed, now: Date, since: number | undefined): Plan {
  const { broadcast, assigned, others } = observed
  const status = broadcast.status ?? {}
  const wanted = Boolean(status.publisher) && since === undefined
  const successorName = livePodName(broadcast.metadata, status.podUID ?? assigned?.metadata.uid ?? '')
  const successor = others.find((pod) => pod.metadata.name === successorName)
  const health = healthOf(observed, now)
  const keep = (pod: Pod | undefined, finding: Finding, extra: Partial<Parts> = {}): Action[] =>
    statusActions(observed, now, { pod, assigned: finding, since, ...extra })
  const leftovers = discard(others.filter((pod) => pod !== successor || !wanted))

  switch (health.is) {
    // A. The Pod it names works. Adoption may still have to be written on the Pod (a crash came between).
    case 'ready': {
      const adopted = broadcastOf(health.pod) === broadcast.metadata.name
      const adopt: Action[] = adopted ? [] : [{ type: 'adoptPod', pod: health.pod }]
      const actions = keep(health.pod, { status: 'True', reason: 'PodReady' })
      // After Ready is written: what a viewer waits for comes first.
      const live = conditionOf(broadcast, 'Playable')?.status === 'True'
      const raise: Action[] = live && cpuToRaise(health.pod) ? [{ type: 'raisePod', pod: health.pod }] : []
      return { actions: [...adopt, ...actions, ...raise, ...leftovers] }
    }
    // B. It is there and not (or not now) ready.
    case 'waiting': {
      const finding: Finding = { status: 'False', reason: health.reason, message: notReadyYet }
      const plan: Plan = { actions: [...keep(health.pod, finding), ...leftovers] }
      return health.checkAfterMs === undefined ? plan : { ...plan, requeueAfterMs: health.checkAfterMs }
    }
    // C. Recorded, then nothing: the creation is still to be done, or was lost with the process that wanted it.
    case 'unmade': {
      if (!wanted) return { actions: [...keep(undefined, waitingForEncoder(since)), ...leftovers] }
      return start(observed, now, status.podName ?? successorName, leftovers)
    }
    // D. None, gone, failed, leaving or someone else's.
    default: {
      const old: Action[] =
        health.pod && health.is === 'failed' && !isLeaving(health.pod)
          ? [{ type: 'deletePod', pod: health.pod, failed: true, gracePeriodSeconds: shortGraceSeconds }]
          : []
      if (!wanted) {
        // A leaving Pod still serves viewers; a dead one must not be routed to.
        const hadPod = since !== undefined && health.is !== 'none'
        const finding = hadPod ? ({ status: 'False', reason: 'PodLost' } as const) : waitingForEncoder(since)
        const pod = health.is === 'leaving' ? health.pod : undefined
        return { actions: [...keep(pod, finding), ...old, ...leftovers] }
      }
      // Make before break: a leaving Pod serves until its successor is ready.
      if (health.is === 'leaving' && health.pod && !observed.warm)
        return succeed(observed, now, health.pod, successorName, successor, leftovers)
      const replaced = start(observed, now, successor ? successor.metadata.name : successorName, leftovers)
      return { ...replaced, actions: [...replaced.actions, ...old] }
    }
  }
}

type Health =
  | { is: 'ready'; pod: Pod }
  | { is: 'waiting'; pod: Pod; reason: string; checkAfterMs?: number }
  | { is: 'unmade' | 'none'; pod?: undefined }
  | { is: 'failed' | 'leaving' | 'lost'; pod?: Pod }

function healthOf({ broadcast, assigned }: Observed, now: Date): Health {
  const { podName, podUID } = broadcast.status ?? {}
  if (podName === undefined) return { is: 'none' }
  if (!assigned) return { is: podUID === undefined ? 'unmade' : 'lost' }
  if (podUID !== undefined && assigned.metadata.uid !== podUID) return { is: 'lost' } // a namesake
  const owner = broadcastOf(assigned)
  if (owner !== undefined && owner !== broadcast.metadata.name) return { is: 'lost' } // another leader gave it away first
  if (isFinished(assigned)) return { is: 'failed', pod: assigned }
  if (isLeaving(assigned)) return { is: 'leaving', pod: assigned }
  if (isReady(assigned)) return { is: 'ready', pod: assigned }
  const since = podUID === undefined ? undefined : unreadySinceMs(assigned)
  if (since === undefined) return { is: 'waiting', pod: assigned, reason: 'PodStarting' }
  const leftMs = since + unreadyMs - now.getTime()
  return leftMs > 0
    ? { is: 'waiting', pod: assigned, reason: 'PodNotReady', checkAfterMs: leftMs }
    : { is: 'failed', pod: assigned }
}

// The choice is recorded on the Broadcast first (compare-and-swap), then done: whoever crashes between finds the record.
function start(observed: Observed, now: Date, name: string, leftovers: Action[]): Plan {
  const { warm, full, notBeforeMs } = observed
  if (warm) {
    const note = `Adopted warm Pod ${warm.metadata.name}`
    return {
      actions: [
        ...statusActions(observed, now, { pod: warm, assigned: { status: 'True', reason: 'PodReady' } }),
        { type: 'adoptPod', pod: warm },
        { type: 'tell', level: 'Normal', reason: 'PodAdopted', action: 'Adopt', note },
        ...leftovers,
      ],
    }
  }
  const none = (reason: string, message: string, requeueAfterMs: number): Plan => {
    const changes = statusActions(observed, now, { pod: undefined, assigned: { status: 'False', reason, message } })
    const warning = { type: 'tell', level: 'Warning', reason, action: 'Wait', note: message } as const
    return { actions: [...changes, ...(changes.length > 0 ? [warning] : []), ...leftovers], requeueAfterMs }
  }
  if (full) return none('CapacityExceeded', 'the MediaPool is at its max', retryCapacityMs)
  const waitMs = notBeforeMs - now.getTime()
  if (waitMs > 0) return none('PodFailing', 'the last Pods ended at once', waitMs)
  return {
    actions: [
      ...statusActions(observed, now, {
        podName: name,
        assigned: { status: 'False', reason: 'PodStarting', message: notReadyYet },
      }),
      { type: 'createPod', name },
      {
        type: 'tell',
        level: 'Normal',
        reason: 'PodCreated',
        action: 'Create',
        note: `No warm Pod was free, created ${name}`,
      },
      ...leftovers,
    ],
  }
}

// The assigned Pod leaves and none is warm: its successor is made beside it and takes over when it is ready.
function succeed(
  observed: Observed,
  now: Date,
  leaving: Pod,
  name: string,
  successor: Pod | undefined,
  leftovers: Action[],
): Plan {
  const stay = statusActions(observed, now, { pod: leaving, assigned: { status: 'True', reason: 'PodLeaving' } })
  if (!successor) {
    if (observed.full) return { actions: [...stay, ...leftovers], requeueAfterMs: retryCapacityMs }
    return { actions: [...stay, { type: 'createPod', name }, ...leftovers] }
  }
  if (!isReady(successor)) return { actions: [...stay, ...leftovers] }
  return {
    actions: [
      ...statusActions(observed, now, { pod: successor, assigned: { status: 'True', reason: 'PodReady' } }),
      {
        type: 'tell',
        level: 'Normal',
        reason: 'PodReplaced',
        action: 'Replace',
        note: `${leaving.metadata.name} leaves, ${name} took over`,
      },
      ...leftovers,
    ],
  }
}

// Ended: say so, linger, let the Pod go, forget its address.
function wind(observed: Observed, now: Date): Plan {
  const { broadcast, assigned, others } = observed
  const endedAt = broadcast.status?.endedAt ?? rfc3339(now)
  const mine =
    assigned && (broadcastOf(assigned) ?? broadcast.metadata.name) === broadcast.metadata.name ? assigned : undefined
  const finding: Finding = { status: 'False', reason: 'Ended' }
  const actions = [...statusActions(observed, now, { pod: mine, assigned: finding, endedAt }), ...discard(others)]
  if (!mine || isLeaving(mine)) return { actions }
  const leftMs = Date.parse(endedAt) + observed.lingerMs - now.getTime()
  if (leftMs > 0 && isReady(mine)) return { actions, requeueAfterMs: leftMs }
  return { actions: [...actions, { type: 'deletePod', pod: mine }] }
}

// Deleted: end the playlist, let all Pods go, and only then the object.
function finish(observed: Observed, now: Date): Plan {
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
    } else if (flushed || flushLeftMs <= 0 || !isReady(pod)) {
      actions.push({ type: 'deletePod', pod, gracePeriodSeconds: shortGraceSeconds })
    } else requeueAfterMs = Math.min(requeueAfterMs, flushLeftMs)
  }
  return { actions, requeueAfterMs }
}

const waitingForEncoder = (since: number | undefined): Finding =>
  since === undefined
    ? { status: 'False', reason: 'WaitingForEncoder', message: 'a Pod is assigned when an encoder connects' }
    : { status: 'False', reason: 'Interrupted' }

const discard = (unwanted: readonly Pod[]): Action[] =>
  unwanted.filter((pod) => !isLeaving(pod)).map((pod) => ({ type: 'deletePod', pod, failed: isFinished(pod) }))

interface Parts {
  /** The Pod that serves; its name, UID and address are published. */
  pod?: Pod
  /** A Pod that is only recorded. */
  podName?: string
  assigned: Finding
  since?: number
  endedAt?: string
}

function statusActions(observed: Observed, now: Date, parts: Parts): Action[] {
  const { broadcast, key, publicHttpUrl } = observed
  const { pod, assigned, since, endedAt } = parts
  const playable = conditionOf(broadcast, 'Playable')?.status === 'True'
  const accepted = 'sha256' in key
  const serving = pod !== undefined && (isReady(pod) || isLeaving(pod))
  const ready = readyFinding({ accepted, assigned, playable, since, ended: endedAt !== undefined, key })
  // A recorded but unready cold Pod has no UID yet: with one, its loss would be told from its not being made.
  const known = pod !== undefined && (serving || broadcast.status?.podUID === pod.metadata.uid)
  const status = operatorStatus(
    broadcast,
    {
      phase: phaseOf({ accepted, ready, since, endedAt, broadcast }),
      streamKeySha256: accepted ? key.sha256 : undefined,
      podName: pod?.metadata.name ?? parts.podName,
      podUID: known ? pod.metadata.uid : undefined,
      podIP: known ? pod.status.podIP : undefined,
      playlistUrl: playlistUrl(publicHttpUrl, broadcast.metadata.name),
      endedAt,
    },
    {
      KeyAccepted: accepted
        ? { status: 'True', reason: broadcast.spec.streamKey.secretRef ? 'SecretRead' : 'HashGiven' }
        : { status: 'False', reason: key.problem.reason, message: key.problem.message },
      PodAssigned: assigned,
      Draining: drainingFinding(pod, endedAt),
      Ready: ready,
    },
    now,
  )
  if (saysAlready(broadcast, status)) return []
  const news = status.phase === broadcast.status?.phase ? undefined : newsOf(status.phase, ready)
  return [{ type: 'applyStatus', status }, ...(news ? [news] : [])]
}

// What `kubectl describe` should tell of a broadcast's life; Open and Starting are told by the Pod's Events.
function newsOf(phase: OperatorStatus['phase'], ready: Finding): Action | undefined {
  if (phase === undefined || phase === 'Open' || phase === 'Starting') return undefined
  const level = phase === 'Failed' ? 'Warning' : 'Normal'
  return {
    type: 'tell',
    level,
    reason: phase,
    action: 'Observe',
    note: ready.message || `The broadcast is ${phase.toLowerCase()}`,
  }
}

function drainingFinding(pod: Pod | undefined, endedAt: string | undefined): Finding {
  if (endedAt !== undefined && pod) return { status: 'True', reason: 'Ended' }
  if (pod && isLeaving(pod)) return { status: 'True', reason: 'PodLeaving' }
  return { status: 'False', reason: 'NotDraining' }
}

function readyFinding(facts: {
  accepted: boolean
  assigned: Finding
  playable: boolean
  since: number | undefined
  ended: boolean
  key: KeyFinding
}): Finding {
  if (facts.ended) return { status: 'False', reason: 'Ended' }
  if ('problem' in facts.key) return { status: 'False', ...facts.key.problem }
  if (facts.since !== undefined) return { status: 'False', reason: 'Interrupted', message: 'the encoder is gone' }
  if (facts.assigned.status !== 'True') return { ...facts.assigned, status: 'False' }
  if (!facts.playable) return { status: 'False', reason: 'WaitingForMedia', message: 'nothing can be played yet' }
  return { status: 'True', reason: 'Playable' }
}

function phaseOf(facts: {
  accepted: boolean
  ready: Finding
  since: number | undefined
  endedAt: string | undefined
  broadcast: Broadcast
}): OperatorStatus['phase'] {
  if (facts.endedAt !== undefined) return 'Ended'
  if (!facts.accepted) return 'Failed'
  if (facts.since !== undefined) return 'Interrupted'
  if (facts.ready.status === 'True') return 'Live'
  return facts.broadcast.status?.publisher ? 'Starting' : 'Open'
}

const sooner = (plan: Plan, afterMs: number): Plan => ({
  ...plan,
  requeueAfterMs: Math.max(50, Math.min(plan.requeueAfterMs ?? Number.POSITIVE_INFINITY, afterMs)),
})
