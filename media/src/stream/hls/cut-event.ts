/** What a source's samples are cut into: told by the segmenter, applied alike by every rendition. */
import type { Tracks } from '../remux/boxes.ts'
import type { AudioSample, VideoSample } from '../remux/fragment.ts'

/** What happened to the playlist, in order. Every rendition applies the same events. Times in ticks of 1/90000 s. */
export type CutEvent =
  | { type: 'epoch'; epoch: number; tracks: Tracks; frameTicks: number | undefined }
  | {
      type: 'segment-start'
      mediaSequenceNumber: number
      discontinuity: boolean
      discontinuitySequence: number
      programDateTimeMs: number
      epoch: number
    }
  | { type: 'part'; part: CutPart }
  | { type: 'segment-end'; mediaSequenceNumber: number }
  | { type: 'end' }

/** One part of the source rendition, and the plan of the same part in every other rendition. */
export interface CutPart {
  kind: 'media' | 'slate' | 'gap'
  mediaSequenceNumber: number
  partIndex: number
  epoch: number
  startTicks: number
  durationTicks: number
  /** Presentation time of the part's first picture: where an encoder's output is cut. */
  presentationTicks: number
  independent: boolean
  video: readonly VideoSample[]
  audio: readonly AudioSample[]
}

/** How long the last of the parts among these events lasts, in ms; undefined where there is none. */
export function lastPartDurationMs(events: readonly CutEvent[]): number | undefined {
  const last = events.findLast((event) => event.type === 'part')
  return last && last.part.durationTicks / 90
}
