/** Measures the encoder's stream for its owner: bit rate, frame rate, key-frame interval. */

/** The window that rates are averaged over. */
const windowMs = 4000
/** No encoder pauses for so long between two pictures: it was away. */
const pauseMs = 1000
/** Intervals between key frames that are remembered. */
const intervalsKept = 4

export class StreamMeter {
  droppedFrames = 0
  keyFrameIntervalSeconds = 0
  #intervals: number[] = [] // of this run of the encoder, in seconds
  #samples: { atMs: number; bytes: number; frames: number }[] = []
  #lastFrameMs = 0
  #lastKeyMs: number | undefined // in this run of the encoder

  frame(bytes: number, keyFrame: boolean, nowMs: number): void {
    this.#add(bytes, 1, nowMs)
    if (nowMs - this.#lastFrameMs > pauseMs) {
      this.#lastKeyMs = undefined
      this.#intervals = []
    }
    this.#lastFrameMs = nowMs
    if (!keyFrame) return
    if (this.#lastKeyMs !== undefined) {
      this.keyFrameIntervalSeconds = (nowMs - this.#lastKeyMs) / 1000
      this.#intervals = [...this.#intervals, this.keyFrameIntervalSeconds].slice(-intervalsKept)
    }
    this.#lastKeyMs = nowMs
  }

  /** The longest of the last intervals: a scene that brings a key frame early says nothing of how the encoder is set. */
  get longestKeyFrameIntervalSeconds(): number {
    return Math.max(0, ...this.#intervals)
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
