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
 * Deletion takes the same way as Ended, only faster, and the finalizer goes last; so does the end of its namespace.
 */
import { broadcastFinalizer } from '@mytaek1/contracts/broadcast-resource.ts'
import { carryPod } from './carry-pod.ts'
import { durationMs } from './duration.ts'
import { finish, wind } from './ending.ts'
import { sooner, type Observed, type Plan } from './plan.ts'
import { flows } from './pod-health.ts'
import { conditionOf } from './status.ts'

/** An encoder whose ingest Pod is gone has this long to have come back through another one. */
const ingestGoneMs = 15_000

/** Lists what brings the world to what the Broadcast asks for, in the order in which a crash after any step is harmless. */
export function decide(observed: Observed, now: Date): Plan {
  const { broadcast } = observed
  const ours = broadcast.metadata.finalizers?.includes(broadcastFinalizer) ?? false
  if (broadcast.metadata.deletionTimestamp !== undefined) return ours ? finish(observed, now) : { actions: [] }
  return guard(observed, hasEnded(observed, now) ? wind(observed, now) : carry(observed, now), ours)
}

// The finalizer holds an object only for as long as there are Pods that its deletion must end in order: it is set before
// the first one is made or labelled, and goes with the last. An idle or an ended Broadcast needs nobody to be deleted. A warm
// Pod is chosen without it, which spares an encoder's wait a write; whose Broadcast vanishes before the label is deleted
// (Claims), and is not ready any more by its own word.
function guard({ broadcast, assigned, others }: Observed, plan: Plan, ours: boolean): Plan {
  const { actions } = plan
  const first = actions.findIndex(({ type }) => type === 'createPod' || type === 'adoptPod')
  if (!ours) {
    if (first < 0) return plan
    return { ...plan, actions: actions.toSpliced(first, 0, { type: 'addFinalizer' }) }
  }
  const isFree = first < 0 && !plan.chosen && assigned === undefined && others.length === 0
  const status = actions.find(({ type }) => type === 'applyStatus')
  const said = status?.type === 'applyStatus' ? status.status : broadcast.status
  const isIdle = said?.podName === undefined && ['Open', 'Failed', 'Ended'].includes(said?.phase ?? '')
  return isFree && isIdle ? { ...plan, actions: [...actions, { type: 'removeFinalizer' }] } : plan
}

/** The encoder is gone since (Unix ms); undefined while it is there or never was. */
function goneSinceMs(observed: Observed): number | undefined {
  const { broadcast } = observed
  const { publisher, podName } = broadcast.status ?? {}
  if (publisher) return publisher.disconnectedAt === undefined ? undefined : Date.parse(publisher.disconnectedAt)
  if (podName === undefined || flows(observed)) return undefined // the record was taken out; ingest writes it again
  // Nobody wrote it again: the window runs since the state last changed.
  const times = ['Publishing', 'Ready', 'PodAssigned'].map((type) =>
    Date.parse(conditionOf(broadcast, type)?.lastTransitionTime ?? ''),
  )
  return Math.max(...times.filter((time) => !Number.isNaN(time)), 0)
}

function hasEnded(observed: Observed, now: Date): boolean {
  const { spec, status } = observed.broadcast
  if (observed.isClosing && (status?.podName !== undefined || status?.publisher)) return true
  if (spec.state === 'Ended' || status?.endedAt !== undefined) return true
  const since = goneSinceMs(observed)
  return since !== undefined && now.getTime() >= since + durationMs(spec.reconnectWindow)
}

// Open, Starting, Live, Interrupted, Failed.
function carry(observed: Observed, now: Date): Plan {
  const { broadcast, key, ingestGone } = observed
  const { publisher } = broadcast.status ?? {}
  const since = goneSinceMs(observed)

  // 1. An ingest Pod that died cannot say that its encoder is gone. A stream that still flows proves the contrary.
  if (publisher && since === undefined && ingestGone && !flows(observed)) {
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
  if (broadcast.spec.streamKey.secretRef) return sooner(plan, 'problem' in key || key.warning ? 5_000 : 60_000)
  return plan
}
