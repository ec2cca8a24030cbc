/** What this Pod is to stream, whoever says so. */
import type { RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import type { LatencyProfile } from '../hls/part-target.ts'

/** One broadcast, as its owner wants it streamed. */
export interface Assignment {
  /** The Broadcast's name; part of viewers' URLs. */
  broadcast: string
  /** Lower-case hex SHA-256 of the stream key; undefined while nobody resolved it. */
  streamKeySha256: string | undefined
  latency: LatencyProfile
  dvrWindowSeconds: number
  ladder: readonly RungSpec[] | undefined // undefined: the default
  /** When the broadcast was created: the media sequence counts from here, on whatever Pod. */
  createdAtMs: number
  ended: boolean
}

/** Where assignments come from. A Pod gets one broadcast in its life; only its details change. */
export interface AssignmentSource {
  readonly current: Assignment | undefined
  /** Calls back at once with what is known, and on every change, until `close`. */
  subscribe(listener: (assignment: Assignment) => void): void
  close(): Promise<void>
}

/** Segments per second that media sequence numbers allow for; real segments are longer (hls/segmenter.ts). */
const numbersPerSecond = 4

/**
 * The first media sequence number of a Pod that starts now.
 *
 * Every Pod of a broadcast counts from the broadcast's creation, faster than segments can be made. So a replacement
 * always starts above whatever its predecessor reached, without knowing it: no write that must arrive before a crash, and
 * nothing to read before the first picture. It costs a jump in the numbers, which the draft allows, and clocks that agree
 * within the time a Pod needs to be replaced.
 */
export function firstMediaSequenceNumber(createdAtMs: number, nowMs: number): number {
  return Math.max(0, Math.floor(((nowMs - createdAtMs) / 1000) * numbersPerSecond))
}
