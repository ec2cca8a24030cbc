/**
 * How long parts are. A part is a whole number of frames, so PART-TARGET follows the frame rate: 30 fps gives exactly
 * 15 or 6 frames, 25 fps 13 or 5, 29.97 fps 15 or 6. Each full part is then above the 85 % that the draft demands.
 *
 * Low is about 0.5 s: PART-HOLD-BACK is three of them, so viewers stand 1.5 s behind plus half a part. Ultra is about
 * 0.2 s: 0.6 s behind, for 2.5 times the requests.
 */
import { videoTimescale } from '../remux/boxes.ts'

/** Latency profiles, as a Broadcast's spec names them. */
export type LatencyProfile = 'Low' | 'Ultra'

const nominalSeconds: Readonly<Record<LatencyProfile, number>> = Object.freeze({ Low: 0.5, Ultra: 0.2 })

/** RTMP stamps whole milliseconds: a part of as many frames may come out up to 1 ms longer on each side. */
const slackTicks = 180

/** The lengths of one playlist's parts, in ticks of 1/90000 s. */
export interface PartPlan {
  /** What PART-TARGET announces: no part is longer. */
  targetTicks: number
  /** What a part is made to last. */
  plannedTicks: number
}

/** Plans parts for frames of `frameTicks`; undefined (audio only, or unknown) plans the profile's nominal length. */
export function planParts(profile: LatencyProfile, frameTicks: number | undefined): PartPlan {
  const nominalTicks = nominalSeconds[profile] * videoTimescale
  if (frameTicks === undefined || frameTicks > nominalTicks) {
    return { targetTicks: nominalTicks + slackTicks, plannedTicks: nominalTicks }
  }
  const frames = Math.max(1, Math.ceil(nominalTicks / frameTicks - 0.01))
  const plannedTicks = Math.round(frames * frameTicks)
  return { targetTicks: plannedTicks + slackTicks, plannedTicks }
}
