/** Which Pod a Broadcast has that has not ended: kept, adopted, made, or succeeded by another. */
import { broadcastOf, cpuToRaise, isLeaving, isReady } from '../stream-pod/state.ts'
import type { Pod } from '../kubernetes/api.ts'
import { statusActions, waitingForEncoder, type Parts } from './conditions.ts'
import { livePodName } from './names.ts'
import { discard, shortGraceSeconds, sooner, type Action, type Observed, type Plan } from './plan.ts'
import { healthOf } from './pod-health.ts'
import { conditionOf, type Finding } from './status.ts'

const retryCapacityMs = 2_000
/** A pool's edit is an event; this is in case it was missed. */
const retryTemplateMs = 30_000
const notReadyYet = 'the Pod is not ready'

/** @param since when the encoder went (Unix ms); undefined while it is there or never was */
export function carryPod(observed: Observed, now: Date, since: number | undefined): Plan {
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
    // A. The Pod it names works. That it is adopted is still to be written on it, if it was warm a moment ago.
    case 'ready': {
      const adopted = broadcastOf(health.pod) === broadcast.metadata.name
      const isLater = !adopted && observed.rushMs > 0
      const adopt: Action[] = adopted || isLater ? [] : [{ type: 'adoptPod', pod: health.pod }]
      const actions = keep(health.pod, { status: 'True', reason: 'PodReady' })
      // After Ready is written: what a viewer waits for comes first.
      const live = conditionOf(broadcast, 'Playable')?.status === 'True'
      const raise: Action[] = live && cpuToRaise(health.pod) ? [{ type: 'raisePod', pod: health.pod }] : []
      const plan: Plan = { actions: [...adopt, ...actions, ...raise, ...leftovers] }
      if (isLater) return sooner(plan, observed.rushMs)
      return health.checkAfterMs === undefined ? plan : sooner(plan, health.checkAfterMs)
    }
    // B. It is there and not (or not now) ready.
    case 'waiting': {
      const { reason, message = notReadyYet } = health
      const finding: Finding = { status: 'False', reason, message }
      const plan: Plan = { actions: [...told(keep(health.pod, finding), finding), ...leftovers] }
      return health.checkAfterMs === undefined ? plan : sooner(plan, health.checkAfterMs)
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
          ? [{ type: 'deletePod', pod: health.pod, failure: health.failure, gracePeriodSeconds: shortGraceSeconds }]
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

// The choice is recorded on the Broadcast first (compare-and-swap), then done: whoever crashes between finds the record.
// A warm Pod is labelled by a decision after this one: in a burst every encoder hears of its Pod before that.
function start(observed: Observed, now: Date, name: string, leftovers: Action[]): Plan {
  const { warm, full } = observed
  if (warm) {
    const note = `Adopted warm Pod ${warm.metadata.name}`
    return {
      actions: [
        ...statusActions(observed, now, { pod: warm, assigned: { status: 'True', reason: 'PodReady' } }),
        { type: 'tell', level: 'Normal', reason: 'PodAdopted', action: 'Adopt', note },
        ...leftovers,
      ],
      chosen: warm,
    }
  }
  // Under the name of the Pod that is to be made: a further try changes nothing that is written.
  const wait = (reason: string, message: string, requeueAfterMs: number): Plan => {
    const finding: Finding = { status: 'False', reason, message }
    return {
      actions: [...told(statusActions(observed, now, { podName: name, assigned: finding }), finding), ...leftovers],
      requeueAfterMs,
    }
  }
  if (full) return wait('CapacityExceeded', 'the MediaPool is at its max', retryCapacityMs)
  const { blueprint, failure } = observed
  if ('problem' in blueprint) return wait('PodTemplateInvalid', blueprint.problem, retryTemplateMs)
  const waitMs = (failure?.notBeforeMs ?? 0) - now.getTime()
  if (failure && waitMs > 0) return wait(failure.reason, failure.message, waitMs)
  const { reason, message } = failure ?? { reason: 'PodStarting', message: notReadyYet }
  return {
    actions: [
      ...statusActions(observed, now, { podName: name, assigned: { status: 'False', reason, message } }),
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

// A cause that is new to the status is told as an Event, too.
function told(changes: Action[], { reason, message = '' }: Finding): Action[] {
  const isOrdinary = reason === 'PodStarting' || reason === 'PodNotReady'
  if (isOrdinary || changes.length === 0) return changes
  return [...changes, { type: 'tell', level: 'Warning', reason, action: 'Wait', note: message }]
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
    const { full, failure, blueprint } = observed
    if (full || 'problem' in blueprint) return { actions: [...stay, ...leftovers], requeueAfterMs: retryCapacityMs }
    const waitMs = (failure?.notBeforeMs ?? 0) - now.getTime()
    if (waitMs > 0) return sooner({ actions: [...stay, ...leftovers] }, waitMs)
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
