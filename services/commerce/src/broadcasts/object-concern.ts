import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'

/**
 * All that rows follow of an object, as one text: two states with the same text need no second look. Most writes to a live
 * Broadcast (its Pod, its media sequence, who publishes) are none of commerce's business.
 */
export function concernOf({ metadata, spec, status }: BroadcastObject): string {
  const conditions = ['Publishing', 'Playable'].map(
    (type) => status?.conditions?.find((condition) => condition.type === type)?.status,
  )
  const isOver = metadata.deletionTimestamp !== undefined || status?.endedAt !== undefined
  return JSON.stringify([metadata.uid, isOver, spec.title, spec.streamKey, spec.state, conditions])
}
