/** A picture of the stream now and then: one key frame through ffmpeg, no second decoder kept running. */
import type { ChildProcess } from 'node:child_process'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { thumbnailArguments } from '../transcode/ffmpeg-args.ts'
import { flvVideoHeader, flvVideoTag } from '../transcode/flv-pipe.ts'
import { spawnChild } from '../transcode/spawn-child.ts'

export interface ThumbnailOptions {
  everySeconds: number // 0: never
  log: Logger
  ffmpegPath: string | undefined
}

const widest = 640 // pixels
const deadlineMs = 5000
const largestBytes = 1024 * 1024

export class ThumbnailMaker {
  /** The newest JPEG; undefined before the first. */
  latest: Buffer | undefined
  readonly #options: ThumbnailOptions
  #lastMs = -Infinity
  #child: ChildProcess | undefined
  #done: Promise<void> = Promise.resolve()

  constructor(options: ThumbnailOptions) {
    this.#options = options
  }

  /** Offers a key frame; takes it when the last picture is old enough. */
  keyFrame(sample: VideoSample, config: VideoConfig | undefined, nowMs: number): void {
    const { everySeconds } = this.#options
    const isDue = everySeconds > 0 && nowMs - this.#lastMs >= everySeconds * 1000
    if (!isDue || config === undefined || this.#child !== undefined) return
    this.#lastMs = nowMs
    this.#done = this.#make(sample, config).catch((error: unknown) => {
      this.#options.log.warn('thumbnail.failed', { error })
    })
  }

  async close(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#done
  }

  async #make(sample: VideoSample, config: VideoConfig): Promise<void> {
    const child = spawnChild(this.#options.ffmpegPath ?? 'ffmpeg', thumbnailArguments(sizeOf(config)), {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stdin?.on('error', () => undefined) // the exit that causes it is handled
    child.once('error', reject)
    child.once('close', () => resolve())
    const common = { keyFrame: true, timestampMs: 0, compositionTimeMs: 0 }
    this.#child = child
    try {
      child.stdin?.write(flvVideoHeader)
      child.stdin?.write(flvVideoTag({ ...common, packet: 'config', data: config.record }))
      child.stdin?.end(flvVideoTag({ ...common, packet: 'frame', data: sample.data }))
      await promise
    } finally {
      this.#child = undefined
    }
    const picture = Buffer.concat(chunks)
    if (picture.length > 0 && picture.length <= largestBytes) this.latest = picture
  }
}

/** As shown, no wider than `widest`; both sides even, as JPEG's halved colours like it. */
function sizeOf({ width, height, interlaced }: VideoConfig) {
  const factor = Math.min(1, widest / width) / 2
  return {
    width: Math.max(1, Math.round(width * factor)) * 2,
    height: Math.max(1, Math.round(height * factor)) * 2,
    interlaced,
  }
}
