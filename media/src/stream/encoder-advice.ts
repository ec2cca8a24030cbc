/** What the encoder's owner should change, for the Publishing condition. Said once, and taken back when it was done. */
import { advisedKeyFrameSeconds, encoderAdviceReasons } from '@mytaek1/contracts/encoder-advice.ts'

/** Twice what is advised: an encoder that is set right may be late by a scene, not by an interval. */
const farApartSeconds = 4
/** A number that moves by less is told as before: each change is a write. */
const sameSeconds = 0.5

export class EncoderAdvice {
  #toldSeconds: number | undefined

  /**
   * @param longestSeconds the longest of the last key-frame intervals; 0: none is known.
   * @returns reason and message; undefined: there is nothing to change.
   */
  of(longestSeconds: number): readonly [reason: string, message: string] | undefined {
    if (longestSeconds <= farApartSeconds) this.#toldSeconds = undefined
    else if (Math.abs(longestSeconds - (this.#toldSeconds ?? 0)) > sameSeconds) this.#toldSeconds = longestSeconds
    if (this.#toldSeconds === undefined) return undefined
    const every = Number(this.#toldSeconds.toFixed(1))
    return [
      encoderAdviceReasons.keyFramesFarApart,
      `The encoder sends a key frame every ${every} s: set its key-frame interval to ${advisedKeyFrameSeconds} seconds`,
    ]
  }
}
