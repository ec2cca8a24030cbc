/** A picture of the stream now and then: one key frame through ffmpeg, no second decoder kept running. */
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { FfmpegRun } from '../transcode/ffmpeg-run.ts'
import { flvVideoHeader, flvVideoTag } from '../transcode/flv-pipe.ts'

export interface ThumbnailOptions {
  everySeconds: number // 0: never
  log: Logger
  /** Where the transcoder is met. */
  directory: string
}

const widest = 640 // pixels
const deadlineMs = 5000
const largestBytes = 1024 * 1024

export class ThumbnailMaker {
  /** The newest JPEG; undefined before the first. */
  latest: Buffer | undefined
  readonly #options: ThumbnailOptions
  #lastMs = -Infinity
  #run: FfmpegRun | undefined
  #done: Promise<void> = Promise.resolve()

  constructor(options: ThumbnailOptions) {
    this.#options = options
  }

  /** Offers a key frame; takes it when the last picture is old enough. */
  keyFrame(sample: VideoSample, config: VideoConfig | undefined, nowMs: number): void {
    const { everySeconds } = this.#options
    const isDue = everySeconds > 0 && nowMs - this.#lastMs >= everySeconds * 1000
    if (!isDue || config === undefined || this.#run !== undefined) return
    this.#lastMs = nowMs
    this.#done = this.#make(sample, config).catch((error: unknown) => {
      this.#options.log.warn('thumbnail.failed', { error })
    })
  }

  async close(): Promise<void> {
    await this.#run?.kill()
    await this.#done
  }

  async #make(sample: VideoSample, config: VideoConfig): Promise<void> {
    const chunks: Buffer[] = []
    let bytes = 0
    const run = new FfmpegRun({
      directory: this.#options.directory,
      work: { kind: 'thumbnail', ...sizeOf(config) },
      onOutput: (_index, chunk) => {
        bytes += chunk.length
        if (bytes > largestBytes) throw new Error(`a picture of more than ${largestBytes} bytes`)
        chunks.push(chunk)
      },
    })
    this.#run = run
    const deadline = setTimeout(() => void run.kill(), deadlineMs) // `ended` tells
    const common = { keyFrame: true, timestampMs: 0, compositionTimeMs: 0 }
    run.write(flvVideoHeader)
    run.write(flvVideoTag({ ...common, packet: 'config', data: config.record }))
    run.write(flvVideoTag({ ...common, packet: 'frame', data: sample.data }))
    run.end()
    const end = await run.ended
    clearTimeout(deadline)
    this.#run = undefined
    if ('failed' in end) throw new Error(end.failed)
    if (end.code === 0 && bytes > 0) this.latest = Buffer.concat(chunks)
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
