/** Rules of draft-pantos-hls-rfc8216bis that one playlist keeps or breaks by itself. Each violation names its section. */
import type { Findings } from './findings.ts'
import type { ParsedPlaylist, ParsedSegment } from './parse-playlist.ts'

/** Rules for what a playlist says of its server. */
export function checkHeader(
  { targetDuration, partTarget, serverControl, version }: ParsedPlaylist,
  findings: Findings,
): void {
  const control = (name: string) => Number(serverControl[name] ?? Number.NaN)
  if (findings.is(serverControl['CAN-BLOCK-RELOAD'] !== 'YES'))
    findings.violate('B.1', 'blocking reload is offered', JSON.stringify(serverControl))
  if (findings.is(!(control('PART-HOLD-BACK') >= 3 * partTarget - 1e-6)))
    findings.violate('4.4.3.8', 'PART-HOLD-BACK is at least three part targets', JSON.stringify(serverControl))
  if (findings.is(!(control('HOLD-BACK') >= 3 * targetDuration)))
    findings.violate('4.4.3.8', 'HOLD-BACK is at least three target durations', JSON.stringify(serverControl))
  if (findings.is(!(control('CAN-SKIP-UNTIL') >= 6 * targetDuration)))
    findings.violate('4.4.3.8', 'CAN-SKIP-UNTIL is at least six target durations', JSON.stringify(serverControl))
  if (findings.is(version !== 9)) findings.violate('6.2.1', 'EXT-X-VERSION is what the tags require', `${version}`)
  if (findings.is(!(partTarget > 0))) findings.violate('4.4.3.7', 'EXT-X-PART-INF is there', `${partTarget}`)
}

/** Rules for one playlist by itself. `firstKnown`: segments up to it may have lost their parts before the follower came. */
export function checkPlaylist(
  playlist: ParsedPlaylist,
  { rendition, firstKnown, findings }: { rendition: string; firstKnown: number; findings: Findings },
): void {
  const { segments, targetDuration, partTarget, ended } = playlist
  for (const [index, segment] of segments.entries()) {
    const where = `${rendition} segment ${segment.mediaSequenceNumber}`
    if (findings.is(segment.map === undefined && playlist.skipped === 0))
      findings.violate('4.4.4.5', 'every fMP4 segment has an EXT-X-MAP', where)
    if (findings.is(segment.programDateTimeMs === undefined))
      findings.violate('B.1', 'every segment has EXT-X-PROGRAM-DATE-TIME', where)
    if (findings.is(segment.duration !== undefined && Math.round(segment.duration) > targetDuration))
      findings.violate('6.2.1', 'no segment exceeds the target duration', `${where}: ${segment.duration}`)
    const sum = segment.parts.reduce((total, part) => total + part.duration, 0)
    if (
      findings.is(
        segment.duration !== undefined && segment.parts.length > 0 && Math.abs(sum - segment.duration) > 0.001,
      )
    )
      findings.violate('4.4.4.9', 'parts add up to their segment', where)
    if (findings.is(segment.parts.some((part) => part.gap) && segment.uri !== undefined && !segment.gap))
      findings.violate('6.2.1', 'a segment with a missing part is a gap', where)
    checkParts(segment, { next: segments[index + 1], partTarget, where, findings })
    const previous = segments[index - 1]
    if (
      findings.is(
        previous?.programDateTimeMs !== undefined &&
          segment.programDateTimeMs !== undefined &&
          segment.programDateTimeMs < previous.programDateTimeMs,
      )
    ) {
      findings.violate('6.2.1', 'dates map to one place', where)
    }
  }
  if (ended) return
  if (findings.is(playlist.hints.length !== 1 || playlist.hints[0]?.['TYPE'] !== 'PART'))
    findings.violate('6.2.6', 'one PART hint', JSON.stringify(playlist.hints))
  for (const report of playlist.reports) {
    if (
      findings.is(report['URI'] === undefined || report['LAST-MSN'] === undefined || report['LAST-PART'] === undefined)
    )
      findings.violate('4.4.5.4', 'rendition reports are complete', JSON.stringify(report))
  }
  // Parts stay listed for three target durations from the end: what is nearer must have them.
  let fromEnd = 0
  for (const segment of segments.toReversed()) {
    if (
      findings.is(
        fromEnd < 3 * targetDuration - 0.001 && segment.parts.length === 0 && segment.mediaSequenceNumber > firstKnown,
      )
    ) {
      findings.violate('6.2.2', 'parts are listed near the live edge', `segment ${segment.mediaSequenceNumber}`)
    }
    fromEnd += segment.duration ?? segment.parts.reduce((total, part) => total + part.duration, 0)
    if (findings.is(fromEnd - (segment.duration ?? 0) > 3 * targetDuration + 0.001 && segment.parts.length > 0))
      findings.violate('6.2.2', 'parts far from the live edge are removed', `segment ${segment.mediaSequenceNumber}`)
  }
}

interface PartsOf {
  next: ParsedSegment | undefined
  partTarget: number
  where: string
  findings: Findings
}

function checkParts(segment: ParsedSegment, { next, partTarget, where, findings }: PartsOf): void {
  for (const [index, part] of segment.parts.entries()) {
    if (findings.is(part.duration > partTarget + 1e-6))
      findings.violate('4.4.4.9', 'no part exceeds PART-TARGET', `${where}.${index}: ${part.duration}`)
    const isLast = index === segment.parts.length - 1 && (segment.uri !== undefined || next !== undefined)
    const isOpenEnd = index === segment.parts.length - 1 && next === undefined // may turn out to be the last
    const beforeGap = segment.parts[index + 1]?.gap === true
    if (findings.is(!isLast && !isOpenEnd && !part.independent && !beforeGap && part.duration < 0.85 * partTarget)) {
      findings.violate('4.4.4.9', 'parts last at least 85 % of PART-TARGET', `${where}.${index}: ${part.duration}`)
    }
  }
}
