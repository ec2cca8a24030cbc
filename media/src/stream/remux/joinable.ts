/** Which key frames a player can begin with. */
import { readAvcRecord } from './avc-record.ts'
import type { VideoConfig } from './codec.ts'
import type { VideoSample } from './fragment.ts'
import { nalType, nalTypes, splitByLength } from './nal-units.ts'

/**
 * Encoders call the recovery points of intra refresh and of open GOPs key frames, too; browsers begin with IDR pictures
 * only (Chromium drops what comes before one), so a stream without them is one that nobody can join.
 *
 * @returns true also for a key frame that cannot be looked into.
 */
export function isJoinable({ keyFrame, data }: VideoSample, config: VideoConfig | undefined): boolean {
  if (!keyFrame) return false
  const nals = splitByLength(data, (config && readAvcRecord(config.record)?.lengthBytes) ?? 4)
  return nals === undefined || nals.some((nal) => nalType(nal) === nalTypes.idr)
}
