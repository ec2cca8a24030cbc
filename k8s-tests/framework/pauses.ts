/** What a viewer may miss of a show, told apart from what the encoder itself did not send. */

/** Longest times in one span, ms: without a new part at the viewer, and without a picture encoded. */
export interface Pauses {
  stallMs: number
  encoderPauseMs: number
}

/** What is wrong with pauses; the encoder's own excuses nothing, and tells a reader whose stall it may have been. */
export function pauseProblems({ stallMs, encoderPauseMs }: Pauses, limitMs: number): string[] {
  if (stallMs <= limitMs) return []
  return [`HLS stalled for ${stallMs} ms, the encoder for ${encoderPauseMs} ms at most`]
}
