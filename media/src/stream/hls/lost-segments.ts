/** Segments of a stream process that is gone, as its successor lists them. */
import type { CutEvent } from './cut-event.ts'

/** Where a playlist begins to count; `lostSegments` before it are listed as gaps, for players that still know them. */
export interface FirstNumbers {
  mediaSequenceNumber: number
  discontinuitySequence: number
  lostSegments: number
}

/** Gaps for what is lost: they join the predecessor's playlist to this one (draft-pantos-hls-rfc8216bis 6.2.1). */
export function lostSegmentEvents(
  { mediaSequenceNumber, discontinuitySequence, lostSegments }: FirstNumbers,
  { durationTicks, partTicks }: { durationTicks: number; partTicks: number },
): CutEvent[] {
  const events: CutEvent[] = []
  const parts = Math.ceil(durationTicks / partTicks)
  for (let before = lostSegments; before > 0; before -= 1) {
    const lost = { mediaSequenceNumber: mediaSequenceNumber - before, epoch: -1 }
    const programDateTimeMs = (-before * durationTicks) / 90
    events.push({ type: 'segment-start', ...lost, discontinuity: false, discontinuitySequence, programDateTimeMs })
    for (let partIndex = 0; partIndex < parts; partIndex += 1) {
      const timing = { startTicks: 0, durationTicks: durationTicks / parts, presentationTicks: 0, independent: false }
      events.push({ type: 'part', part: { kind: 'gap', ...lost, partIndex, ...timing, video: [], audio: [] } })
    }
    events.push({ type: 'segment-end', mediaSequenceNumber: lost.mediaSequenceNumber })
  }
  return events
}
