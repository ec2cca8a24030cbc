/** Holds playlist and part requests until they can be answered; decides nothing itself. */
import { decideReload, type Directives } from '../hls/playlist-position.ts'
import { isGap, type Position, type Rendition } from '../hls/rendition.ts'
import type { MediaStore } from '../store/media-store.ts'
import type { PublishSignal } from './publish-signal.ts'

interface Wait {
  publish: PublishSignal
  signal: AbortSignal
}

/** A held playlist request's outcome; 'late' after three target durations (draft 6.2.5.2: 503). */
export async function awaitPlaylist(
  rendition: Rendition,
  directives: Directives,
  { publish, signal }: Wait,
): Promise<'ready' | 'refused' | 'late'> {
  const outcome = await publish.until(
    () => {
      // Until there is a whole segment any first request waits: players refuse a playlist of parts alone. One with
      // directives comes from a player that knows a predecessor's playlist; parts after its gaps are enough for that.
      const hasWhole = rendition.segments.some((segment) => segment.complete && !isGap(segment))
      const isKnown = () => directives.mediaSequenceNumber !== undefined && rendition.segments.some(isGap)
      if (!rendition.ended && !hasWhole && !isKnown()) return undefined
      const decision = decideReload(rendition, directives)
      return decision === 'wait' ? undefined : decision
    },
    { timeoutMs: 3000 * rendition.targetDurationSeconds, signal },
  )
  return outcome ?? 'late'
}

/**
 * The bytes of a part. The hinted part is waited for and then whole (draft 6.2.6); any other is there or not.
 *
 * @returns undefined for a part that is unknown, a gap, or that never came.
 */
export async function awaitPart(
  wanted: Position,
  { rendition, store, publish, signal }: { rendition: Rendition; store: MediaStore } & Wait,
): Promise<Buffer | undefined> {
  const found = await publish.until(
    () => {
      const bytes = store.part(wanted)
      if (bytes !== undefined) return { bytes }
      return isHinted(rendition, wanted) ? undefined : { bytes: undefined }
    },
    { timeoutMs: 3000 * rendition.targetDurationSeconds, signal },
  )
  return found?.bytes?.length === 0 ? undefined : found?.bytes
}

function isHinted(rendition: Rendition, wanted: Position): boolean {
  const { next } = rendition
  return !rendition.ended && next?.mediaSequenceNumber === wanted.mediaSequenceNumber && next.part === wanted.part
}
