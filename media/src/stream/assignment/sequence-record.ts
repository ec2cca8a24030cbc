/**
 * Decides when the media sequence must be recorded anew. What is recorded is extrapolated by whoever takes over, so it has to be
 * written when segments have come faster than it says (numbers would fall) or much slower (players would be stranded).
 */
import { expectedNumber, type RecordedSequence } from './assignment.ts'

/** Segments that the record may be ahead of the truth. */
const mostAhead = 2
/** Weight of the newest segment in the mean duration. */
const newest = 0.2

export class SequenceRecord {
  #current: RecordedSequence | undefined
  #recorded: RecordedSequence | undefined
  #inherited: RecordedSequence | undefined
  #segmentSeconds: number

  constructor(segmentSeconds: number) {
    this.#segmentSeconds = segmentSeconds
  }

  /**
   * What the process before this one recorded. It is told on until there is something of our own: whoever applies a status
   * without it takes it away, and with it the numbers that players know.
   */
  inherit(recorded: RecordedSequence | undefined): void {
    if (recorded === undefined || this.#current !== undefined) return
    if (recorded.number >= (this.#inherited?.number ?? 0)) this.#inherited = recorded
  }

  get inherited(): RecordedSequence | undefined {
    return this.#inherited
  }

  /** A segment began. @returns true if that should be recorded now. */
  segmentStarted(number: number, discontinuity: number, nowMs: number): boolean {
    const previous = this.#current
    if (previous !== undefined && number > previous.number) {
      const seconds = Math.max(0.25, (nowMs - previous.atMs) / 1000 / (number - previous.number))
      this.#segmentSeconds += newest * (seconds - this.#segmentSeconds)
    }
    this.#current = {
      number,
      discontinuity,
      atMs: nowMs,
      segmentSeconds: Math.round(this.#segmentSeconds * 1000) / 1000,
    }
    if (this.#recorded?.discontinuity !== discontinuity) return true
    const expected = expectedNumber(this.#recorded, nowMs)
    return number > expected || number < expected - mostAhead
  }

  /** What to record; whoever asks writes it. */
  take(): RecordedSequence | undefined {
    this.#recorded = this.#current
    return this.#current ?? this.#inherited
  }
}
