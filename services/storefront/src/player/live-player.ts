/**
 * Plays one broadcast and keeps playing it. States:
 *   connecting  no picture yet: the playlist is asked for again and again, seldom until the stream is said to be live
 *   playing     pictures are shown
 *   stalled     the time stands still though nobody paused; what helps is decided by `picture-watch.ts`
 *   finished    no picture comes any more: the playlist ended (EXT-X-ENDLIST) and was played to its end, or the edge says
 *               that the broadcast is over (410), or the page was told so and nothing plays on; nothing leads out of it
 *   unsupported neither Media Source Extensions nor native HLS
 *   unloaded    the player's own code did not come: no network, or a page older than the last deployment
 *
 * Beside them stands what the viewer chose, which no fault changes: the rendition, to be paused, to be behind live.
 * A fault is answered by beginning anew with another hls.js, and in no other way: what is left of a media source that failed
 * cannot be trusted, and a second way would have faults of its own.
 */
import { signal } from '@preact/signals'
import type Hls from 'hls.js'
import { serverNow } from '../api/server-clock.ts'
import {
  nativeWindow,
  playlistWindow,
  positionIn,
  timeBehind,
  timeOfDate,
  type DvrPosition,
  type DvrWindow,
} from './dvr-window.ts'
import { playerWithHints } from './hinted-parts.ts'
import { liveHlsConfig } from './hls-config.ts'
import { LiveChase } from './live-chase.ts'
import { isBehindLive, latencyOf, nativeProgrammeTimeMs } from './live-edge.ts'
import { LiveJoin } from './join-live.ts'
import { loadHls } from './load-hls.ts'
import { beginWatch, excuse, remedy, watchPictures, type Sight } from './picture-watch.ts'
import { qualitiesOf, sameQuality, type Quality } from './quality.ts'
import { countFault, noFaults, reloadPauseMs, retryAfterSecondsOf } from './reload-pause.ts'
import { ViewerPause } from './viewer-pause.ts'

const sampleMs = 250
const stalledAfterMs = 1_000
const finishAfterMs = 8_000
const playAgainMs = 2_000
const nativeTargetSeconds = 6 // Safari keeps three target durations back, and tells nobody
const gone = 410 // the edge's answer to whatever is asked of a broadcast that is over

export type PlayerState = 'connecting' | 'playing' | 'stalled' | 'finished' | 'unsupported' | 'unloaded'

export class LivePlayer {
  readonly state = signal<PlayerState>('connecting')
  readonly qualities = signal<readonly Quality[]>([])
  /** The rendition on screen. */
  readonly shown = signal<Quality | undefined>(undefined)
  /** The level that the viewer chose, undefined for automatic. */
  readonly chosen = signal<Quality | undefined>(undefined)
  readonly latencySeconds = signal<number | undefined>(undefined)
  /** Far behind live, or there by choice: the way back is to be offered. */
  readonly behindLive = signal(false)
  /** What can be sought, and where the picture is in it. */
  readonly dvr = signal<DvrPosition | undefined>(undefined)
  readonly blocked = signal(false) // the browser wants a gesture before it plays even muted video

  readonly #video: HTMLVideoElement
  readonly #url: string
  readonly #pause: ViewerPause
  readonly #chaser = new LiveChase()
  #hls: Hls | undefined
  #expectedNow = false
  #over = false
  #faults = noFaults
  #stopped = false
  #choseBehind = false // then nothing moves the viewer until "back to live"
  #resumeAtMs: number | undefined // programme date at which a player that begins anew goes on
  #reloadTimer: ReturnType<typeof setTimeout> | undefined
  #sampleTimer: ReturnType<typeof setInterval> | undefined
  #watch = beginWatch(performance.now())
  #join = new LiveJoin()
  #playAgainAtMs = 0

  constructor(options: { video: HTMLVideoElement; url: string }) {
    this.#video = options.video
    this.#url = options.url
    this.#pause = new ViewerPause(options.video, { play: () => this.resume(), pause: () => this.pause() })
    this.state.subscribe(mark)
  }

