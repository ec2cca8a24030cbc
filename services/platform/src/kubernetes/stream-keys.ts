/** Which Broadcast a stream key leads to: one rule, for ingest, which sends encoders there, and for the operator, which tells. */
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'

/** The hash a Broadcast admits: the operator's resolution of a Secret, else the spec's own; undefined while unresolved. */
export function keyHashOf({ spec, status }: Broadcast): string | undefined {
  const { sha256, secretRef } = spec.streamKey
  // The spec is newer than the operator's copy of it, and a rotated key must not work any longer.
  return secretRef === undefined ? sha256 : status?.streamKeySha256
}

/** Whether this Broadcast takes a publisher at all. */
export function isOpen({ metadata, spec, status }: Broadcast): boolean {
  if (metadata.deletionTimestamp !== undefined || spec.state !== 'Open' || status?.endedAt !== undefined) return false
  return status?.phase !== 'Ended' && status?.phase !== 'Failed'
}

/**
 * Of open Broadcasts with one key the newest gets the encoder, so that a forgotten one does not capture it. Creation is told
 * in whole seconds: the name decides between two of the same.
 */
export function newestOf(broadcasts: Iterable<Broadcast>): Broadcast | undefined {
  let newest: Broadcast | undefined
  for (const broadcast of broadcasts) if (newest === undefined || isYounger(broadcast, newest)) newest = broadcast
  return newest
}

function isYounger({ metadata: a }: Broadcast, { metadata: b }: Broadcast): boolean {
  const [mine = '', its = ''] = [a.creationTimestamp, b.creationTimestamp]
  return mine === its ? a.name > b.name : mine > its
}
