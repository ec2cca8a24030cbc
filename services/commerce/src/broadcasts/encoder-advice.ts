/** What the seller should change about the encoder, out of what the stream Pod says in the Broadcast's status. */
import type { Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import {
  advisedKeyFrameSeconds,
  encoderAdviceReasons,
  keyFrameIntervalPattern,
} from '@mytaek1/contracts/encoder-advice.ts'

/** `code` for programs; the interval is null where none was measured, or is not what is the matter. */
export interface EncoderAdvice {
  code: (typeof adviceCodes)[number]
  keyFrameIntervalSeconds: number | null
  setKeyFrameIntervalSeconds: number
}

export const adviceCodes = [
  'no_key_frame',
  'key_frames_far_apart',
  'key_frames_not_idr',
  'sound_not_taken',
  'picture_not_taken',
] as const

const codeOf: Readonly<Record<string, EncoderAdvice['code'] | undefined>> = {
  [encoderAdviceReasons.noKeyFrame]: 'no_key_frame',
  [encoderAdviceReasons.keyFramesFarApart]: 'key_frames_far_apart',
  [encoderAdviceReasons.keyFramesNotIdr]: 'key_frames_not_idr',
  [encoderAdviceReasons.soundNotTaken]: 'sound_not_taken',
  [encoderAdviceReasons.pictureNotTaken]: 'picture_not_taken',
}

/** @returns undefined: the encoder is set well, or none sends. */
export function encoderAdviceOf({ status }: BroadcastObject): EncoderAdvice | undefined {
  const publishing = status?.conditions?.find(({ type }) => type === 'Publishing')
  const code = publishing && codeOf[publishing.reason]
  if (publishing === undefined || code === undefined) return undefined
  const interval = keyFrameIntervalPattern.exec(publishing.message)?.[1]
  return {
    code,
    keyFrameIntervalSeconds: interval === undefined ? null : Number(interval),
    setKeyFrameIntervalSeconds: advisedKeyFrameSeconds,
  }
}
