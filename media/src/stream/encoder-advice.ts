/** What the encoder's owner should change, for the Publishing condition. Said once, and taken back when it was done. */
import { advisedKeyFrameSeconds, encoderAdviceReasons } from '@mytaek1/contracts/encoder-advice.ts'

/** Twice what is advised: an encoder that is set right may be late by a scene, not by an interval. */
const farApartSeconds = 4
/** A number that moves by less than this part is told as before: each change is a write, and one without end grows. */
const samePart = 0.06

/** What was seen of the encoder's stream. */
export interface EncoderHabits {
  /** How far apart key frames are that players can begin with, or how long the next has been waited for; 0: none is known. */
  keyFrameSeconds: number
  /** It calls other pictures key frames in between: recovery points of intra refresh, or of open GOPs. */
  hasRecoveryPoints: boolean
  /** It sends a kind that the broadcast began without. */
  notTaken: 'video' | 'audio' | undefined
}

type Advice = readonly [reason: string, message: string]

const notIdr = [
  encoderAdviceReasons.keyFramesNotIdr,
  "Players cannot begin with the encoder's key frames: switch intra refresh and open GOP off, " +
    `and set its key-frame interval to ${advisedKeyFrameSeconds} seconds`,
] as const
const notTaken = {
  audio: [
    encoderAdviceReasons.soundNotTaken,
    'The broadcast began without sound, so nobody hears it: end it, and begin a new one with the sound on',
  ],
  video: [
    encoderAdviceReasons.pictureNotTaken,
    'The broadcast began without pictures, so nobody sees them: end it, and begin a new one with the camera on',
  ],
} as const

export class EncoderAdvice {
  #toldSeconds: number | undefined

  /** @returns reason and message, of several the gravest; undefined: there is nothing to change. */
  of(habits: EncoderHabits): Advice | undefined {
    const { keyFrameSeconds: seconds } = habits
    if (seconds <= farApartSeconds) this.#toldSeconds = undefined
    else if (Math.abs(seconds - (this.#toldSeconds ?? 0)) > samePart * (this.#toldSeconds ?? 0))
      this.#toldSeconds = seconds
    if (habits.notTaken !== undefined) return notTaken[habits.notTaken]
    if (this.#toldSeconds === undefined) return undefined
    if (habits.hasRecoveryPoints) return notIdr
    const every = Number(this.#toldSeconds.toFixed(1))
    return [
      encoderAdviceReasons.keyFramesFarApart,
      `The encoder sends a key frame every ${every} s: set its key-frame interval to ${advisedKeyFrameSeconds} seconds`,
    ]
  }
}
