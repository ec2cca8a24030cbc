/**
 * Whether pictures come, and what to do when they do not. The fault itself is nobody's business here: a decoder that gave
 * up, a media source that ended, a loader that waits for ever and a system that paused the video look the same to a viewer.
 *
 *   pictures come ──4 s without──▶ jump to live, once ──8 s without──▶ begin anew ──▶ pictures come, or 8 s later again
 *
 * The time stands still while nothing can be expected: while the viewer paused, while the browser waits for a gesture, and
 * while a page that nobody sees is paused.
 */

/** What can be counted at one moment. */
export interface Sight {
  /** Pictures decoded so far; undefined where none can be counted: sound alone, or a page that nobody sees. */
  readonly pictures: number | undefined
  readonly timeSeconds: number // of the video element
  readonly edgeSeconds: number | undefined // where the playlist ends
}

/** What was last seen to move, and when; times of performance.now(). */
export interface PictureWatch {
  readonly sight: Sight
  readonly timeMovedAtMs: number
  readonly pictureAtMs: number
  readonly edgeMovedAtMs: number
  readonly jumped: boolean // since the last picture
}

const jumpAfterMs = 4_000
const anewAfterMs = 8_000
const anewWithoutHopeMs = 30_000 // nothing says that there is more: the encoder may be away for its whole window

/** A watch that begins now. */
export function beginWatch(nowMs: number): PictureWatch {
  const sight = { pictures: undefined, timeSeconds: -1, edgeSeconds: undefined }
  return { sight, timeMovedAtMs: nowMs, pictureAtMs: nowMs, edgeMovedAtMs: Number.NEGATIVE_INFINITY, jumped: false }
}

/** Takes what is seen now. */
export function watchPictures(watch: PictureWatch, sight: Sight, nowMs: number): PictureWatch {
  const before = watch.sight
  const timeMoved = sight.timeSeconds !== before.timeSeconds
  const counts = sight.pictures !== undefined && before.pictures !== undefined
  const picture = timeMoved && (!counts || sight.pictures !== before.pictures)
  return {
    sight,
    timeMovedAtMs: timeMoved ? nowMs : watch.timeMovedAtMs,
    pictureAtMs: picture ? nowMs : watch.pictureAtMs,
    edgeMovedAtMs: sight.edgeSeconds === before.edgeSeconds ? watch.edgeMovedAtMs : nowMs,
    jumped: watch.jumped && !picture,
  }
}

/** Nothing can be expected now: the time without pictures begins when it can. */
export function excuse(watch: PictureWatch, nowMs: number): PictureWatch {
  return { ...watch, timeMovedAtMs: nowMs, pictureAtMs: nowMs, jumped: false }
}

/**
 * What helps.
 *
 * @param expectedNow whether the stream is said to be live.
 */
export function remedy(watch: PictureWatch, expectedNow: boolean, nowMs: number): 'none' | 'jump' | 'anew' {
  const withoutMs = nowMs - watch.pictureAtMs
  const advances = nowMs - watch.edgeMovedAtMs < anewAfterMs
  if (withoutMs > (advances || expectedNow ? anewAfterMs : anewWithoutHopeMs)) return 'anew'
  return nowMs - watch.timeMovedAtMs > jumpAfterMs && !watch.jumped ? 'jump' : 'none'
}