  /** Begins to load; hls.js comes with its own request, after the page is drawn. */
  async start(): Promise<void> {
    this.#sampleTimer = setInterval(() => this.#sample(), sampleMs)
    this.#video.addEventListener('ended', this.#onEnded)
    this.#pause.start()
    document.addEventListener('visibilitychange', this.#onVisible)
    const player = await loadHls(this.#video).catch(() => 'unloaded' as const)
    if (this.#stopped) return
    if (player === 'unloaded') this.state.value = 'unloaded'
    else if (player === undefined) this.state.value = 'unsupported'
    else if (player === 'native') this.#startNative()
    else this.#startHls(player)
  }

  stop(): void {
    mark('stopped')
    this.#stopped = true
    clearInterval(this.#sampleTimer)
    clearTimeout(this.#reloadTimer)
    this.#video.removeEventListener('ended', this.#onEnded)
    document.removeEventListener('visibilitychange', this.#onVisible)
    this.#pause.stop()
    this.#video.removeEventListener('error', this.#onNativeError)
    this.#hls?.destroy()
    this.#video.removeAttribute('src')
  }

  /** Tells whether the stream is said to be live now; a player that waits then asks at once. */
  expect(now: boolean): void {
    const due = now && !this.#expectedNow
    if (due) mark('expected')
    this.#expectedNow = now
    if (due && this.#reloadTimer !== undefined) this.#reload({ attempt: 0 })
  }

  /** Tells that the broadcast is over: what plays is played to its last picture, but nothing is begun anew. */
  end(): void {
    this.#over = true
    if (this.#reloadTimer !== undefined) this.#finish()
  }

  /** Plays a rendition from the next fragment on; undefined gives the choice back to the player. */
  choose(quality: Quality | undefined): void {
    this.chosen.value = quality
    if (this.#hls) this.#hls.nextLevel = quality?.level ?? -1
  }

  /** Jumps to the live edge and plays. */
  backToLive(): void {
    this.#choseBehind = false
    this.#resumeAtMs = undefined
    const window = this.#window()
    const edge = this.#hls?.liveSyncPosition ?? (window && timeBehind(window, 0))
    if (edge !== undefined) this.#video.currentTime = edge
    this.play()
  }

  /** Goes so far behind live and stays there until `backToLive`; 0 is live. */
  seekBehind(seconds: number): void {
    const window = this.#window()
    if (window === undefined) return
    if (seconds <= 0) return this.backToLive()
    this.#choseBehind = true
    this.#resumeAtMs = undefined
    this.#video.currentTime = timeBehind(window, seconds)
    this.#sample()
  }

  /** Pauses because the viewer says so: nothing but the viewer ends it. */
  pause(): void {
    this.#pause.choose(true)
    this.#video.pause()
  }

  /** Plays after a pause: live, or, for who chose to be behind, from where it stopped. */
  resume(): void {
    const window = this.#window()
    if (!this.#choseBehind || window === undefined) return this.backToLive()
    const oldest = timeBehind(window, Number.POSITIVE_INFINITY)
    if (this.#video.currentTime < oldest) this.#video.currentTime = oldest // it left the playlist meanwhile
    this.play()
  }

  play(): void {
    this.#video.play().then(
      () => (this.blocked.value = false),
      (error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
        if (this.#video.muted) return void (this.blocked.value = true)
        this.#video.muted = true // with sound only after a gesture
        this.play()
      },
    )
  }

  #startHls(HlsPlayer: typeof Hls): void {
    const { Events, ErrorDetails } = HlsPlayer
    this.#join = new LiveJoin()
    const hls = playerWithHints(HlsPlayer, liveHlsConfig, this.#join)
    this.#hls = hls
    hls.on(Events.MANIFEST_PARSED, (_event, { levels }) => {
      this.qualities.value = qualitiesOf(levels)
      const kept = sameQuality(this.qualities.value, this.chosen.value)
      this.chosen.value = kept
      if (kept) hls.nextLevel = kept.level
      if (!this.#pause.chosen) this.play()
    })
    hls.on(Events.LEVEL_SWITCHED, (_event, { level }) => {
      this.shown.value = this.qualities.value.find((quality) => quality.level === level)
    })
    hls.on(Events.ERROR, (_event, { fatal, details, response, networkDetails }) => {
      if (details === ErrorDetails.BUFFER_STALLED_ERROR) this.#chaser.stalled(performance.now())
      if (this.#hls !== hls || (!fatal && response?.code !== gone)) return
      if (response?.code === gone) return this.#finish()
      this.#reload({ attempt: this.#countFault(), retryAfterSeconds: retryAfterSecondsOf(networkDetails) })
    })
    hls.attachMedia(this.#video)
    hls.loadSource(this.#url)
  }

  #startNative(): void {
    this.#video.addEventListener('error', this.#onNativeError, { once: true })
    this.#video.src = this.#url
    if (!this.#pause.chosen) this.play()
  }

  /** @returns how many came in a row before this one. */
  #countFault(): number {
    this.#faults = countFault(this.#faults, performance.now())
    return this.#faults.inRow - 1
  }

  #reload(failed: { attempt: number; retryAfterSeconds?: number | undefined }): void {
    if (this.#over) return this.#finish()
    clearTimeout(this.#reloadTimer)
    const pauseMs = reloadPauseMs({ ...failed, expectedNow: this.#expectedNow, random: Math.random() })
    this.#reloadTimer = setTimeout(() => {
      this.#reloadTimer = undefined
      this.#restart()
    }, pauseMs)
  }

  #restart(): void {
    if (this.#stopped || this.state.value === 'finished') return
    this.#watch = beginWatch(performance.now())
    if (this.#choseBehind) this.#resumeAtMs ??= this.#hls?.playingDate?.getTime()
    const HlsPlayer = this.#hls?.constructor as typeof Hls | undefined
    if (!HlsPlayer) return this.#startNative()
    this.#hls?.destroy()
    this.#startHls(HlsPlayer)
  }

  /** Asks for nothing more; `stop` takes the player away, for hls.js is not to be destroyed amid its own events. */
  #finish(): void {
    clearTimeout(this.#reloadTimer)
    this.#reloadTimer = undefined
    this.#hls?.stopLoad()
    this.state.value = 'finished'
  }

  #sample(): void {
    const video = this.#video
    const now = performance.now()
    this.latencySeconds.value = latencyOf({
      programmeTimeMs: this.#hls ? this.#hls.playingDate?.getTime() : nativeProgrammeTimeMs(video),
      estimatedLatencySeconds: this.#hls?.latency ?? 0,
      targetLatencySeconds: this.#hls?.targetLatency ?? undefined,
      nowMs: serverNow(),
    })
    this.#resumeBehind()
    const window = this.#window()
    this.dvr.value = window && video.readyState > 0 ? positionIn(window, video.currentTime) : undefined
    this.#chase(now)
    const expectsPictures = this.#expectsPictures()
    const watch = watchPictures(this.#watch, this.#sight(), now)
    this.#watch = expectsPictures ? watch : excuse(watch, now)
    const shows = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !this.#join.catchesUp
    const moved = watch.timeMovedAtMs === now
    // Who pauses before the first picture has a still one on screen, and the way back to live. Chromium then drops the
    // seek to the live edge: the picture may be the one at time 0.
    const still = video.paused && !video.ended
    if (shows && (moved || still) && this.state.value !== 'finished') this.state.value = 'playing'
    if (!expectsPictures) return
    if (still) this.#playAgain(now)
    else if (this.state.value === 'playing' && now - watch.timeMovedAtMs > stalledAfterMs) this.state.value = 'stalled'
    this.#help(now)
  }

  /** Not while the viewer paused, and not where the browser would show none. */
  #expectsPictures(): boolean {
    const { value } = this.state
    const asks = value === 'connecting' || value === 'playing' || value === 'stalled'
    const unseen = document.visibilityState === 'hidden' && this.#video.paused
    return asks && this.#reloadTimer === undefined && !this.#pause.chosen && !this.blocked.value && !unseen
  }

  #sight(): Sight {
    const video = this.#video
    const countable = document.visibilityState === 'visible' && video.videoWidth > 0
    return {
      pictures: countable ? video.getVideoPlaybackQuality().totalVideoFrames : undefined,
      timeSeconds: video.currentTime,
      edgeSeconds: this.#hls ? this.#hls.latestLevelDetails?.edge : nativeWindow(video)?.edgeSeconds,
    }
  }

  /** The system paused it: a call, a page in the background, a closed picture-in-picture. It is seen now, so it goes on. */
  #playAgain(now: number): void {
    if (this.#video.readyState === 0 || now < this.#playAgainAtMs) return
    this.#playAgainAtMs = now + playAgainMs
    this.resume()
  }

  /** Keeps to the target distance; a paused picture stays where it is, and the way back is offered. */
  #chase(now: number): void {
    const video = this.#video
    const standing = this.#chaser.standing(this.#hls, video, now)
    const { behindSeconds, targetSeconds } = standing ?? {
      behindSeconds: this.#hls ? undefined : this.dvr.value?.behindSeconds,
      targetSeconds: nativeTargetSeconds,
    }
    this.behindLive.value = video.readyState > 0 && (this.#choseBehind || isBehindLive(behindSeconds, targetSeconds))
    const keeps = this.#choseBehind || video.paused || this.state.value !== 'playing'
    if (standing === undefined || keeps) {
      if (video.playbackRate !== 1) video.playbackRate = 1
      return
    }
    const next = this.#chaser.next(standing, now)
    if (next === 'jump') this.backToLive()
    else if (video.playbackRate !== next.rate) video.playbackRate = next.rate
  }

  #window(): DvrWindow | undefined {
    const details = this.#hls?.latestLevelDetails
    if (this.#hls) return details ? playlistWindow(details) : undefined
    return nativeWindow(this.#video)
  }

  /** Once the new playlist has said what time its pictures have. */
  #resumeBehind(): void {
    const first = this.#hls?.latestLevelDetails?.fragments[0]
    const window = this.#window()
    if (this.#resumeAtMs === undefined || this.#video.readyState === 0 || !first || !window) return
    const time = timeOfDate(first, this.#resumeAtMs)
    if (time !== undefined) this.#video.currentTime = timeBehind(window, window.edgeSeconds - time)
    this.#resumeAtMs = undefined
  }

  #help(now: number): void {
    if (this.#over && now - this.#watch.timeMovedAtMs > finishAfterMs) return this.#finish()
    const help = remedy(this.#watch, this.#expectedNow, now)
    if (help === 'anew') return this.#reload({ attempt: this.#countFault() })
    const edge = this.#choseBehind ? undefined : (this.#hls?.liveSyncPosition ?? undefined)
    if (help !== 'jump' || this.state.value !== 'stalled' || edge === undefined) return
    this.#watch = { ...this.#watch, jumped: true }
    if (edge > this.#video.currentTime) this.#video.currentTime = edge
  }

  /** A fault while appending ends the media source too, and so the video, though the playlist goes on. */
  readonly #onEnded = () => {
    if (!this.#hls?.latestLevelDetails?.live) this.#finish()
  }

  readonly #onVisible = () => {
    if (document.visibilityState === 'visible') this.#sample()
  }

  readonly #onNativeError = () => this.#reload({ attempt: this.#countFault() })
}

/** For the beacon, and for whoever looks at the browser's own timeline. */
const mark = (what: PlayerState | 'expected' | 'stopped') => void performance.mark(`player.${what}`)
