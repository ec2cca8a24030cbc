/**
 * Plays one broadcast and keeps playing it. States:
 *   connecting  no picture yet: the playlist is asked for again and again, seldom until the stream is said to be live
 *   playing     pictures are shown
 *   stalled     pictures stopped though not paused; after 4 s jump to live, after 8 s begin anew
 *   finished    the playlist ended (EXT-X-ENDLIST) and was played to its end
 *   unsupported neither Media Source Extensions nor native HLS
 */
import { signal } from '@preact/signals'
import type Hls from 'hls.js'
import { serverNow } from '../api/server-clock.ts'
import { countJump, mayJump, playbackRate, stallMarginSeconds, type Jumps, type Standing } from './chase-live.ts'
import { playerWithHints } from './hinted-parts.ts'
import { liveHlsConfig, reloadPauseMs } from './hls-config.ts'
import { isBehindLive, latencyOf } from './live-edge.ts'
import { loadHls } from './load-hls.ts'
import { qualitiesOf, type Quality } from './quality.ts'

const sampleMs = 250
const jumpAfterMs = 4_000
const restartAfterMs = 8_000

export type PlayerState = 'connecting' | 'playing' | 'stalled' | 'finished' | 'unsupported'

export class LivePlayer {
  readonly state = signal<PlayerState>('connecting')
  readonly qualities = signal<readonly Quality[]>([])
  /** The rendition on screen. */
  readonly shown = signal<Quality | undefined>(undefined)
  /** The level that the viewer chose, undefined for automatic. */
  readonly chosen = signal<Quality | undefined>(undefined)
  readonly latencySeconds = signal<number | undefined>(undefined)
  readonly behindLive = signal(false)
  readonly blocked = signal(false) // the browser wants a gesture before it plays even muted video

  readonly #video: HTMLVideoElement
  readonly #url: string
  #hls: Hls | undefined
  #expectedNow = false
  #attempt = 0
  #stopped = false
  #reloadTimer: ReturnType<typeof setTimeout> | undefined
  #sampleTimer: ReturnType<typeof setInterval> | undefined
  #progress = { time: -1, at: 0, jumped: false }
  #stalledAtMs: readonly number[] = []
  #jumps: Jumps = { lastAtMs: Number.NEGATIVE_INFINITY, inRow: 0 }

  constructor(options: { video: HTMLVideoElement; url: string }) {
    this.#video = options.video
    this.#url = options.url
  }

