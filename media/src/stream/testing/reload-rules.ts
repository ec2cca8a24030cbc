/** What may change from one Media Playlist to the next (draft-pantos-hls-rfc8216bis 6.2.1, 6.2.2, 6.2.5.2). */
import type { Findings } from './findings.ts'
import type { ParsedPlaylist } from './parse-playlist.ts'

export interface PlaylistPosition {
  mediaSequenceNumber: number
  part: number
}

/** Checks `after`, the answer to a request for `wanted` that followed `before`. */
export function checkReload(
  before: ParsedPlaylist,
  after: ParsedPlaylist,
  { wanted, findings }: { wanted: PlaylistPosition; findings: Findings },
): void {
  if (findings.is(after.mediaSequence < before.mediaSequence))
    findings.violate('6.2.2', 'EXT-X-MEDIA-SEQUENCE never falls', `${before.mediaSequence} → ${after.mediaSequence}`)
  if (findings.is(after.discontinuitySequence < before.discontinuitySequence))
    findings.violate(
      '6.2.2',
      'EXT-X-DISCONTINUITY-SEQUENCE never falls',
      `${before.discontinuitySequence} → ${after.discontinuitySequence}`,
    )
  if (findings.is(after.targetDuration !== before.targetDuration))
    findings.violate('6.2.1', 'EXT-X-TARGETDURATION never changes', `${after.targetDuration}`)
  if (findings.is(after.partTarget !== before.partTarget))
    findings.violate('4.4.3.7', 'PART-TARGET never changes', `${after.partTarget}`)
  const reached = lastPosition(after)
  const isThere =
    reached.mediaSequenceNumber > wanted.mediaSequenceNumber ||
    (reached.mediaSequenceNumber === wanted.mediaSequenceNumber && reached.part >= wanted.part)
  if (findings.is(!isThere && !after.ended))
    findings.violate(
      '6.2.5.2',
      'the answer contains the part that was asked for',
      `${JSON.stringify(wanted)} but ${JSON.stringify(reached)}`,
    )
  checkAppendOnly(before, after, findings)
}

function checkAppendOnly(before: ParsedPlaylist, after: ParsedPlaylist, findings: Findings): void {
  const known = new Map(before.segments.map((segment) => [segment.mediaSequenceNumber, segment]))
  for (const segment of after.segments) {
    const old = known.get(segment.mediaSequenceNumber)
    if (old === undefined) continue
    const where = `segment ${segment.mediaSequenceNumber}`
    if (findings.is(old.discontinuitySequence !== segment.discontinuitySequence))
      findings.violate('6.2.2', 'discontinuity sequence numbers of segments stay', where)
    if (findings.is(old.programDateTimeMs !== segment.programDateTimeMs))
      findings.violate('6.2.1', 'only additions: a date never changes', where)
    if (findings.is(old.uri !== undefined && (old.uri !== segment.uri || old.duration !== segment.duration)))
      findings.violate('6.2.1', 'only additions: a segment never changes', where)
    for (const [index, part] of old.parts.entries()) {
      const now = segment.parts[index]
      if (findings.is(now !== undefined && (now.uri !== part.uri || now.duration !== part.duration)))
        findings.violate('6.2.1', 'only additions: a part never changes', `${where}.${index}`)
    }
  }
}

/** The last part that is listed; a segment without parts counts as one. */
export function lastPosition(playlist: ParsedPlaylist): PlaylistPosition {
  const segment = playlist.segments.findLast((candidate) => candidate.parts.length > 0) ?? playlist.segments.at(-1)
  return {
    mediaSequenceNumber: segment?.mediaSequenceNumber ?? playlist.mediaSequence,
    part: (segment?.parts.length ?? 1) - 1,
  }
}

/** The part that comes after the last one. */
export function nextPosition(playlist: ParsedPlaylist): PlaylistPosition {
  const last = playlist.segments.at(-1)
  if (last === undefined) return { mediaSequenceNumber: playlist.mediaSequence, part: 0 }
  if (last.uri !== undefined) return { mediaSequenceNumber: last.mediaSequenceNumber + 1, part: 0 }
  return { mediaSequenceNumber: last.mediaSequenceNumber, part: last.parts.length }
}
