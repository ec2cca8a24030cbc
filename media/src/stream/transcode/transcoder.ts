/**
 * Has an ffmpeg run for the ladder and keeps it running.
 *
 *     stopped ──start()──▶ running ──end──▶ restarting ──delay──▶ running
 *     running ──stop()──▶ stopped                         (a run that cannot be started counts as one that ends)
 *
 * A restarted encoder is fed the current GOP again from its key frame; what the packager already has is dropped, so
 * the rung goes on within a second instead of at the next key frame. ffmpeg that falls behind its input is killed.
 * Until it has caught up it runs as everything else does; from then on, where the CPU is short, the source rendition is
 * not what waits.
 */
import type { EncoderPreset } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { readVideoTag } from '../../rtmp/flv-tag.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { FfmpegRun, type RunEnd } from './ffmpeg-run.ts'
import { FlvPipeReader, flvVideoHeader, flvVideoTag } from './flv-pipe.ts'
import type { Rung } from './ladder.ts'
import type { EncodedFrame } from './rung-packager.ts'

export interface TranscoderOptions {
  rungs: readonly Rung[]
  source: VideoConfig
  frameRate: number
  preset: EncoderPreset
  log: Logger
  /** Takes one picture of rung `rungIndex`. */
  onFrame: (rungIndex: number, frame: EncodedFrame) => void
  /** Where the process is met in whose container ffmpeg runs. */
  directory: string
  /** Encoded the same source until now: this one goes on with its key frame, and repeats no picture of a rung. */
  previous?: Transcoder | undefined
}

/** Input that ffmpeg may leave unread before it is taken for stuck: 8 s at 8 Mb/s. */
const longestBacklogBytes = 8 * 1024 * 1024
const encoderNiceness = 10
/** A new encoder has caught up when every rung was so close behind the source, in ticks; it is taken for it after so long. */
const caughtUpTicks = 45_000
const longestCatchUpMs = 4000
/** Pictures of the current GOP kept for a restart: 10 s at 60 fps. */
const longestGop = 600
const restartDelaysMs = [0, 100, 500, 1000, 2000]
/** What an encoder may be asked for; no picture is worth more. */
const mostFrameRate = 1_000
/** An encoder that ran this long is healthy: its next exit restarts at once again. */
const healthyMs = 10_000

