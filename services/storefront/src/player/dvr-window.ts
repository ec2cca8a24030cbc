/**
 * What of a live broadcast can be looked at: from the oldest picture that the playlist still lists to the live edge. All
 * in seconds on the video element's clock. A place in it is told by its distance from the edge, which stands still while
 * both move on.
 */

export interface DvrWindow {
  readonly startSeconds: number
  readonly edgeSeconds: number
  /** The distance from the edge that is kept when live. */
  readonly holdBackSeconds: number
}

/** The bar's facts: how far back it reaches and where the picture is. */
export interface DvrPosition {
  readonly lengthSeconds: number // a multiple of `seekStepSeconds`; 0: too short to be worth a bar
  readonly behindSeconds: number
}

/** What is read of hls.js's LevelDetails. */
export interface PlaylistFacts {
  readonly live: boolean
  readonly fragmentStart: number
  readonly edge: number // the end of the last part or segment
  readonly age: number // seconds since the playlist last grew
  readonly partHoldBack: number
  readonly holdBack: number
}

/** One press of an arrow key. */
export const seekStepSeconds = 5

const startMarginSeconds = 5 // the oldest segment leaves the playlist while it is being asked for
const shortestSeconds = 10
const nativeHoldBackSeconds = 2 // a browser that plays HLS by itself tells neither HOLD-BACK nor PART-HOLD-BACK

/** The window of a playlist that hls.js read; one that ended grows no more. */
export function playlistWindow(facts: PlaylistFacts): DvrWindow {
  return {
    startSeconds: facts.fragmentStart,
    edgeSeconds: facts.edge + (facts.live ? facts.age : 0),
    holdBackSeconds: facts.partHoldBack || facts.holdBack,
  }
}

/** The window of a browser that plays HLS by itself; undefined before it knows one. */
export function nativeWindow({ seekable }: { seekable: TimeRanges }): DvrWindow | undefined {
  if (seekable.length === 0) return undefined
  const edgeSeconds = seekable.end(seekable.length - 1)
  if (!Number.isFinite(edgeSeconds)) return undefined
  return { startSeconds: seekable.start(0), edgeSeconds, holdBackSeconds: nativeHoldBackSeconds }
}

/** Where the picture is in the window. */
export function positionIn({ startSeconds, edgeSeconds }: DvrWindow, currentTime: number): DvrPosition {
  const reach = edgeSeconds - startSeconds - startMarginSeconds
  const lengthSeconds = reach < shortestSeconds ? 0 : Math.floor(reach / seekStepSeconds) * seekStepSeconds
  return { lengthSeconds, behindSeconds: Math.max(0, edgeSeconds - currentTime) }
}

/** The time to seek to, to be that far behind the edge; never closer than live is, never what is about to leave. */
export function timeBehind(window: DvrWindow, behindSeconds: number): number {
  const live = window.edgeSeconds - window.holdBackSeconds
  const oldest = Math.min(window.startSeconds + startMarginSeconds, live)
  return Math.min(Math.max(window.edgeSeconds - behindSeconds, oldest), live)
}

/** The time at which a picture of that programme date is shown, for a playlist that was read anew. */
export function timeOfDate(
  first: { start: number; programDateTime: number | null },
  dateMs: number,
): number | undefined {
  if (first.programDateTime === null) return undefined
  return first.start + (dateMs - first.programDateTime) / 1_000
}
