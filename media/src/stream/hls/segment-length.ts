/** How long segments are made: whole key-frame intervals near the target duration, once the interval is known. */

/** The largest duration that still rounds down to the target, with a margin. */
const roundingTicks = 43_000
/** An interval this little past the target still counts as one that fits: encoders stamp whole milliseconds. */
const slackTicks = 9000

/** One epoch's key frames, and what they make of its segments. Times in ticks of 1/90000 s. */
export class SegmentLength {
  readonly #targetTicks: number
  #lastKeyDts: number | undefined
  #intervalTicks: number | undefined

  /** @param targetTicks EXT-X-TARGETDURATION. */
  constructor(targetTicks: number) {
    this.#targetTicks = targetTicks
  }

  /** What the open segment is to last. */
  get plannedTicks(): number {
    const target = this.#targetTicks
    const interval = this.#intervalTicks
    if (interval === undefined || interval > target + roundingTicks) return target
    return interval * Math.max(1, Math.floor((target + slackTicks) / interval))
  }

  /** How far a segment of `ticks` may go on: to its planned end and half a frame past it; Infinity for one that is there. */
  leftTicks(ticks: number, frameTicks: number): number {
    const left = this.plannedTicks - ticks
    const halfFrame = Math.floor(frameTicks / 2) // whole ticks: parts that are stretched end here, and fMP4 counts in them
    return left > halfFrame ? left + Math.max(90, halfFrame) : Infinity
  }

  /** Whether a segment of `ticks` is as long as planned, give or take half a frame, or has no room for another part. */
  isFull(ticks: number, frameTicks: number, partTicks: number): boolean {
    return ticks >= this.plannedTicks - frameTicks / 2 || ticks + partTicks > this.#targetTicks + roundingTicks
  }

  /** A key frame came. @returns true if it came where the last interval let it be expected, give or take a frame. */
  keyFrame(dts: number, frameTicks: number): boolean {
    const interval = this.#lastKeyDts === undefined ? undefined : dts - this.#lastKeyDts
    const known = this.#intervalTicks
    this.#lastKeyDts = dts
    this.#intervalTicks = interval ?? known
    return interval !== undefined && known !== undefined && Math.abs(interval - known) <= frameTicks
  }
}
