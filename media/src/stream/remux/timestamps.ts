/**
 * Turns RTMP timestamps into times on the packager's own timeline: unwraps 32 bits, closes jumps, keeps audio and
 * video on one offset. The offset belongs to an epoch: one uninterrupted run of a publisher.
 *
 * A track that begins far from the other one begins where that is. A track whose timestamps leap is told apart by the other one:
 * - the other track is where this one leaps to: it was this track's pause, or the other jumped first. They share an offset.
 * - it is not: the encoder's clock jumped, or both paused. The hole is closed, and the other track follows with its own leap.
 */
import { videoTimescale } from './boxes.ts'

/** Ticks of the timeline in one millisecond. */
export const ticksPerMs = videoTimescale / 1000

/** A step larger than this, in either direction, is a leap; and tracks nearer than this are at the same place. */
const jumpMs = 1000
/** Pictures that go back by more than this are a jump as well: they would stand still for as long. (Sound skips so much.) */
const backMs = 100

/** A track that begins further away than this is stamped wrong, not late: no encoder takes so much longer for one kind. */
const strayMs = 1500

type Track = 'audio' | 'video'

interface TrackState {
  raw: number // last unwrapped timestamp, ms
  highest: number // ... and the highest since the offset last changed
  stepMs: number // last plain step, the best guess of what a jump hides
  offsetMs: number
}

/** One epoch's mapping from RTMP timestamps (unsigned 32 bits, ms) to ticks. */
export class EpochTimestamps {
  readonly #offsetMs: number
  #reference: number // unwrapped timestamp of the last message of any track
  readonly #tracks: Partial<Record<Track, TrackState>> = {}

  /** @param firstTimestamp the RTMP timestamp that becomes `startTicks`. */
  constructor(firstTimestamp: number, startTicks: number) {
    this.#reference = firstTimestamp
    this.#offsetMs = startTicks / ticksPerMs - firstTimestamp
  }

  /** Places a timestamp; the result may lie before the epoch's start, and is then to be dropped. */
  ticks(track: Track, timestamp: number): number {
    const raw = this.#reference + wrappedDifference(timestamp, this.#reference)
    this.#reference = raw
    const other = this.#tracks[track === 'audio' ? 'video' : 'audio']
    const state = this.#tracks[track]
    if (state === undefined) {
      const offsetMs = firstOffset(raw, other) ?? this.#offsetMs
      this.#tracks[track] = { raw, highest: raw, stepMs: 0, offsetMs }
      return Math.round((raw + offsetMs) * ticksPerMs)
    }
    const step = raw - state.raw
    if (step > jumpMs || raw < state.highest) {
      const offsetMs = offsetAfterLeap({ track, raw, state, other })
      if (offsetMs !== state.offsetMs) state.highest = raw
      state.offsetMs = offsetMs
    }
    if (step > 0 && step <= jumpMs) state.stepMs = step
    state.raw = raw
    state.highest = Math.max(state.highest, raw)
    return Math.round((raw + state.offsetMs) * ticksPerMs)
  }
}

/** Encoders send at one time what belongs together: a track that is stamped elsewhere is brought to the one that is there. */
function firstOffset(raw: number, other: TrackState | undefined): number | undefined {
  if (other === undefined) return undefined
  const awayMs = raw - other.raw
  return Math.abs(awayMs) > strayMs ? other.offsetMs - awayMs : other.offsetMs
}

interface Leap {
  track: Track
  raw: number
  state: TrackState
  other: TrackState | undefined
}

function offsetAfterLeap({ track, raw, state, other }: Leap): number {
  const step = raw - state.raw
  const isBeside = other !== undefined && Math.abs(raw - other.raw) <= jumpMs
  // Beside a track on the same offset, a step forward is the end of a pause, while one back is the first of a jump.
  if (isBeside && (step > jumpMs || other.offsetMs !== state.offsetMs)) return other.offsetMs
  const isBack = step < 0 && (step < -jumpMs || (track === 'video' && step - state.stepMs < -backMs))
  return step > jumpMs || isBack ? state.raw + state.offsetMs + state.stepMs - raw : state.offsetMs
}

/** `timestamp - reference` modulo 2^32, in [-2^31, 2^31). */
export function wrappedDifference(timestamp: number, reference: number): number {
  const low = ((reference % 2 ** 32) + 2 ** 32) % 2 ** 32
  return (timestamp - low) | 0
}
