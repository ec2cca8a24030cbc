/** Which pictures a player can begin with. */
import { readAvcRecord } from './avc-record.ts'
import type { VideoConfig } from './codec.ts'
import type { VideoSample } from './fragment.ts'
import { nalType, nalTypes, splitByLength } from '../../rtmp/nal-units.ts'

/** `recovery`: a decoder can, from what is missing on; browsers do not. */
export type PointOfEntry = 'idr' | 'recovery'

const recoveryPoint = 6 // payloadType of an SEI message (ITU-T H.264 D.1.1)

/**
 * Encoders call the recovery points of intra refresh and of open GOPs key frames, too; browsers begin with IDR pictures
 * only (Chromium drops what comes before one), so a stream without them is one that nobody can join.
 *
 * @returns `idr` also for a key frame that cannot be looked into; undefined where nothing can begin.
 */
export function entryOf({ keyFrame, data }: VideoSample, config: VideoConfig | undefined): PointOfEntry | undefined {
  const nals = splitByLength(data, (config && readAvcRecord(config.record)?.lengthBytes) ?? 4)
  if (keyFrame) return nals === undefined || nals.some((nal) => nalType(nal) === nalTypes.idr) ? 'idr' : 'recovery'
  const isRecovery = nals?.some((nal) => nalType(nal) === nalTypes.enhancement && nal[1] === recoveryPoint) === true
  return isRecovery ? 'recovery' : undefined
}
