/**
 * What the seller can do about the encoder, as the stream Pod says it: reasons of a Broadcast's Publishing condition. They
 * are true or not for minutes, unlike what is measured all the time, so they may stand in a status.
 */
export const encoderAdviceReasons = Object.freeze({
  noKeyFrame: 'NoKeyFrame', // pictures come, and none that anybody can begin with
  keyFramesFarApart: 'KeyFramesFarApart', // whoever joins or loses a picture waits, or loads a long way
  keyFramesNotIdr: 'KeyFramesNotIdr', // of intra refresh or open GOPs: players cannot begin with them
  soundNotTaken: 'SoundNotTaken', // it came after the broadcast had begun without: players cannot follow a change of tracks
  pictureNotTaken: 'PictureNotTaken',
} as const)

/** The interval that an encoder is to be set to, in seconds. */
export const advisedKeyFrameSeconds = 2

/** What a message says of the interval: `a key frame every 8.3 s`. */
export const keyFrameIntervalPattern = /a key frame every (\d+(?:\.\d+)?) s/
