import type Hls from 'hls.js'
import { countJump, mayJump, playbackRate, stallMarginSeconds, type Jumps, type Standing } from './chase-live.ts'

const stallsKept = 10

/** Holds one player at its distance from live, as `chase-live.ts` decides; it remembers the stalls and the jumps. */
export class LiveChase {
  #stalledAtMs: readonly number[] = []
  #jumps: Jumps = { lastAtMs: Number.NEGATIVE_INFINITY, inRow: 0 }

  /** The buffer ran dry. */
  stalled(nowMs: number): void {
    this.#stalledAtMs = [...this.#stalledAtMs.slice(1 - stallsKept), nowMs]
  }

  /** Where playback stands; undefined before the first picture and once the playlist has ended. */
  standing(hls: Hls | undefined, video: HTMLVideoElement, nowMs: number): Standing | undefined {
    const details = hls?.latestLevelDetails
    const behindSeconds = hls?.latency ?? 0
    if (!details?.live || behindSeconds <= 0) return undefined
    const { buffered, currentTime } = video
    const bufferedTo = buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime
    return {
      behindSeconds,
      targetSeconds: (details.partHoldBack || details.holdBack) + stallMarginSeconds(this.#stalledAtMs, nowMs),
      aheadSeconds: bufferedTo - currentTime,
      partSeconds: details.partTarget || details.targetduration,
    }
  }

  /** How fast to play, or that a jump to live is due, which is then counted as done. */
  next(standing: Standing, nowMs: number): { rate: number } | 'jump' {
    if (!mayJump(standing, this.#jumps, nowMs)) return { rate: playbackRate(standing) }
    this.#jumps = countJump(this.#jumps, nowMs)
    return 'jump'
  }
}
