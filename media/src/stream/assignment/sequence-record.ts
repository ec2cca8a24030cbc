/**
 * Decides when the media sequence must be recorded anew. What is recorded is extrapolated by whoever takes over, so it has to be
 * written when segments have come faster than it says (numbers would fall) or much slower (players would be stranded).
 */
import { expectedNumber, type RecordedSequence } from './assignment.ts'

/** Segments that the record may be ahead of the truth. */
const mostAhead = 2
/** The newest segment's weight in the mean duration, once there are as many as that takes. */
const newest = 0.05
/** A record runs so much of a segment ahead of the truth, so that segments that come a little early need no new one. */
const headStart = 0.2

export class SequenceRecord {
  #current: RecordedSequence | undefined
  #recorded: RecordedSequence | undefined
  #inherited: RecordedSequence | undefined
  #segmentSeconds: number
  #count = 0

  constructor(segmentSeconds: number) {
    this.#segmentSeconds = segmentSeconds
  }

  /**
   * What the process before this one recorded. It is told on until there is something of our own: whoever applies a status
   * without it takes it away, and with it the numbers that players know.
   */
  inherit(recorded: RecordedSequence | undefined): void {
    if (recorded === undefined || this.#recorded !== undefined) return
    if (recorded.number >= (this.#inherited?.number ?? 0)) this.#inherited = recorded
  }

  get inherited(): RecordedSequence | undefined {
    return this.#inherited
  }

  /** A segment began. @returns true if what is to be recorded has changed by it. */
  segmentStarted(number: number, discontinuity: number, nowMs: number): boolean {
    const previous = this.#current
    if (previous !== undefined && number > previous.number) {
      const seconds = Math.max(0.25, (nowMs - previous.atMs) / 1000 / (number - previous.number))
      this.#count += 1
      this.#segmentSeconds += Math.max(newest, 1 / this.#count) * (seconds - this.#segmentSeconds)
    }
    this.#current = {
      number,
      discontinuity,
      atMs: nowMs,
      segmentSeconds: Math.round(this.#segmentSeconds * 1000) / 1000,
    }
    if (this.#recorded?.discontinuity === discontinuity) {
      const expected = expectedNumber(this.#recorded, nowMs)
      if (number <= expected && number >= expected - mostAhead) return false
    }
    this.#recorded = { ...this.#current, atMs: Math.round(nowMs - headStart * this.#segmentSeconds * 1000) }
    return true
  }

  /** What the status is to say: the same until `segmentStarted` says otherwise. */
  take(): RecordedSequence | undefined {
    return this.#recorded ?? this.#inherited
  }
}
