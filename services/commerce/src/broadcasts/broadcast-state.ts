/**
 * The states of a broadcast.
 *   scheduled    announced for a time; no Broadcast object. → open (its seller opens it) | ended
 *   open         the seller's key leads to it; the object is there or on its way. → live | ended
 *   live         an encoder publishes and viewers can play. → interrupted | ended
 *   interrupted  it was live and is not now: the encoder or the stream's Pod is gone. → live | ended
 *   ended        for good: by its seller, an admin, the operator (reconnect window passed) or because its object was deleted.
 * Every arrow into `live`, `interrupted`, and `ended` by the operator follows the object's status, in `follow-objects.ts`.
 */
import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'

export const broadcastStates = Object.freeze(['scheduled', 'open', 'live', 'interrupted', 'ended'] as const)
export type BroadcastState = (typeof broadcastStates)[number]

/** States in which the seller's key leads to the broadcast. */
export const openStates: readonly BroadcastState[] = Object.freeze(['open', 'live', 'interrupted'] as const)

/** The state that an open broadcast is in, by what its object says; conditions decide, `phase` is for people. */
export function observedState(object: BroadcastObject, current: BroadcastState): BroadcastState {
  const { spec, status, metadata } = object
  if (metadata.deletionTimestamp !== undefined || spec.state === 'Ended' || status?.endedAt !== undefined)
    return 'ended'
  const isTrue = (type: string) =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
  if (isTrue('Publishing') && isTrue('Playable')) return 'live'
  return current === 'live' || current === 'interrupted' ? 'interrupted' : 'open'
}
