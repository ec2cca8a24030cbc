/**
 * EXT-X-PROGRAM-DATE-TIME: where the timeline lies on the wall clock. An epoch's first events are held back for `settleMs`,
 * for a burst (a replayed GOP) says only with its last sample how far behind the encoder its first one is.
 */
import type { CutEvent } from './cut-event.ts'

/** A burst is let in before the first part fixes the epoch's wall clock. */
const settleMs = 50

export class ProgramClock {
  /** When a part of this process was last let out; Infinity before. */
  lastPartMs = Infinity
  #epochBeganMs = -Infinity
  #offsetMs = -Infinity // program date-time of tick 0
  #candidateMs = Infinity
  #held: CutEvent[] = []

  beginEpoch(nowMs: number): void {
    this.#epochBeganMs = nowMs
    this.#candidateMs = Infinity
  }

  /** A sample of tick `ticks` came: the timeline lies no later than this says. */
  arrived(ticks: number, nowMs: number): void {
    this.#candidateMs = Math.min(this.#candidateMs, nowMs - ticks / 90)
  }

  /** Lets out what the epoch no longer holds back, with dates on the wall clock; segments start in ms of the timeline. */
  release(events: CutEvent[], nowMs: number): CutEvent[] {
    this.#held.push(...events)
    // A wall clock that is set back would else hold everything until it is there again.
    this.#epochBeganMs = Math.min(this.#epochBeganMs, nowMs)
    if (nowMs - this.#epochBeganMs < settleMs) return []
    const released = this.#held
    this.#held = []
    if (released.some((event) => event.type === 'part' && event.part.epoch >= 0)) this.lastPartMs = nowMs
    if (released.length > 0 && Number.isFinite(this.#candidateMs)) {
      // Fixed by an epoch's first part and never moved back: a date maps to one place only (draft 6.2.1).
      this.#offsetMs = Math.max(this.#offsetMs, this.#candidateMs)
      this.#candidateMs = -Infinity
    }
    return released.map((event) =>
      event.type === 'segment-start'
        ? { ...event, programDateTimeMs: Math.round(event.programDateTimeMs + this.#offsetMs) }
        : event,
    )
  }
}
