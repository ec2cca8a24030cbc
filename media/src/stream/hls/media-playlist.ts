/** Media playlists: full, or the delta update that `_HLS_skip` asks for. */
import {
  isGap,
  partRetentionTargets,
  segmentSeconds,
  type Part,
  type Position,
  type Rendition,
  type Segment,
} from './rendition.ts'

/** How far a rendition has come, for EXT-X-RENDITION-REPORT of its siblings. */
export interface RenditionReport {
  name: string
  last: Position
}

export interface MediaPlaylistInput {
  rendition: Rendition
  /** One for every other rendition (Appendix B, Low-Latency Server Configuration Profile). */
  reports: readonly RenditionReport[]
  /** True for `_HLS_skip`: segments older than the skip boundary become one EXT-X-SKIP. */
  skip: boolean
}

/** Skip boundary and hold-backs in target or part target durations (4.4.3.8). */
const skipUntilTargets = 6
const holdBackTargets = 3
const partHoldBackTargets = 3

/**
 * Builds the playlist as text. Version 9: the lowest that has parts and EXT-X-SKIP.
 *
 * @see draft-pantos-hls-rfc8216bis 4.4, 6.2.2, 6.2.5.1, Appendix B
 */
export function mediaPlaylist({ rendition, reports, skip }: MediaPlaylistInput): string {
  const { segments, targetDurationSeconds, ended } = rendition
  const partTarget = roundUp(rendition.partTargetTicks / 90_000)
  const first = segments[0]
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${targetDurationSeconds}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${decimal(skipUntilTargets * targetDurationSeconds)},` +
      `HOLD-BACK=${decimal(holdBackTargets * targetDurationSeconds)},PART-HOLD-BACK=${decimal(roundUp(partHoldBackTargets * partTarget))}`,
    `#EXT-X-PART-INF:PART-TARGET=${decimal(partTarget)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.mediaSequenceNumber ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first ? first.discontinuitySequence - (first.discontinuity ? 1 : 0) : 0}`,
  ]
  const ages = agesOf(segments)
  const skipped = skip && !ended ? ages.filter((age) => age > skipUntilTargets * targetDurationSeconds).length : 0
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
  let init = skipped > 0 ? segments[skipped - 1]?.init : undefined
  for (const [index, segment] of segments.entries()) {
    if (index < skipped) continue
    const listParts = !ended && (ages[index] ?? 0) <= partRetentionTargets * targetDurationSeconds
    if (segment.parts.length === 0) continue
    appendSegment(lines, segment, { withMap: segment.discontinuity || segment.init !== init, listParts })
    init = segment.init
  }
  if (ended) lines.push('#EXT-X-ENDLIST')
  else appendEdge(lines, rendition, reports)
  lines.push('')
  return lines.join('\n')
}

/** Seconds from each segment's end to the end of the playlist's last segment. */
function agesOf(segments: readonly Segment[]): number[] {
  const ages: number[] = []
  let age = 0
  for (const segment of segments.toReversed()) {
    ages.push(age)
    age += segmentSeconds(segment)
  }
  return ages.toReversed()
}

function appendSegment(lines: string[], segment: Segment, options: { withMap: boolean; listParts: boolean }): void {
  const { mediaSequenceNumber: sequence } = segment
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
  if (options.withMap && segment.init !== undefined) lines.push(`#EXT-X-MAP:URI="${segment.init}"`)
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTimeMs).toISOString()}`)
  if (options.listParts) {
    for (const [index, part] of segment.parts.entries())
      lines.push(partLine(part, { mediaSequenceNumber: sequence, part: index }))
  }
  if (!segment.complete) return
  if (isGap(segment)) lines.push('#EXT-X-GAP')
  lines.push(`#EXTINF:${decimal(segmentSeconds(segment))},`, segmentName(sequence))
}

function partLine(part: Part, position: Position): string {
  const independent = part.independent && !part.gap ? ',INDEPENDENT=YES' : ''
  const gap = part.gap ? ',GAP=YES' : ''
  return `#EXT-X-PART:DURATION=${decimal(part.durationSeconds)},URI="${partName(position)}"${independent}${gap}`
}

function appendEdge(lines: string[], rendition: Rendition, reports: readonly RenditionReport[]): void {
  const { next } = rendition
  if (next !== undefined) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partName(next)}"`)
  for (const { name, last } of reports) {
    lines.push(
      `#EXT-X-RENDITION-REPORT:URI="../${name}/media.m3u8",LAST-MSN=${last.mediaSequenceNumber},LAST-PART=${last.part}`,
    )
  }
}

/** File names, relative to the playlist. */
export function segmentName(mediaSequenceNumber: number): string {
  return `seg-${mediaSequenceNumber}.m4s`
}

export function partName({ mediaSequenceNumber, part }: Position): string {
  return `part-${mediaSequenceNumber}.${part}.m4s`
}

/** Seconds with at most five decimals, no trailing zeros. */
function decimal(seconds: number): string {
  return String(Number(seconds.toFixed(5)))
}

/** Announced limits are rounded up, or a part could be longer than its target by rounding alone. */
function roundUp(seconds: number): number {
  return Math.ceil(seconds * 100_000 - 1e-6) / 100_000
}
