/**
 * Puts picture times, which RTMP rounds to whole milliseconds, back on the frame grid they came from, and predicts how
 * long a picture lasts: a part can then be closed with its last frame instead of with the one after it (34 ms at 30 fps).
 */
import { ticksPerMs } from './timestamps.ts'

/** Rounding moves a timestamp by less than 1 ms each side of the grid. */
const toleranceTicks = Math.round(1.2 * ticksPerMs)
/** Steps that must agree before a measured frame rate replaces an announced one. */
const stepsToTrust = 5
/** Whole rates first: over a few frames 29.97 and 30 look alike, and the clock corrects itself by a tick a second. */
const knownRates = [10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 120]

export class FrameClock {
  #frameTicks: number | undefined
  #last: number | undefined
  #steps: number[] = []

  /** @param announcedRate frames per second as metadata or the SPS announce them; may be absent or wrong. */
  constructor(announcedRate?: number) {
    if (announcedRate !== undefined && announcedRate >= 1 && announcedRate <= 240) {
      this.#frameTicks = Math.round(90_000 / announcedRate)
    }
  }

  /** Ticks a picture is expected to last; undefined until the rate is announced or measured. */
  get frameTicks(): number | undefined {
    return this.#frameTicks
  }

  /** Places the next picture in decode order; the result always grows. */
  place(rawTicks: number): number {
    const last = this.#last
    if (last === undefined) {
      this.#last = rawTicks
      return rawTicks
    }
    this.#measure(rawTicks - last)
    const predicted = last + (this.#frameTicks ?? rawTicks - last)
    const dts = Math.max(Math.abs(rawTicks - predicted) <= toleranceTicks ? predicted : rawTicks, last + 1)
    this.#last = dts
    return dts
  }

  #measure(step: number): void {
    if (step <= 0) return
    this.#steps.push(step)
    if (this.#steps.length < stepsToTrust) return
    const mean = this.#steps.reduce((sum, value) => sum + value, 0) / this.#steps.length
    const even = this.#steps.every((value) => Math.abs(value - mean) <= 2 * toleranceTicks)
    this.#steps = []
    const known = this.#frameTicks
    if (!even || (known !== undefined && Math.abs(mean - known) <= 0.04 * known)) return
    this.#frameTicks = nearestKnown(mean)
  }
}

function nearestKnown(ticks: number): number {
  const rate = knownRates.find((candidate) => Math.abs(90_000 / candidate - ticks) <= 0.012 * ticks)
  return Math.round(rate === undefined ? ticks : 90_000 / rate)
}
