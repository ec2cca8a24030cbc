/**
 * Where on the timeline an encoder's media goes after stalls, whose time held pictures and silence have taken.
 *
 * What was late is shown, behind what was held. So each stall puts the stream back, and viewers regain that: the end of the
 * playlist is always the newest picture, and players go faster until they are as far from it as before. What stalls in a
 * row put it back and nobody can have regained yet is bounded: beyond that, the oldest of what is late is passed over. Its
 * pictures are decoded, for others refer to them, a millisecond each, which nobody sees; its sound is not heard.
 */

/** 8 s: four stalls of two seconds in a row are shown whole. */
const longestOwedTicks = 720_000
/** Of each second; the watch page regains twice that. */
const regainedPart = 0.1
/** Encoders of rungs count in milliseconds. */
const passedStepTicks = 90

/** Times in ticks of 1/90000 s; `own` ones are the encoder's, as if nothing had ever been late. */
export class LateMedia {
  #shiftTicks = 0 // how far media is behind its own time
  #owedTicks = 0 // how much of that viewers had not regained
  #owedAtTicks = 0 // ... then
  #passed: { from: number; until: number; at: number; pace: number } | undefined

  get shiftTicks(): number {
    return this.#shiftTicks
  }

  /**
   * All that comes from own time `from` on is later than it was by so much.
   *
   * @param nowTicks where the timeline is. @param stepTicks how long a picture lasts.
   */
  moved(byTicks: number, { from, nowTicks, stepTicks }: { from: number; nowTicks: number; stepTicks: number }): void {
    this.#shiftTicks += byTicks
    const regained = Math.max(0, nowTicks - this.#owedAtTicks) * regainedPart
    const owed = Math.max(0, this.#owedTicks - regained) + byTicks
    const excess = Math.round(owed - longestOwedTicks)
    this.#owedTicks = Math.min(owed, longestOwedTicks)
    this.#owedAtTicks = nowTicks
    if (excess <= 0) return
    const pace = passedStepTicks / Math.max(passedStepTicks, stepTicks)
    this.#passed = { from, until: from + excess, at: from + this.#shiftTicks, pace }
    this.#shiftTicks -= Math.round(excess * (1 - pace))
  }

  /** Whether what has this own time is passed over. */
  isPassed(ticks: number): boolean {
    return this.#passed !== undefined && ticks < this.#passed.until
  }

  /** Where what has this own time goes. */
  place(ticks: number): number {
    const passed = this.#passed
    if (passed === undefined || ticks >= passed.until) return ticks + this.#shiftTicks
    return Math.round(passed.at + (ticks - passed.from) * passed.pace)
  }
}
