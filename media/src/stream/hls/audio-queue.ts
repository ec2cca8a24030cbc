/** Sound that waits for its part: units in order, without holes of our own making, silence where a slate needs it. */
import type { Tracks } from '../remux/boxes.ts'
import type { AudioSample } from '../remux/fragment.ts'

export class AudioQueue {
  #track: Tracks['audio']
  #units: AudioSample[] = []
  #end = 0 // samples, of the last unit that came

  get isEmpty(): boolean {
    return this.#units.length === 0
  }

  /** Where the last unit ends, in ticks; undefined while none waits. */
  get endTicks(): number | undefined {
    const last = this.#units.at(-1)
    return last === undefined ? undefined : this.ticksOf(last.time + last.duration)
  }

  /** A new epoch's sound begins at `startTicks`; what waited is gone. */
  restart(track: Tracks['audio'], startTicks: number): void {
    this.#track = track
    this.#units = []
    this.#end = track === undefined ? 0 : Math.round((startTicks * track.sampleRate) / 90_000)
  }

  /** @returns false for a unit that is not taken: an epoch's first ones may reach back under the slate's silence. */
  push(unit: AudioSample): boolean {
    if (this.#track === undefined || unit.time < this.#end) return false
    this.#units.push(unit)
    this.#end = unit.time + unit.duration
    return true
  }

  /** Takes the units that begin before `endTicks`. */
  takeUntil(endTicks: number): AudioSample[] {
    const split = this.#units.findIndex((unit) => this.ticksOf(unit.time) >= endTicks)
    return this.#units.splice(0, split === -1 ? this.#units.length : split)
  }

  /** One silent unit where nothing came for a whole part: each has all tracks, and what may come late loses no more by it. */
  standIn(endTicks: number): AudioSample[] {
    const { silence, frameSamples } = this.#track ?? {}
    if (silence === undefined || frameSamples === undefined || this.ticksOf(this.#end) >= endTicks) return []
    const unit = { time: this.#end, duration: frameSamples, data: silence }
    this.#end += frameSamples
    return [unit]
  }

  /** Adds silent units up to `endTicks`. */
  fillSilence(endTicks: number): void {
    const { silence, frameSamples } = this.#track ?? {}
    if (silence === undefined || frameSamples === undefined) return
    while (this.ticksOf(this.#end) < endTicks) {
      this.#units.push({ time: this.#end, duration: frameSamples, data: silence })
      this.#end += frameSamples
    }
  }

  /** Samples of this track in ticks of 1/90000 s. */
  ticksOf(samples: number): number {
    return Math.round((samples * 90_000) / (this.#track?.sampleRate ?? 90_000))
  }
}
