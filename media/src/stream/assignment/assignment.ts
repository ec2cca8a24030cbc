/** What this Pod is to stream, whoever says so. */
import type { EncoderPreset, RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
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
  encoderPreset: EncoderPreset | undefined // likewise
  /** Whether it is kept as video on demand. */
  recording: boolean
  /** When the broadcast was created: sequence numbers count from here, on whatever Pod. */
  createdAtMs: number
  /** What the Pod before this one recorded of its media sequence. */
  sequence: RecordedSequence | undefined
  /** `moved`: another Pod has the broadcast now. */
  state: 'open' | 'ended' | 'moved'
}

/** Segment `number`, of this discontinuity sequence number, began at `atMs`; one lasts `segmentSeconds`. */
export interface RecordedSequence {
  number: number
  discontinuity: number
  atMs: number
  segmentSeconds: number
}

/** Where assignments come from. A Pod gets one broadcast in its life; only its details change. */
export interface AssignmentSource {
  readonly current: Assignment | undefined
  /** Calls back at once with what is known, and on every change, until `close`. */
  subscribe(listener: (assignment: Assignment) => void): void
  close(): Promise<void>
}

/** Segments made when nobody recorded otherwise: EXT-X-TARGETDURATION's length. */
const defaultSegmentSeconds = 2

/**
 * The first media sequence number of a Pod that starts to publish at `nowMs`.
 *
 * A replacement goes on where its predecessor must have come to by now, judging by what that one recorded last (which is kept
 * true, see `SequenceRecord`), or by the broadcast's age. Numbers therefore never fall, and keep step with time: hls.js
 * places a playlist that does not overlap the last one by counting segments, so a large jump would strand it.
 */
export function firstMediaSequenceNumber(
  assignment: Pick<Assignment, 'createdAtMs' | 'sequence'>,
  nowMs: number,
): number {
  const recorded = assignment.sequence ?? {
    number: 0,
    discontinuity: 0,
    atMs: assignment.createdAtMs,
    segmentSeconds: defaultSegmentSeconds,
  }
  return expectedNumber(recorded, nowMs) + 1
}

/** Players keep a playlist for some seconds after its Pod is gone; more than this has no use. */
const mostLostSegments = 15

/**
 * How many segments before `first` a player may still know from a predecessor; none without a predecessor. They begin with
 * the recorded one: those after it are of the same discontinuity, and hls.js refuses a playlist that says otherwise.
 */
export function lostSegments(sequence: RecordedSequence | undefined, first: number): number {
  if (sequence === undefined) return 0
  return Math.max(0, Math.min(first - sequence.number, mostLostSegments))
}

/** The segment that a recorded sequence has come to by `nowMs`. */
export function expectedNumber({ number, atMs, segmentSeconds }: RecordedSequence, nowMs: number): number {
  return number + Math.max(0, Math.floor((nowMs - atMs) / 1000 / segmentSeconds))
}
