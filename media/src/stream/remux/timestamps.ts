/**
 * Turns RTMP timestamps into times on the packager's own timeline: unwraps 32 bits, closes jumps, keeps audio and
 * video on one offset. The offset belongs to an epoch: one uninterrupted run of a publisher.
 */
import { videoTimescale } from './boxes.ts'

/** Ticks of the timeline in one millisecond. */
export const ticksPerMs = videoTimescale / 1000

/** A step larger than this, in either direction, is a jump of the encoder's clock and not a pause of the picture. */
const jumpMs = 1000

interface TrackState {
  raw: number // last unwrapped timestamp, ms
  stepMs: number // last plain step, the best guess of what a jump hides
  offsetMs: number
}

/** One epoch's mapping from RTMP timestamps (unsigned 32 bits, ms) to ticks. */
export class EpochTimestamps {
  readonly #offsetMs: number
  #reference: number // unwrapped timestamp of the last message of any track
  readonly #tracks = new Map<'audio' | 'video', TrackState>()
  /** Offsets that jumps have opened, newest last: the other track joins the one it fits. */
  readonly #jumps: { raw: number; offsetMs: number }[] = []

  /** @param firstTimestamp the RTMP timestamp that becomes `startTicks`. */
  constructor(firstTimestamp: number, startTicks: number) {
    this.#reference = firstTimestamp
    this.#offsetMs = startTicks / ticksPerMs - firstTimestamp
  }

  /** Places a timestamp; the result may lie before the epoch's start, and is then to be dropped. */
  ticks(track: 'audio' | 'video', timestamp: number): number {
    const raw = this.#reference + wrappedDifference(timestamp, this.#reference)
    this.#reference = raw
    const state = this.#tracks.get(track)
    if (state === undefined) {
      const offsetMs = this.#jumps.at(-1)?.offsetMs ?? this.#offsetMs
      this.#tracks.set(track, { raw, stepMs: 0, offsetMs })
      return Math.round((raw + offsetMs) * ticksPerMs)
    }
    const step = raw - state.raw
    if (Math.abs(step) > jumpMs) state.offsetMs = this.#offsetAfterJump(raw, state)
    else if (step > 0) state.stepMs = step
    state.raw = raw
    return Math.round((raw + state.offsetMs) * ticksPerMs)
  }

  /** The other track jumped to the same place: share its offset, or audio and picture drift apart. */
  #offsetAfterJump(raw: number, state: TrackState): number {
    const joined = this.#jumps.findLast((jump) => Math.abs(raw - jump.raw) <= jumpMs)
    if (joined) return joined.offsetMs
    const offsetMs = state.raw + state.offsetMs + state.stepMs - raw
    this.#jumps.push({ raw, offsetMs })
    if (this.#jumps.length > 8) this.#jumps.shift()
    return offsetMs
  }
}

/** `timestamp - reference` modulo 2^32, in [-2^31, 2^31). */
export function wrappedDifference(timestamp: number, reference: number): number {
  const low = ((reference % 2 ** 32) + 2 ** 32) % 2 ** 32
  return (timestamp - low) | 0
}
