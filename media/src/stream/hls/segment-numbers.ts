/** EXT-X-MEDIA-SEQUENCE and EXT-X-DISCONTINUITY-SEQUENCE: the numbers that segments get, one after the other. */
import type { CutEvent } from './cut-event.ts'
import type { FirstNumbers } from './lost-segments.ts'

type SegmentStart = Extract<CutEvent, { type: 'segment-start' }>

export class SegmentNumbers {
  #next = 0
  #discontinuity = false
  #discontinuitySequence = 0

  /** Goes on where a predecessor's numbers end; behind segments that were lost, with a discontinuity. */
  follow(first: FirstNumbers): void {
    this.#next = first.mediaSequenceNumber
    this.#discontinuity = first.lostSegments > 0
    this.#discontinuitySequence = first.discontinuitySequence + (first.lostSegments > 0 ? 1 : 0)
  }

  /** The next segment is behind a discontinuity. Each one counts, also when no segment lies between two. */
  discontinue(): void {
    this.#discontinuity = true
    this.#discontinuitySequence += 1
  }

  /** The next segment, which starts at `startTicks`. */
  next(epoch: number, startTicks: number): SegmentStart {
    const start: SegmentStart = {
      type: 'segment-start',
      mediaSequenceNumber: this.#next,
      discontinuity: this.#discontinuity,
      discontinuitySequence: this.#discontinuitySequence,
      programDateTimeMs: startTicks / 90, // on the timeline; the wall clock is added on release
      epoch,
    }
    this.#next += 1
    this.#discontinuity = false
    return start
  }
}
