/** One stream of a chaos run: an ffmpeg behind a network that can be cut, and the viewers who watch it. */
import { trackRuns } from '../../src/stream/testing/mp4-boxes.ts'
import { CutProxy } from './cut-proxy.ts'
import { FfmpegEncoder } from './ffmpeg-encoder.ts'
import { HlsViewer, type ViewedPart } from './hls-viewer.ts'
import { serialsIn, type StampedClip } from './stamped-clip.ts'

export interface WatchedTarget {
  rtmp: { host: string; port: number }
  key: string
  hlsUrl: string
}

/** What one viewer got: parts in order, without their bytes. */
interface Arrival {
  uri: string
  atMs: number
  /** Pictures in it; a part that holds one repeats the last key frame. */
  pictures: number
}

export interface Watcher {
  viewer: HlsViewer
  rendition: string
  arrivals: Arrival[]
}

export class WatchedStream {
  readonly proxy: CutProxy
  readonly encoder: FfmpegEncoder
  readonly watchers: Watcher[] = []
  /** Serials of all pictures that viewers of the source were served. */
  readonly shown = new Set<number>()
  /** Newest serial in each part of the source rendition: rungs are cut at the same pictures under the same names. */
  readonly #serials = new Map<string, number>()
  #running: Promise<void>[] = []
  readonly #target: WatchedTarget

  private constructor(clip: StampedClip, target: WatchedTarget, proxy: CutProxy) {
    this.#target = target
    this.proxy = proxy
    this.encoder = new FfmpegEncoder(clip, `rtmp://127.0.0.1:${proxy.port}/live/${target.key}`)
  }

  static async open(clip: StampedClip, target: WatchedTarget): Promise<WatchedStream> {
    const proxy = new CutProxy(target.rtmp)
    await proxy.listen()
    return new WatchedStream(clip, target, proxy)
  }

  /** Viewers come: every second one of the lowest rung, every fourth one asks for hinted parts. */
  watch(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const rendition = index % 2 === 0 ? 'source' : 'lowest'
      const arrivals: Arrival[] = []
      const viewer = new HlsViewer({
        hlsUrl: this.#target.hlsUrl,
        rendition,
        hints: index % 4 < 2 && index > 1,
        onPart: (part) => arrivals.push(this.#arrived(part)),
      })
      this.watchers.push({ viewer, rendition, arrivals })
      this.#running.push(viewer.run())
    }
  }

  /** When the first picture that is not older than `serial` was at each viewer; undefined where it never came. */
  seenAt(serial: number): { watcher: Watcher; atMs: number | undefined }[] {
    return this.watchers.map((watcher) => ({
      watcher,
      atMs: watcher.arrivals.find(({ uri, pictures }) => pictures > 1 && (this.#serials.get(uri) ?? -1) >= serial)
        ?.atMs,
    }))
  }

  async close(): Promise<void> {
    for (const { viewer } of this.watchers) viewer.stop()
    await this.encoder.stop()
    this.proxy.close()
    await Promise.all(this.#running)
  }

  #arrived({ rendition, uri, atMs, body }: ViewedPart): Arrival {
    if (rendition === 'source') {
      const serials = serialsIn(body)
      for (const serial of serials) this.shown.add(serial)
      const serial = serials.at(-1)
      if (serial !== undefined) this.#serials.set(uri, serial)
    }
    const pictures = trackRuns(body).reduce((sum, { trackId, samples }) => sum + (trackId === 1 ? samples : 0), 0)
    return { uri, atMs, pictures }
  }
}
