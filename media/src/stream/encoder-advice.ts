/** What the encoder's owner should change, for the Publishing condition. Said once, and taken back when it was done. */
import { advisedKeyFrameSeconds, encoderAdviceReasons } from '@mytaek1/contracts/encoder-advice.ts'

/** Twice what is advised: an encoder that is set right may be late by a scene, not by an interval. */
const farApartSeconds = 4
/** A number that moves by less than this part is told as before: each change is a write, and one without end grows. */
const samePart = 0.06

export class EncoderAdvice {
  #toldSeconds: number | undefined

  /**
   * @param longSeconds how far apart key frames are, or how long the next has been waited for; 0: none is known.
   * @returns reason and message; undefined: there is nothing to change.
   */
  of(longSeconds: number): readonly [reason: string, message: string] | undefined {
    if (longSeconds <= farApartSeconds) this.#toldSeconds = undefined
    else if (Math.abs(longSeconds - (this.#toldSeconds ?? 0)) > samePart * (this.#toldSeconds ?? 0))
      this.#toldSeconds = longSeconds
    if (this.#toldSeconds === undefined) return undefined
    const every = Number(this.#toldSeconds.toFixed(1))
    return [
      encoderAdviceReasons.keyFramesFarApart,
      `The encoder sends a key frame every ${every} s: set its key-frame interval to ${advisedKeyFrameSeconds} seconds`,
    ]
  }
}
