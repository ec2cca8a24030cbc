/** Viewers of several streams who come and go, and one who never leaves each stream: it measures sound against picture. */
import { setTimeout as wait } from 'node:timers/promises'
import { trackRuns } from '../../src/stream/testing/mp4-boxes.ts'
import { HlsViewer, type Refusal } from './hls-viewer.ts'

export interface CrowdOptions {
  hlsUrls: readonly string[]
  viewers: number
  /** 0 to 1. */
  random: () => number
}

/** Ends of both tracks in one part, in s on the served timeline. */
interface TrackEnds {
  video: number
  audio: number
}

const videoTimescale = 90_000
const audioTimescale = 48_000 // of the benches' clips
/** Arrivals and departures, each as many a second. */
const comingPerSecond = 4

export class Crowd {
  readonly refusals: Refusal[] = []
  readonly ends = new Map<string, TrackEnds[]>()
  came = 0
  readonly #options: CrowdOptions
  readonly #present: { viewer: HlsViewer; hlsUrl: string; running: Promise<void> }[] = []
  readonly #witnesses: HlsViewer[] = []
  readonly #abort = new AbortController()
  #pending: Promise<unknown>[] = []

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** Everybody comes, within some seconds. */
  async gather(): Promise<void> {
    for (const hlsUrl of this.#options.hlsUrls)
      for (const rendition of ['source', 'lowest']) this.#witness(hlsUrl, rendition)
    while (this.#present.length + this.#witnesses.length < this.#options.viewers) {
      this.#come()
      await wait(20)
    }
  }

  /** Who is there now, by broadcast URL. */
  truth(hlsUrl: string): number {
    const witnesses = this.#options.hlsUrls.includes(hlsUrl) ? 2 : 0
    return witnesses + this.#present.filter((present) => present.hlsUrl === hlsUrl).length
  }

  /** For `seconds` people leave and others come, to any of the streams. */
  async churn(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000
    while (performance.now() < until && !this.#abort.signal.aborted) {
      this.#leave()
      this.#come()
      await wait(1000 / comingPerSecond, undefined, { signal: this.#abort.signal }).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    this.#abort.abort()
    while (this.#present.length > 0) this.#leave()
    for (const viewer of this.#witnesses) viewer.stop()
    await Promise.all(this.#pending)
  }

  #come(): void {
    const { hlsUrls, random } = this.#options
    const hlsUrl = hlsUrls[Math.floor(random() * hlsUrls.length)]
    if (hlsUrl === undefined) return
    const viewer = new HlsViewer({ hlsUrl, rendition: random() < 0.5 ? 'source' : 'lowest' })
    this.#present.push({ viewer, hlsUrl, running: viewer.run() })
    this.came += 1
  }

  #leave(): void {
    const [gone] = this.#present.splice(Math.floor(this.#options.random() * this.#present.length), 1)
    if (gone === undefined) return
    gone.viewer.stop()
    this.refusals.push(...gone.viewer.refusals)
    this.#pending = [...this.#pending.slice(-this.#options.viewers), gone.running]
  }

  #witness(hlsUrl: string, rendition: string): void {
    const ends: TrackEnds[] = []
    this.ends.set(`${hlsUrl.split('/').at(-1)} ${rendition}`, ends)
    const viewer = new HlsViewer({
      hlsUrl,
      rendition,
      onPart: ({ body }) => {
        const runs = trackRuns(body)
        const endOf = (trackId: number, timescale: number) => {
          const run = runs.findLast((candidate) => candidate.trackId === trackId)
          return run === undefined ? undefined : (run.start + run.duration) / timescale
        }
        const [video, audio] = [endOf(1, videoTimescale), endOf(2, audioTimescale)]
        if (video !== undefined && audio !== undefined) ends.push({ video, audio })
      },
    })
    this.#witnesses.push(viewer)
    this.came += 1
    this.#pending.push(viewer.run())
  }
}

/** Parts whose mean is taken: an AAC unit is 21 ms long and ends anywhere inside that around the picture's end. */
const window = 20

/** How far sound moved against picture over the whole run, in ms: the largest mean distance less the smallest. */
export function driftMs(ends: readonly TrackEnds[]): number {
  const distances = ends.map(({ audio, video }) => (audio - video) * 1000)
  const means: number[] = []
  for (let at = 0; at + window <= distances.length; at += window)
    means.push(distances.slice(at, at + window).reduce((sum, value) => sum + value, 0) / window)
  return means.length < 2 ? Number.NaN : Math.max(...means) - Math.min(...means)
}