  /** Begins to load; hls.js comes with its own request, after the page is drawn. */
  async start(): Promise<void> {
    this.#sampleTimer = setInterval(() => this.#sample(), sampleMs)
    this.#video.addEventListener('ended', this.#onEnded)
    const player = await loadHls(this.#video)
    if (this.#stopped) return
    if (player === undefined) this.state.value = 'unsupported'
    else if (player === 'native') this.#startNative()
    else this.#startHls(player)
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#sampleTimer)
    clearTimeout(this.#reloadTimer)
    this.#video.removeEventListener('ended', this.#onEnded)
    this.#hls?.destroy()
    this.#video.removeAttribute('src')
  }

  /** Tells whether the stream is said to be live now; a player that waits then asks at once. */
  expect(now: boolean): void {
    const due = now && !this.#expectedNow
    this.#expectedNow = now
    if (due && this.#reloadTimer !== undefined) this.#reload(0)
  }

  /** Plays a rendition from the next fragment on; undefined gives the choice back to the player. */
  choose(quality: Quality | undefined): void {
    this.chosen.value = quality
    if (this.#hls) this.#hls.nextLevel = quality?.level ?? -1
  }

  /** Jumps to the live edge and plays. */
  backToLive(): void {
    const edge = this.#hls?.liveSyncPosition ?? lastSeekable(this.#video)
    if (edge !== undefined) this.#video.currentTime = edge
    this.play()
  }

  play(): void {
    this.#video.play().then(
      () => (this.blocked.value = false),
      (error: unknown) => {
        if (error instanceof DOMException && error.name === 'NotAllowedError') this.blocked.value = true
      },
    )
  }

  #startHls(HlsPlayer: typeof Hls): void {
    const { Events, ErrorDetails, ErrorTypes } = HlsPlayer
    const hls = playerWithHints(HlsPlayer, liveHlsConfig)
    this.#hls = hls
    hls.on(Events.MANIFEST_PARSED, (_event, { levels }) => {
      this.qualities.value = qualitiesOf(levels)
      this.play()
    })
    hls.on(Events.LEVEL_SWITCHED, (_event, { level }) => {
      this.shown.value = this.qualities.value.find((quality) => quality.level === level)
    })
    hls.on(Events.FRAG_BUFFERED, () => (this.#attempt = 0))
    hls.on(Events.ERROR, (_event, { fatal, type, details }) => {
      if (details === ErrorDetails.BUFFER_STALLED_ERROR) {
        this.#stalledAtMs = [...this.#stalledAtMs.slice(-9), performance.now()]
      }
      if (!fatal || this.#hls !== hls) return
      if (type === ErrorTypes.MEDIA_ERROR && this.#attempt === 0) {
        this.#attempt++
        hls.recoverMediaError()
      } else this.#reload(this.#attempt++)
    })
    hls.attachMedia(this.#video)
    hls.loadSource(this.#url)
  }

  #startNative(): void {
    this.#video.addEventListener('error', () => this.#reload(this.#attempt++), { once: true })
    this.#video.src = this.#url
    this.play()
  }

  #reload(attempt: number): void {
    clearTimeout(this.#reloadTimer)
    const pauseMs = attempt === 0 && this.#expectedNow ? 0 : reloadPauseMs(attempt, this.#expectedNow, Math.random())
    this.#reloadTimer = setTimeout(() => {
      this.#reloadTimer = undefined
      this.#restart()
    }, pauseMs)
  }

  #restart(): void {
    if (this.#stopped || this.state.value === 'finished') return
    this.#progress = { time: -1, at: performance.now(), jumped: false }
    const HlsPlayer = this.#hls?.constructor as typeof Hls | undefined
    if (!HlsPlayer) return this.#startNative()
    this.#hls?.destroy()
    this.#startHls(HlsPlayer)
    this.chosen.value = undefined
  }

  #sample(): void {
    const video = this.#video
    const now = performance.now()
    this.latencySeconds.value = latencyOf({
      programmeTimeMs: this.#hls?.playingDate?.getTime(),
      estimatedLatencySeconds: this.#hls?.latency ?? 0,
      targetLatencySeconds: this.#hls?.targetLatency ?? undefined,
      nowMs: serverNow(),
    })
    this.#chase(now)
    const shows = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA
    const moved = video.currentTime !== this.#progress.time
    // Who pauses before the first picture has a still one on screen, and the way back to live. Chromium then drops the
    // seek to the live edge: the picture may be the one at time 0.
    if (shows && (moved || video.paused) && this.state.value !== 'finished') this.state.value = 'playing'
    if (moved) {
      this.#progress = { time: video.currentTime, at: now, jumped: false }
    } else if (!video.paused) this.#watchStall(now - this.#progress.at)
  }

  /** Keeps to the target distance; a paused picture stays where it is, and the way back is offered. */
  #chase(now: number): void {
    const video = this.#video
    const standing = this.#standing(now)
    this.behindLive.value =
      standing !== undefined && video.readyState > 0 && isBehindLive(standing.behindSeconds, standing.targetSeconds)
    if (standing === undefined || video.paused || this.state.value !== 'playing') {
      if (video.playbackRate !== 1) video.playbackRate = 1
      return
    }
    if (mayJump(standing, this.#jumps, now)) {
      this.#jumps = countJump(this.#jumps, now)
      this.backToLive()
      return
    }
    const rate = playbackRate(standing)
    if (video.playbackRate !== rate) video.playbackRate = rate
  }

  #standing(now: number): Standing | undefined {
    const details = this.#hls?.latestLevelDetails
    const behindSeconds = this.#hls?.latency ?? 0
    if (!details?.live || behindSeconds <= 0) return undefined
    const { buffered, currentTime } = this.#video
    const bufferedTo = buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime
    return {
      behindSeconds,
      targetSeconds: (details.partHoldBack || details.holdBack) + stallMarginSeconds(this.#stalledAtMs, now),
      aheadSeconds: bufferedTo - currentTime,
      partSeconds: details.partTarget || details.targetduration,
    }
  }

  #watchStall(stalledMs: number): void {
    if (this.state.value === 'playing' && stalledMs > 1_000) this.state.value = 'stalled'
    if (this.state.value !== 'stalled' || this.#reloadTimer !== undefined) return
    const edge = this.#hls?.liveSyncPosition ?? undefined
    if (stalledMs > restartAfterMs && this.#expectedNow) this.#reload(this.#attempt++)
    else if (stalledMs > jumpAfterMs && !this.#progress.jumped && edge !== undefined) {
      this.#progress.jumped = true
      if (edge > this.#video.currentTime) this.#video.currentTime = edge
    }
  }

  readonly #onEnded = () => {
    this.state.value = 'finished'
  }
}

const lastSeekable = ({ seekable }: HTMLVideoElement) =>
  seekable.length > 0 ? seekable.end(seekable.length - 1) : undefined
