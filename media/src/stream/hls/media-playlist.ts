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
  const skipped = skip && !ended ? firstWithin(segments, skipUntilTargets * targetDurationSeconds) : 0
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
  const newest = segments[skipped - 1]
  if (newest?.complete) settledLines(newest) // so that a whole playlist, later, is not the first to need them all
  const firstWithParts = ended ? segments.length : firstWithin(segments, partRetentionTargets * targetDurationSeconds)
  let init = skipped > 0 ? segments[skipped - 1]?.init : undefined
  for (let index = skipped; index < segments.length; index += 1) {
    const segment = segments[index]
    if (segment === undefined || segment.parts.length === 0) continue
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if ((segment.discontinuity || segment.init !== init) && segment.init !== undefined)
      lines.push(`#EXT-X-MAP:URI="${segment.init}"`)
    init = segment.init
    if (index < firstWithParts && segment.complete) lines.push(settledLines(segment))
    else appendSegment(lines, segment, index >= firstWithParts)
  }
  if (ended) lines.push('#EXT-X-ENDLIST')
  else appendEdge(lines, rendition, reports)
  lines.push('')
  return lines.join('\n')
}

/** The first segment from whose end to the playlist's end it is no more than `seconds`. */
function firstWithin(segments: readonly Segment[], seconds: number): number {
  let age = 0
  let index = segments.length
  while (index > 0 && age <= seconds) {
    index -= 1
    const segment = segments[index]
    age += segment === undefined ? 0 : segmentSeconds(segment)
  }
  return index
}

/** Six hours are ten thousand segments, of which one changes: what is said of the others is made once. */
const settled = new WeakMap<Segment, string>()

function settledLines(segment: Segment): string {
  const known = settled.get(segment)
  if (known !== undefined) return known
  const lines: string[] = []
  appendSegment(lines, segment, false)
  const text = lines.join('\n')
  settled.set(segment, text)
  return text
}

function appendSegment(lines: string[], segment: Segment, listParts: boolean): void {
  const { mediaSequenceNumber: sequence } = segment
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTimeMs).toISOString()}`)
  if (listParts) {
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
