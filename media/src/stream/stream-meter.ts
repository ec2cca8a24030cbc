/** Measures the encoder's stream for its owner: bit rate, frame rate, key-frame interval. */
import type { PointOfEntry } from './remux/joinable.ts'

/** The window that rates are averaged over. */
const windowMs = 4000
/** No encoder pauses for so long between two pictures: it was away. */
const pauseMs = 1000
/** Intervals of key frames that are remembered. */
const rememberedIntervals = 5
/** Recovery points that came so long ago were the last ones. */
const recoveryMemoryMs = 20_000
/** A second key frame is waited for so long before anything is said of it. */
const firstKeySeconds = 5

export class StreamMeter {
  droppedFrames = 0
  #samples: { atMs: number; bytes: number; frames: number }[] = []
  #lastFrameMs = 0
  #lastKeyMs: number | undefined // in this run of the encoder
  #runSinceMs = 0
  #keyIntervals: number[] = [] // seconds, newest last
  #lastRecoveryMs = -Infinity

  /** @param entry how a decoder can begin with this picture, if at all. */
  frame(bytes: number, entry: PointOfEntry | undefined, nowMs: number): void {
    this.#add(bytes, 1, nowMs)
    if (nowMs - this.#lastFrameMs > pauseMs) {
      this.#lastKeyMs = undefined
      this.#runSinceMs = nowMs
      this.#keyIntervals = this.#keyIntervals.slice(-1) // it may come back with others
    }
    this.#lastFrameMs = nowMs
    if (entry === 'recovery') this.#lastRecoveryMs = nowMs
    if (entry !== 'idr') return
    if (this.#lastKeyMs !== undefined) {
      this.#keyIntervals = [...this.#keyIntervals, (nowMs - this.#lastKeyMs) / 1000].slice(-rememberedIntervals)
    }
    this.#lastKeyMs = nowMs
  }

  /** Between the last two key frames, or since the last one where that is longer already; 0 before a second one. */
  keyFrameIntervalSeconds(nowMs: number): number {
    return Math.max(this.#keyIntervals.at(-1) ?? 0, this.#overdueSeconds(nowMs))
  }

  /** The longest of the last ones but one: an encoder that was held up once has no long intervals. */
  longKeyFrameIntervalSeconds(nowMs: number): number {
    const [longest = 0, second = longest] = this.#keyIntervals.toSorted((a, b) => b - a)
    return Math.max(second, this.#overdueSeconds(nowMs))
  }

  /** Whether pictures come that are called key frames and are none to begin with. */
  hasRecoveryPoints(nowMs: number): boolean {
    return nowMs - this.#lastRecoveryMs < recoveryMemoryMs
  }

  /** How long the next key frame has been waited for, once that is longer than the last two, and pictures come. */
  #overdueSeconds(nowMs: number): number {
    if (nowMs - this.#lastFrameMs > pauseMs) return 0
    const seconds = (nowMs - (this.#lastKeyMs ?? this.#runSinceMs)) / 1000
    return seconds > firstKeySeconds + 2 * (this.#keyIntervals.at(-1) ?? 0) ? seconds : 0
  }

  audio(bytes: number, nowMs: number): void {
    this.#add(bytes, 0, nowMs)
  }

  /** Bits per second over the last seconds; 0 when nothing comes. */
  bitrateBps(nowMs: number): number {
    return this.#rate(nowMs, (sample) => sample.bytes * 8)
  }

  /** Pictures per second over the last seconds. */
  frameRate(nowMs: number): number {
    return this.#rate(nowMs, (sample) => sample.frames)
  }

  /** Samples are gathered in slots of 250 ms, so that a busy stream costs nothing. */
  #add(bytes: number, frames: number, nowMs: number): void {
    const slot = this.#samples.at(-1)
    if (slot !== undefined && nowMs - slot.atMs < 250) {
      slot.bytes += bytes
      slot.frames += frames
      return
    }
    this.#samples.push({ atMs: nowMs, bytes, frames })
    while ((this.#samples[0]?.atMs ?? nowMs) < nowMs - windowMs) this.#samples.shift()
  }

  #rate(nowMs: number, amount: (sample: { bytes: number; frames: number }) => number): number {
    const recent = this.#samples.filter((sample) => sample.atMs >= nowMs - windowMs)
    const first = recent[0]
    if (first === undefined) return 0
    const seconds = Math.max(0.25, (nowMs - first.atMs) / 1000)
    return recent.reduce((sum, sample) => sum + amount(sample), 0) / seconds
  }
}
