/** What the status says of the facts. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Pod } from '../kubernetes/api.ts'
import { isLeaving } from '../stream-pod/state.ts'
import { playlistUrl } from './names.ts'
import type { Action, KeyFinding, Observed } from './plan.ts'
import { addressOf, serves } from './pod-health.ts'
import { secretOf } from './stream-key.ts'
import { conditionOf, operatorStatus, saysAlready, type Finding, type OperatorStatus } from './status.ts'

/** The facts of one decision. */
export interface Parts {
  /** The Pod that serves; its name, UID and address are published. */
  pod?: Pod
  /** A Pod that is only recorded. */
  podName?: string
  assigned: Finding
  since?: number
  endedAt?: string
}

/** Writes the status, and tells of it, if the object does not say all that already. */
export function statusActions(observed: Observed, now: Date, parts: Parts): Action[] {
  const { broadcast, key, publicHttpUrl } = observed
  const { pod, assigned, since, endedAt } = parts
  const playable = conditionOf(broadcast, 'Playable')?.status === 'True'
  const accepted = 'sha256' in key
  const serving = pod !== undefined && (serves(broadcast, pod) || isLeaving(pod))
  const keyAccepted = keyFinding(observed)
  const ready = readyFinding({ accepted, assigned, playable, since, ended: endedAt !== undefined, key })
  // A recorded but unready cold Pod has no UID yet: with one, its loss would be told from its not being made.
  const known = pod !== undefined && (serving || broadcast.status?.podUID === pod.metadata.uid)
  const status = operatorStatus(
    broadcast,
    {
      phase: phaseOf({ accepted, ready, since, endedAt, broadcast }),
      streamKeySha256: accepted ? key.sha256 : undefined,
      streamKeySecret: accepted ? secretOf(broadcast) : undefined,
      podName: pod?.metadata.name ?? parts.podName,
      podUID: known ? pod.metadata.uid : undefined,
      podIP: known ? addressOf(broadcast, pod) : undefined,
      playlistUrl: playlistUrl(publicHttpUrl, broadcast.metadata.name),
      endedAt,
    },
    {
      KeyAccepted: keyAccepted,
      PodAssigned: assigned,
      Draining: drainingFinding(pod, endedAt),
      Ready: ready,
    },
    now,
  )
  if (saysAlready(broadcast, status)) return []
  const news = status.phase === broadcast.status?.phase ? undefined : newsOf(status.phase, ready)
  const warning = keyWarning(broadcast, keyAccepted)
  return [{ type: 'applyStatus', status }, ...(news ? [news] : []), ...(warning ? [warning] : [])]
}

// A key that cannot be read any more is in force as it was: nobody is cut because a Secret is away.
function keyFinding({ broadcast, key, newer }: Observed): Finding {
  if ('problem' in key) return { status: 'False', ...key.problem }
  if (key.warning) return { status: 'Unknown', ...key.warning }
  if (newer !== undefined) {
    const message = `Broadcast ${newer} is newer and has the same key: encoders that connect go there`
    return { status: 'True', reason: 'KeyShared', message }
  }
  return { status: 'True', reason: broadcast.spec.streamKey.secretRef ? 'SecretRead' : 'HashGiven' }
}

function keyWarning(broadcast: Broadcast, { reason, message = '' }: Finding): Action | undefined {
  if (message === '' || conditionOf(broadcast, 'KeyAccepted')?.reason === reason) return undefined
  return { type: 'tell', level: 'Warning', reason, action: 'ReadKey', note: message }
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

/** No Pod is assigned because there is no encoder. */
export const waitingForEncoder = (since: number | undefined): Finding =>
  since === undefined
    ? { status: 'False', reason: 'WaitingForEncoder', message: 'a Pod is assigned when an encoder connects' }
    : { status: 'False', reason: 'Interrupted' }
