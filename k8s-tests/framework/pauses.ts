/** What a viewer may miss of a show, told apart from what the encoder itself did not send. */
import { setPriority } from 'node:os'

/** Longest times in one span, ms: without a new part at the viewer, and without a picture encoded. */
export interface Pauses {
  stallMs: number
  encoderPauseMs: number
}

/** As much as ten processes have, which is the cluster's cgroup's (cluster/node/cgroups.ts). */
const nodePriority = -10

/**
 * The encoder and the viewer stand for other machines: what the node does with its CPU must not keep theirs from them. For this
 * process and all that it starts from now on; only root may, others go on as they are.
 */
export function standApart(): void {
  try {
    setPriority(nodePriority)
  } catch (error) {
    if ((error as { info?: { code?: string } }).info?.code !== 'EACCES') throw error
  }
}

/** What is wrong with pauses; the encoder's own excuses nothing, and tells a reader whose stall it may have been. */
export function pauseProblems({ stallMs, encoderPauseMs }: Pauses, limitMs: number): string[] {
  if (stallMs <= limitMs) return []
  return [`HLS stalled for ${stallMs} ms, the encoder for ${encoderPauseMs} ms at most`]
}
