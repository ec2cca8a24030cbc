/**
 * One rendition's window: the segments and parts that its playlist lists, and nothing else. Bytes live elsewhere.
 * Segments and parts leave in the order in which they came (draft-pantos-hls-rfc8216bis 6.2.2).
 */

/** A partial segment as a playlist lists it. */
export interface Part {
  durationSeconds: number
  independent: boolean
  gap: boolean
  byteLength: number
}

/** A segment, complete or still growing. */
export interface Segment {
  mediaSequenceNumber: number
  discontinuity: boolean
  discontinuitySequence: number
  programDateTimeMs: number
  /** Name of the initialization segment, e.g. `init-12.mp4`; a segment that was lost needs none. */
  init: string | undefined
  parts: Part[]
  complete: boolean
}

/** A place in a playlist: part `part` of segment `mediaSequenceNumber`. */
export interface Position {
  mediaSequenceNumber: number
  part: number
}

export interface RenditionOptions {
  name: string
  targetDurationSeconds: number
  dvrWindowSeconds: number
}

/** Parts stay listed this many target durations from the end, and fetchable as long again (6.2.2). */
export const partRetentionTargets = 3

/** No window is shorter: delta updates skip what is older than this (4.4.3.8). */
export const shortestWindowTargets = 6

export class Rendition {
  readonly name: string
  readonly targetDurationSeconds: number
  readonly dvrWindowSeconds: number
  readonly segments: Segment[] = []
  ended = false
  /** PART-TARGET in ticks of 1/90000 s; set once, before the first part. */
  partTargetTicks = 0
  #duration = 0 // seconds, of complete segments

  constructor({ name, targetDurationSeconds, dvrWindowSeconds }: RenditionOptions) {
    this.name = name
    this.targetDurationSeconds = targetDurationSeconds
    this.dvrWindowSeconds = Math.max(dvrWindowSeconds, shortestWindowTargets * targetDurationSeconds)
  }

  startSegment(segment: Omit<Segment, 'parts' | 'complete'>): void {
    this.segments.push({ ...segment, parts: [], complete: false })
  }

  addPart(part: Part): Position | undefined {
    const open = this.segments.at(-1)
    if (open === undefined || open.complete) return undefined
    open.parts.push(part)
    return { mediaSequenceNumber: open.mediaSequenceNumber, part: open.parts.length - 1 }
  }

  /** Completes the open segment and drops what fell out of the window. @returns the dropped segments' numbers. */
  endSegment(): number[] {
    const open = this.segments.at(-1)
    if (open === undefined || open.complete) return []
    open.complete = true
    this.#duration += segmentSeconds(open)
    const dropped: number[] = []
    let first = this.dropFirst(this.dvrWindowSeconds)
    while (first !== undefined) {
      dropped.push(first)
      first = this.dropFirst(this.dvrWindowSeconds)
    }
    return dropped
  }

  /** Drops the oldest segment, if complete ones of `keptSeconds` stay. @returns its number; undefined: none was dropped. */
  dropFirst(keptSeconds: number): number | undefined {
    const first = this.segments[0]
    if (first === undefined || this.#duration - segmentSeconds(first) < keptSeconds) return undefined
    this.#duration -= segmentSeconds(first)
    this.segments.shift()
    return first.mediaSequenceNumber
  }

  end(): void {
    if (this.segments.at(-1)?.parts.length === 0) this.segments.pop()
    this.ended = true
  }

  /** The last part that exists; undefined before the first. */
  get last(): Position | undefined {
    const segment = this.segments.findLast((candidate) => candidate.parts.length > 0)
    return segment && { mediaSequenceNumber: segment.mediaSequenceNumber, part: segment.parts.length - 1 }
  }

  /** The part that comes next, as far as is known: what EXT-X-PRELOAD-HINT names. */
  get next(): Position | undefined {
    const last = this.segments.at(-1)
    if (last === undefined) return undefined
    if (last.complete) return { mediaSequenceNumber: last.mediaSequenceNumber + 1, part: 0 }
    return { mediaSequenceNumber: last.mediaSequenceNumber, part: last.parts.length }
  }
}

/** A segment's duration in seconds: the sum of its parts', so that EXTINF and EXT-X-PART agree. */
export function segmentSeconds(segment: Segment): number {
  return segment.parts.reduce((sum, part) => sum + part.durationSeconds, 0)
}

/** A segment with any part that is not there is itself not there (4.4.4.7, 4.4.4.9). */
export function isGap(segment: Segment): boolean {
  return segment.parts.some((part) => part.gap)
}
