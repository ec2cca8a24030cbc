/**
 * Playlists of a recording, out of its chapters.
 *
 * The timeline is what any rendition has, take after take: a segment that one rendition lacks (it came later, was shed, or
 * could not be stored in time) is a gap in it, so that all have the same discontinuities and the same time at the same
 * place, which players rely on when they change quality. What no rendition has is left out, with a discontinuity.
 */
import { multivariantPlaylist } from '../stream/hls/multivariant-playlist.ts'
import type { Chapter, RecordedSegment } from './chapter.ts'
import { compareTakes, initName, segmentName, type ChapterName, type Take } from './layout.ts'

export type NamedChapter = ChapterName & Chapter

/** A recording as its files tell it. */
export interface Recording {
  chapters: readonly NamedChapter[]
  /** Nothing will be added. */
  closed: boolean
}

/** EXT-X-TARGETDURATION must not change while a playlist grows (RFC 8216 section 6.2.1); segments are cut for it. */
const targetDurationSeconds = 2
/** What was recorded last is told once every rendition has had time to store it: a gap cannot be taken back. */
const settleMs = 20_000
/** Shorter ones say little about the bit rate. */
const shortestMeasuredSeconds = targetDurationSeconds / 2

interface Moment {
  take: Take
  segment: RecordedSegment // any rendition's: number, time and length are the same
  inits: Record<string, number> // of the renditions that have it
}

/** The multivariant playlist: BANDWIDTH is the largest segment's, of all that are there (RFC 8216 section 4.3.4.2). */
export function recordingIndex({ chapters }: Recording): string {
  const variants = renditionsOf(chapters).map((name) => {
    const own = chapters.filter(({ rendition }) => rendition === name)
    const last = own.toSorted(byPlace).at(-1)
    const segments = own.flatMap((chapter) => chapter.segments)
    const measured = segments.filter(({ seconds }) => seconds >= shortestMeasuredSeconds)
    const rates = (measured.length > 0 ? measured : segments).map(({ bytes, seconds }) => (bytes * 8) / seconds)
    const bits = segments.reduce((sum, { bytes }) => sum + bytes * 8, 0)
    return {
      name,
      codecs: [...new Set(own.flatMap(({ codecs }) => codecs))],
      width: last?.width,
      height: last?.height,
      frameRate: last?.frameRate,
      peakBps: rates.reduce((peak, rate) => Math.max(peak, rate), 0),
      averageBps: bits / segments.reduce((sum, { seconds }) => sum + seconds, 0),
    }
  })
  return multivariantPlaylist(variants.sort((a, b) => b.averageBps - a.averageBps))
}

/** One rendition's playlist; undefined where it has nothing, or nothing yet. */
export function recordingMediaPlaylist({ chapters, closed }: Recording, rendition: string): string | undefined {
  if (!renditionsOf(chapters).includes(rendition)) return undefined
  const moments = timelineOf(chapters)
  const told = closed ? moments : settled(moments)
  if (told.length === 0) return undefined
  const longest = told.reduce((most, { segment }) => Math.max(most, segment.seconds), targetDurationSeconds)
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8', // EXT-X-GAP
    `#EXT-X-TARGETDURATION:${Math.round(longest)}`,
    `#EXT-X-PLAYLIST-TYPE:${closed ? 'VOD' : 'EVENT'}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
  ]
  let map: string | undefined
  for (const [index, { take, segment, inits }] of told.entries()) {
    const previous = told[index - 1]
    const follows = previous?.take === take && previous.segment.number + 1 === segment.number
    const init = inits[rendition]
    const isNew = !follows || segment.discontinuity
    if (index > 0 && isNew) lines.push('#EXT-X-DISCONTINUITY')
    if (init !== undefined && initName(take, init) !== map) lines.push(`#EXT-X-MAP:URI="${initName(take, init)}"`)
    if (init === undefined) lines.push('#EXT-X-GAP')
    else map = initName(take, init)
    // until the next discontinuity the others' dates follow from it (RFC 8216 section 6.3.3)
    if (isNew) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.atMs).toISOString()}`)
    lines.push(`#EXTINF:${Number(segment.seconds.toFixed(5))},`, segmentName(take, segment.number))
  }
  if (closed) lines.push('#EXT-X-ENDLIST')
  lines.push('')
  return lines.join('\n')
}

function settled(moments: readonly Moment[]): readonly Moment[] {
  const newest = moments.at(-1)
  if (newest === undefined) return []
  const untilMs = newest.segment.atMs - settleMs
  return moments.filter(({ take, segment }) => take !== newest.take || segment.atMs <= untilMs)
}

/** All there is, in order. Hours are tens of thousands of segments: none is made twice here. */
function timelineOf(chapters: readonly NamedChapter[]): Moment[] {
  const takes = new Map<Take, Map<number, Moment>>()
  for (const { rendition, take, init, segments } of chapters.toSorted(byPlace)) {
    const moments = takes.get(take) ?? new Map<number, Moment>()
    takes.set(take, moments)
    for (const segment of segments) {
      const known = moments.get(segment.number)
      if (known === undefined) moments.set(segment.number, { take, segment, inits: { [rendition]: init } })
      else known.inits[rendition] = init
    }
  }
  // In each take the renditions come one after the other within a chapter's length: nearly sorted.
  return [...takes.values()].flatMap((moments) =>
    [...moments.values()].sort((a, b) => a.segment.number - b.segment.number),
  )
}

const renditionsOf = (chapters: readonly NamedChapter[]) => [
  ...new Set(chapters.filter(({ segments }) => segments.length > 0).map(({ rendition }) => rendition)),
]

const byPlace = (a: ChapterName, b: ChapterName) => compareTakes(a.take, b.take) || a.number - b.number