export class Transcoder {
  restarts = 0
  readonly #options: TranscoderOptions
  #run: FfmpegRun | undefined
  #gop: VideoSample[] = []
  #ticksOf = new Map<number, number>() // ms fed to ffmpeg → ticks
  #lastTicks: number[]
  #newestTicks = 0 // of the pictures fed
  #behind = new Set<number>() // rungs that have not caught up
  #catchUpTimer: NodeJS.Timeout | undefined
  #replayBytes = 0 // of the GOP that the run was started with, unread
  #startedAt = 0
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: TranscoderOptions) {
    this.#options = options
    const { previous, rungs } = options
    this.#lastTicks = rungs.map(({ name }) => previous?.lastTicksOf(name) ?? -1)
    if (previous === undefined) return
    this.restarts = previous.restarts
    this.#gop = [...previous.#gop]
    this.#ticksOf = new Map(previous.#ticksOf)
  }

  get pid(): number | undefined {
    return this.#run?.pid
  }

  /** The newest picture of a rung; undefined for one that was not encoded here. */
  lastTicksOf(name: string): number | undefined {
    return this.#lastTicks[this.#options.rungs.findIndex((rung) => rung.name === name)]
  }

  start(): void {
    const { rungs, log, source, preset, directory } = this.#options
    this.#startedAt = performance.now()
    const readers = rungs.map((_, index) => this.#readerOf(index))
    const run = new FfmpegRun({
      directory,
      work: {
        kind: 'ladder',
        rungs: rungs.map(({ width, height, bitrateBps }) => ({ width, height, bitrateBps })),
        frameRate: Math.min(this.#options.frameRate, mostFrameRate),
        preset,
        interlaced: source.interlaced,
      },
      onOutput: (index, chunk) => {
        if (run === this.#run && !this.#stopped) readers[index]?.(chunk)
      },
      onSaid: (text) => log.warn('transcoder.stderr', { text }),
    })
    this.#run = run
    this.#behind = new Set(rungs.keys())
    clearTimeout(this.#catchUpTimer)
    this.#catchUpTimer = setTimeout(() => this.#yield(), longestCatchUpMs)
    void run.ended.then((end) => this.#ended(run, end)) // never rejects
    run.write(flvVideoHeader)
    run.write(
      flvVideoTag({ packet: 'config', keyFrame: true, timestampMs: 0, compositionTimeMs: 0, data: source.record }),
    )
    for (const sample of this.#gop) this.#write(sample)
    this.#replayBytes = run.backlogBytes
  }

  /** Gives the next picture, in decode order. */
  feed(sample: VideoSample): void {
    if (sample.keyFrame) this.#gop = []
    if (this.#gop.length < longestGop) this.#gop.push(sample)
    this.#write(sample)
    this.#checkBacklog()
  }

  /** Ends ffmpeg, whose output is not wanted any more; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#catchUpTimer)
    await this.#run?.kill()
  }

  #write(sample: VideoSample): void {
    const run = this.#run
    if (run === undefined) return
    const dtsMs = Math.round(sample.dts / 90)
    const ptsMs = Math.round(sample.pts / 90)
    this.#ticksOf.set(ptsMs, sample.pts)
    this.#newestTicks = sample.pts
    if (this.#ticksOf.size > 2 * longestGop) {
      const [oldest] = this.#ticksOf.keys()
      if (oldest !== undefined) this.#ticksOf.delete(oldest)
    }
    run.write(
      flvVideoTag({
        packet: 'frame',
        keyFrame: sample.keyFrame,
        timestampMs: dtsMs,
        compositionTimeMs: ptsMs - dtsMs,
        data: sample.data,
      }),
    )
  }

  /** What a start replayed is not counted: it may be more than any backlog, and is there before ffmpeg has begun to read. */
  #checkBacklog(): void {
    const run = this.#run
    const backlogBytes = run?.backlogBytes ?? 0
    this.#replayBytes = Math.min(this.#replayBytes, backlogBytes)
    if (backlogBytes - this.#replayBytes <= longestBacklogBytes) return
    this.#options.log.warn('transcoder.stuck', { backlogBytes })
    void run?.kill() // its end is heard of as any other
  }

  /** @returns what takes the bytes of a rung; it throws at such as no encoder writes. */
  #readerOf(rungIndex: number): (chunk: Buffer) => void {
    const reader = new FlvPipeReader()
    let config: VideoConfig | undefined
    return (chunk) => {
      for (const { type, timestampMs, body } of reader.push(chunk)) {
        if (type !== 'video') continue
        const tag = readVideoTag(body)
        const data = body.subarray(tag.payloadAt)
        if (tag.role === 'header') config = parseAvcConfig(data)
        if ((tag.role !== 'key' && tag.role !== 'frame') || config === undefined) continue
        const ms = timestampMs + tag.compositionTimeMs
        const ticks = this.#ticksOf.get(ms) ?? ms * 90
        const isClose = this.#newestTicks - ticks <= caughtUpTicks
        if (isClose && this.#behind.delete(rungIndex) && this.#behind.size === 0) this.#yield()
        if (ticks <= (this.#lastTicks[rungIndex] ?? -1)) continue // fed again after a restart
        this.#lastTicks[rungIndex] = ticks
        this.#options.onFrame(rungIndex, { ticks, keyFrame: tag.role === 'key', data, config })
      }
    }
  }

  #yield(): void {
    clearTimeout(this.#catchUpTimer)
    this.#run?.yieldCpu(encoderNiceness)
  }

  #ended(run: FfmpegRun, end: RunEnd): void {
    if (run !== this.#run || this.#stopped) return
    this.#run = undefined
    clearTimeout(this.#catchUpTimer)
    const { log } = this.#options
    const delayMs = this.#startAgain()
    if ('failed' in end) log.error('transcoder.failed', { reason: end.failed, delayMs })
    else log.warn('transcoder.exited', { ...end, delayMs })
  }

  /** @returns in how many ms. */
  #startAgain(): number {
    this.restarts += 1
    this.#failures = performance.now() - this.#startedAt > healthyMs ? 0 : this.#failures + 1
    const delayMs = restartDelaysMs[Math.min(this.#failures, restartDelaysMs.length - 1)] ?? 0
    this.#timer = setTimeout(() => {
      if (!this.#stopped) this.start()
    }, delayMs)
    return delayMs
  }
}
