/** What a blocking playlist request is due: the playlist now, a wait, or a refusal; decided without waiting. */
import type { Position, Rendition } from './rendition.ts'

/** The delivery directives of one request. */
export interface Directives {
  mediaSequenceNumber?: number
  part?: number
}

export type ReloadDecision = 'ready' | 'wait' | 'refused'

/**
 * Decides on a request with `_HLS_msn` and `_HLS_part`.
 *
 * @returns 'refused' for a request too far ahead: the caller answers 400.
 * @see draft-pantos-hls-rfc8216bis 6.2.5.2
 */
export function decideReload(rendition: Rendition, directives: Directives): ReloadDecision {
  const { mediaSequenceNumber: wanted, part } = directives
  if (rendition.ended) return 'ready'
  if (wanted === undefined) return part === undefined ? 'ready' : 'refused'
  const complete = rendition.segments.findLast((segment) => segment.complete)?.mediaSequenceNumber
  const lastComplete = complete ?? (rendition.segments[0]?.mediaSequenceNumber ?? Infinity) - 1
  if (wanted > lastComplete + 2) return 'refused'
  if (part === undefined) return wanted <= lastComplete ? 'ready' : 'wait'
  const last = rendition.last
  if (last !== undefined && part > lastPartOf(rendition, wanted) + advancePartLimit(rendition)) {
    if (wanted > lastComplete) return 'refused'
  }
  return last !== undefined && reaches(rendition, last, { mediaSequenceNumber: wanted, part }) ? 'ready' : 'wait'
}

/** Parts that a request may be ahead of the playlist. */
export function advancePartLimit(rendition: Rendition): number {
  const seconds = rendition.partTargetTicks / 90_000
  return seconds > 0 && seconds < 1 ? Math.ceil(3 / seconds) : 3
}

/** A part beyond a complete segment's last means part 0 of the segment that follows. */
function reaches(rendition: Rendition, last: Position, wanted: Position): boolean {
  if (last.mediaSequenceNumber > wanted.mediaSequenceNumber) return true
  if (last.mediaSequenceNumber < wanted.mediaSequenceNumber) return false
  return wanted.part <= last.part
}

function lastPartOf(rendition: Rendition, mediaSequenceNumber: number): number {
  const segment = rendition.segments.findLast((candidate) => candidate.mediaSequenceNumber === mediaSequenceNumber)
  return (segment?.parts.length ?? 0) - 1
}
