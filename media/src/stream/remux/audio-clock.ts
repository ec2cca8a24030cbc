/**
 * Counts audio in samples, so that consecutive access units join without a gap of rounding, and follows the encoder's
 * timestamps when they truly move away: a hole is filled with silence, an overlap drops units.
 */
import type { AudioConfig } from './codec.ts'
import type { AudioSample } from './fragment.ts'

/** Audio may differ from the encoder's clock by this much before it is corrected; 20 ms is where lips begin to matter. */
const driftMs = 15
/** ... for as many units in a row, so that a jittery encoder is left alone, ... */
const driftUnits = 10
/** ... or at once, past this. */
const jumpMs = 90
/** A hole longer than this is not filled: the picture was gone as well. */
const longestFillMs = 10_000

export class AudioClock {
  readonly #config: AudioConfig
  #next: number | undefined // samples
  #drifting = 0

  constructor(config: AudioConfig) {
    this.#config = config
  }

  /**
   * Places one access unit that the encoder stamped `ticks` (1/90000 s).
   *
   * @returns the unit with any silence that goes before it; empty if the unit overlaps what was already played.
   */
  place(ticks: number, data: Buffer): AudioSample[] {
    const { sampleRate, frameSamples } = this.#config
    const stamped = Math.round((ticks * sampleRate) / 90_000)
    this.#next ??= stamped
    const errorMs = ((stamped - this.#next) * 1000) / sampleRate
    this.#drifting = Math.abs(errorMs) > driftMs ? this.#drifting + 1 : 0
    const samples: AudioSample[] = []
    if (Math.abs(errorMs) > jumpMs || this.#drifting >= driftUnits) {
      this.#drifting = 0
      if (errorMs < 0) return []
      samples.push(...this.#fill(stamped))
      this.#next = Math.max(this.#next, stamped)
    }
    samples.push({ time: this.#next, duration: frameSamples, data })
    this.#next += frameSamples
    return samples
  }

  /** Silence from the last unit up to `until`; none where no silence is known or the hole is too long. */
  #fill(until: number): AudioSample[] {
    const { silence, frameSamples, sampleRate } = this.#config
    const filled: AudioSample[] = []
    let time = this.#next ?? until
    if (silence === undefined || ((until - time) * 1000) / sampleRate > longestFillMs) return filled
    for (; time + frameSamples / 2 <= until; time += frameSamples) {
      filled.push({ time, duration: frameSamples, data: silence })
    }
    this.#next = time
    return filled
  }
}
