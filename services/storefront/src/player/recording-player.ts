/**
 * Plays a broadcast's recording to its end. States:
 *   loading     nothing of it yet; it is whole some seconds after the end of its broadcast, and asked for again till then,
 *               once where that is long past
 *   ready       it can be played; a fault, and a change of tracks, is passed over by beginning anew where the viewer was
 *   missing     nothing was recorded, or it is not kept any more
 *   failed      beginning anew did not help `mostInRow` times in a row: the viewer is told, and may try again
 *   unsupported neither Media Source Extensions nor native HLS
 *   unloaded    the player's own code did not come: no network, or a page older than the last deployment
 */
import type Hls from 'hls.js'
import type { FragmentLoaderConstructor } from 'hls.js'
import { nativeProgrammeTimeMs } from './live-edge.ts'
import { loadHls } from './load-hls.ts'
import { beginWatch, excuse, remedy, watchPictures } from './picture-watch.ts'
import { oneTrackSetLoader, TrackSets } from './track-sets.ts'

export type RecordingState = 'loading' | 'ready' | 'missing' | 'failed' | 'unsupported' | 'unloaded'

const sampleMs = 250
const askAgainMs = 5_000
const mostAsked = 6 // while it may still be made whole
const mostInRow = 3
const provenSeconds = 2 // played since it was begun anew: the fault is passed
const anewPauseMs = 500
const nearSeconds = 0.5 // a picture before the change may be the last one, whatever the playlist says of its length
const standsMs = 300

export class RecordingPlayer {
  readonly #video: HTMLVideoElement
  readonly #url: string
  readonly #tell: (state: RecordingState) => void
  readonly #mostAsked: number
  readonly #abort = new AbortController()
  readonly #sets = new TrackSets(this.#abort.signal)
  #hls: Hls | undefined
  #asked = 0
  #inRow = 0
  #begunAtSeconds = 0
  #position = 0
  #playing = false
  #watch = beginWatch(performance.now())
  #ready = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #sampleTimer: ReturnType<typeof setInterval> | undefined

  /** @param options.fresh whether its broadcast ended just now: then what is not there yet is waited for. */
  constructor(
    video: HTMLVideoElement,
    options: { url: string; fresh: boolean; tell: (state: RecordingState) => void },
  ) {
    this.#video = video
    this.#url = options.url
    this.#tell = options.tell
    this.#mostAsked = options.fresh ? mostAsked : 1
  }

  /** When what is on screen happened, Unix milliseconds; undefined while nothing is. */
  get atMs(): number | undefined {
    return this.#hls ? this.#hls.playingDate?.getTime() : nativeProgrammeTimeMs(this.#video)
  }

  /** Where the viewer is, in seconds. */
  get position(): number {
    return this.#position
  }

  async start(position: number): Promise<void> {
    this.#position = position
    this.#video.addEventListener('loadedmetadata', this.#onLoaded)
    const player = await loadHls(this.#video).catch(() => 'unloaded' as const)
    if (this.#abort.signal.aborted) return
    if (player === 'unloaded' || player === undefined) return this.#tell(player ?? 'unsupported')
    if (player === 'native') return void (this.#video.src = this.#url)
    this.#sampleTimer = setInterval(() => this.#sample(player), sampleMs)
    this.#load(player, position)
  }

  stop(): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
    clearInterval(this.#sampleTimer)
    this.#video.removeEventListener('loadedmetadata', this.#onLoaded)
    this.#hls?.destroy()
    this.#video.removeAttribute('src')
  }

  #load(HlsPlayer: typeof Hls, startPosition: number): void {
    const { Events } = HlsPlayer
    // hls.js gives its general loader to fragments too, but has no type that says so
    const plain = HlsPlayer.DefaultConfig.loader as FragmentLoaderConstructor
    const fLoader = oneTrackSetLoader(plain, this.#sets)
    const hls = new HlsPlayer({ startPosition, backBufferLength: 60, fLoader })
    this.#hls = hls
    this.#begunAtSeconds = startPosition
    this.#watch = beginWatch(performance.now())
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => this.#sets.read(details.fragments))
    hls.on(Events.ERROR, (_event, { fatal, response }) => {
      if (!fatal || this.#hls !== hls) return
      if (this.#ready) return this.#fail(HlsPlayer)
      this.#asked += 1
      if (this.#asked >= this.#mostAsked) return this.#tell(response?.code === 404 ? 'missing' : 'failed')
      this.#again(HlsPlayer, startPosition, askAgainMs)
    })
    hls.attachMedia(this.#video)
    hls.loadSource(this.#url)
  }

  #again(HlsPlayer: typeof Hls, position: number, pauseMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#hls?.destroy()
      this.#load(HlsPlayer, position)
      if (this.#playing) this.#play()
    }, pauseMs)
  }

  #fail(HlsPlayer: typeof Hls): void {
    if (this.#timer !== undefined) return
    this.#inRow += 1
    if (this.#inRow <= mostInRow) return this.#again(HlsPlayer, this.#position, anewPauseMs * this.#inRow)
    this.#hls?.stopLoad()
    clearInterval(this.#sampleTimer)
    this.#tell('failed')
  }

  #sample(HlsPlayer: typeof Hls): void {
    const video = this.#video
    if (!this.#ready || this.#timer !== undefined) return
    const now = performance.now()
    const { HAVE_NOTHING, HAVE_FUTURE_DATA } = HTMLMediaElement
    if (video.readyState > HAVE_NOTHING) this.#position = video.currentTime // before that it is at 0
    this.#playing = !video.paused
    if (this.#position > this.#begunAtSeconds + provenSeconds) this.#inRow = 0
    const sight = { pictures: undefined, timeSeconds: video.currentTime, edgeSeconds: undefined }
    const watch = watchPictures(this.#watch, sight, now)
    const stands = video.readyState < HAVE_FUTURE_DATA && !video.ended
    this.#watch = stands && (!video.paused || video.seeking) ? watch : excuse(watch, now)
    const change = stands && now - watch.timeMovedAtMs > standsMs ? this.#changeHere() : undefined
    if (change !== undefined) this.#again(HlsPlayer, change, 0)
    else if (stands && remedy(this.#watch, true, now) === 'anew') this.#fail(HlsPlayer)
  }

  /** Where to begin anew because the picture has come to a segment with other tracks. */
  #changeHere(): number | undefined {
    const segments = this.#hls?.latestLevelDetails?.fragments ?? []
    const own = segments.find(({ start, duration }) => start + duration > this.#begunAtSeconds)
    const next = segments.find(({ start, duration }) => start + duration > this.#position + nearSeconds)
    if (own === undefined || next === undefined) return undefined
    const tracks = this.#sets.knownOf(next)
    if (tracks === undefined || tracks === this.#sets.knownOf(own)) return undefined
    return Math.max(next.start, this.#position)
  }

  #play(): void {
    this.#video.play().catch(() => undefined) // then its own controls say so
  }

  readonly #onLoaded = () => {
    this.#ready = true
    this.#tell('ready')
  }
}
