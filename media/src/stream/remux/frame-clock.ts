/**
 * Puts picture times, which RTMP rounds to whole milliseconds, back on the frame grid they came from, and predicts how
 * long a picture lasts: a part can then be closed with its last frame instead of with the one after it (34 ms at 30 fps).
 */
import { nominalRate } from './nominal-rate.ts'
import { ticksPerMs } from './timestamps.ts'

/** Rounding moves a timestamp by less than 1 ms each side of the grid. */
const toleranceTicks = Math.round(1.2 * ticksPerMs)
/** An announced rate below this is rather garbled than true, and would make parts of seconds for good: it is measured first. */
const slowestToTrust = 5
/** Steps that must agree before a measured frame rate replaces an announced one. */
const stepsToTrust = 5
/** Whole rates: over a few frames 29.97 and 30 look alike, and the clock corrects itself by a millisecond a second. */
const knownRates = [10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 120]

export class FrameClock {
  #frame: number | undefined // ticks, with their fraction: half a tick a frame, summed up, would leave the grid in seconds
  #position = 0 // of the last picture, with its fraction
  #raw: number | undefined
  #last = 0
  #steps: number[] = []

  /** @param announcedRate frames per second as metadata or the SPS announce them; may be absent or wrong. */
  constructor(announcedRate?: number) {
    if (announcedRate !== undefined && announcedRate >= slowestToTrust && announcedRate <= 240) {
      this.#frame = 90_000 / nominalRate(90_000 / announcedRate)
    }
  }

  /** Ticks a picture is expected to last, a whole number; undefined until the rate is announced or measured. */
  get frameTicks(): number | undefined {
    return this.#frame === undefined ? undefined : Math.round(this.#frame)
  }

  /** Places the next picture in decode order; the result always grows. */
  place(rawTicks: number): number {
    const raw = this.#raw
    this.#raw = rawTicks
    if (raw === undefined) {
      this.#position = rawTicks
      this.#last = rawTicks
      return rawTicks
    }
    this.#measure(rawTicks - raw)
    const predicted = this.#position + (this.#frame ?? rawTicks - this.#last)
    const isOnGrid = Math.abs(rawTicks - predicted) <= toleranceTicks
    const dts = Math.max(isOnGrid ? Math.round(predicted) : rawTicks, this.#last + 1)
    this.#position = isOnGrid ? predicted : dts
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
    const known = this.#frame
    if (!even || (known !== undefined && Math.abs(mean - known) <= 0.04 * known)) return
    this.#frame = nearestKnown(mean)
  }
}

function nearestKnown(ticks: number): number {
  const rate = knownRates.find((candidate) => Math.abs(90_000 / candidate - ticks) <= 0.012 * ticks)
  return rate === undefined ? Math.round(ticks) : 90_000 / rate
}
