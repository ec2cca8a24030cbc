/**
 * Where a viewer who comes in the middle of a long key-frame interval begins.
 *
 * Nothing can be shown before a key frame, and hls.js begins at the live distance whatever is there: with key frames every
 * eight seconds (OBS's "auto") the screen stays dark until the next one. So the playlist that it reads first names the last
 * key frame (EXT-X-START), everything since is loaded, and the picture jumps to live as soon as that is in the buffer:
 * the decoder passes over the pictures between much faster than they are played.
 *
 * @see draft-pantos-hls-rfc8216bis section 4.4.2.2 (EXT-X-START), section 4.4.4.9 (INDEPENDENT)
 */
import type Hls from 'hls.js'
import type { LoaderCallbacks, LoaderConfiguration, PlaylistLoaderConstructor, PlaylistLoaderContext } from 'hls.js'

const farthestSeconds = 12 // ten seconds are the longest interval that encoders choose by themselves
const enoughParts = 2 // buffered ahead of the picture, to begin at a key frame that is nearer than live
const patienceMs = 3_000
const marginSeconds = 0.05

interface Piece {
  readonly segment: number
  readonly seconds: number
  readonly independent: boolean | undefined // undefined: a segment whose parts are not listed any more
}

/**
 * How far before a live playlist's end to begin.
 *
 * @returns seconds; undefined: hls.js begins right by itself, or nothing is known of key frames.
 */
export function keyFrameStart(playlist: string): number | undefined {
  const liveSeconds = numberOf(/PART-HOLD-BACK=([\d.]+)/, playlist)
  const partSeconds = numberOf(/PART-TARGET=([\d.]+)/, playlist)
  const isLowLatencyLive =
    liveSeconds !== undefined && partSeconds !== undefined && !playlist.includes('#EXT-X-ENDLIST')
  if (!isLowLatencyLive) return undefined
  const fromEnd: (Piece & { startsBefore: number })[] = []
  let startsBefore = 0
  for (const piece of piecesOf(playlist).toReversed()) {
    startsBefore += piece.seconds
    fromEnd.push({ ...piece, startsBefore })
  }
  const live = fromEnd.find((piece) => piece.startsBefore >= liveSeconds)
  if (live === undefined) return undefined
  const before = fromEnd.filter((piece) => piece.startsBefore >= liveSeconds)
  if (before.some((piece) => piece.segment === live.segment && piece.independent !== false)) return undefined
  const next = fromEnd.findLast(({ startsBefore, independent }) => independent === true && startsBefore < liveSeconds)
  if (next && next.startsBefore >= enoughParts * partSeconds) return next.startsBefore
  const reach = before.filter((piece) => piece.startsBefore <= farthestSeconds)
  return (reach.find(({ independent }) => independent) ?? reach.at(-1))?.startsBefore
}

/** One player's beginning. */
export class LiveJoin {
  #state: 'reading' | 'catching up' | 'done' = 'reading'
  #begunAtMs = 0

  /** What is on screen is old, and live comes in a moment. */
  get catchesUp(): boolean {
    return this.#state === 'catching up' && performance.now() - this.#begunAtMs < patienceMs
  }

  /** A playlist loader (hls.js `pLoader`) that names the key frame in what is read before the first picture. */
  loader(Plain: PlaylistLoaderConstructor): PlaylistLoaderConstructor {
    const startOf = (playlist: string) => this.#startOf(playlist)
    return class JoinLoader extends Plain {
      override load(
        context: PlaylistLoaderContext,
        config: LoaderConfiguration,
        callbacks: LoaderCallbacks<PlaylistLoaderContext>,
      ): void {
        super.load(context, config, {
          ...callbacks,
          onSuccess: (response, stats, of, details) => {
            const { data } = response
            const text = typeof data === 'string' ? data : ''
            const start = startOf(text)
            // a little past the part's beginning: rounding must not lead to the one before it
            const offset = start === undefined ? undefined : (start - marginSeconds).toFixed(5)
            if (offset !== undefined) response.data = `${text}\n#EXT-X-START:TIME-OFFSET=-${offset}\n`
            callbacks.onSuccess(response, stats, of, details)
          },
        })
      }
    }
  }

  /** Goes to live once that is in the buffer. */
  follow(HlsPlayer: typeof Hls, hls: Hls): void {
    hls.on(HlsPlayer.Events.BUFFER_APPENDED, () => {
      if (this.#state === 'reading') this.#state = 'done' // began at live
      const { media: video, liveSyncPosition: live, latestLevelDetails: details } = hls
      if (this.#state !== 'catching up' || !video || live === null || !details) return
      const { buffered, currentTime } = video
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0
      // hls.js asks for parts only once the picture is near them: what follows the last whole segment comes after the jump
      if (end < Math.min(live, details.fragmentEnd) - marginSeconds) return
      this.#state = 'done'
      const target = Math.min(live, end - 2 * marginSeconds)
      if (currentTime < target) video.currentTime = target
    })
  }

  #startOf(playlist: string): number | undefined {
    if (this.#state === 'done') return undefined
    const start = keyFrameStart(playlist)
    if (start !== undefined && this.#state === 'reading') {
      this.#state = 'catching up'
      this.#begunAtMs = performance.now()
    }
    return start
  }
}

function piecesOf(playlist: string): Piece[] {
  const pieces: Piece[] = []
  let segment = 0
  let listed = false
  for (const line of playlist.split('\n')) {
    if (line.startsWith('#EXT-X-PART:')) {
      listed = true
      const seconds = numberOf(/DURATION=([\d.]+)/, line) ?? 0
      pieces.push({ segment, seconds, independent: line.includes('INDEPENDENT=YES') && !line.includes('GAP=YES') })
    } else if (line.startsWith('#EXTINF:')) {
      if (!listed) pieces.push({ segment, seconds: Number.parseFloat(line.slice(8)), independent: undefined })
      listed = false
      segment += 1
    }
  }
  return pieces
}

function numberOf(pattern: RegExp, text: string): number | undefined {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
