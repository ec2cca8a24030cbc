/**
 * Runs ffmpeg for the ladder and keeps it running.
 *
 *     stopped ──start()──▶ running ──exit──▶ restarting ──delay──▶ running
 *     running ──stop()──▶ stopped                         (a child that cannot be started counts as one that exits)
 *
 * A restarted encoder is fed the current GOP again from its key frame; what the packager already has is dropped, so
 * the rung goes on within a second instead of at the next key frame. ffmpeg that falls behind its input is killed.
 * Until it has caught up it runs as everything else does; from then on, where the CPU is short, the source rendition is
 * not what waits.
 */
import type { ChildProcess } from 'node:child_process'
import { getPriority } from 'node:os'
import { Readable, type Writable } from 'node:stream'
import type { EncoderPreset } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { readVideoTag } from '../../rtmp/flv-tag.ts'
import { parseAvcConfig } from '../remux/avc.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { ladderArguments, firstRungDescriptor } from './ffmpeg-args.ts'
import { FlvPipeReader, flvVideoHeader, flvVideoTag } from './flv-pipe.ts'
import type { Rung } from './ladder.ts'
import type { EncodedFrame } from './rung-packager.ts'
import { spawnChild } from './spawn-child.ts'
import { yieldCpu } from './yield-cpu.ts'

export interface TranscoderOptions {
  rungs: readonly Rung[]
  source: VideoConfig
  frameRate: number
  preset: EncoderPreset
  log: Logger
  /** Takes one picture of rung `rungIndex`. */
  onFrame: (rungIndex: number, frame: EncodedFrame) => void
  ffmpegPath?: string
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
/** An encoder that ran this long is healthy: its next exit restarts at once again. */
const healthyMs = 10_000

export class Transcoder {
  restarts = 0
  readonly #options: TranscoderOptions
  #child: ChildProcess | undefined
  #input: Writable | undefined
  #gop: VideoSample[] = []
  #ticksOf = new Map<number, number>() // ms fed to ffmpeg → ticks
  #lastTicks: number[]
  #newestTicks = 0 // of the pictures fed
  #behind = new Set<number>() // rungs that have not caught up
  #catchUpTimer: NodeJS.Timeout | undefined
  #replayBytes = 0 // of the GOP that the child was started with, unread
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
    return this.#child?.pid
  }

  /** The newest picture of a rung; undefined for one that was not encoded here. */
  lastTicksOf(name: string): number | undefined {
    return this.#lastTicks[this.#options.rungs.findIndex((rung) => rung.name === name)]
  }

  start(): void {
    const { rungs, log } = this.#options
    this.#startedAt = performance.now()
    const child = this.#spawn()
    if (child === undefined) return
    this.#child = child
    this.#behind = new Set(rungs.keys())
    clearTimeout(this.#catchUpTimer)
    this.#catchUpTimer = setTimeout(() => this.#yield(child), longestCatchUpMs)
    child.on('error', (error) => log.error('transcoder.spawn_failed', { error }))
    child.on('close', (code, signal) => this.#exited(child, code, signal))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log.warn('transcoder.stderr', { text: text.slice(0, 500) })
    })
    child.stdin?.on('error', () => undefined) // the exit that causes it is handled
    this.#input = child.stdin ?? undefined
    for (const [index] of rungs.entries()) {
      const pipe = child.stdio[firstRungDescriptor + index]
      if (pipe instanceof Readable) this.#read(pipe, index, child)
    }
    this.#input?.write(flvVideoHeader)
    this.#input?.write(
      flvVideoTag({
        packet: 'config',
        keyFrame: true,
        timestampMs: 0,
        compositionTimeMs: 0,
        data: this.#options.source.record,
      }),
    )
    for (const sample of this.#gop) this.#write(sample)
    this.#replayBytes = this.#input?.writableLength ?? 0
  }

  /** Gives the next picture, in decode order. */
  feed(sample: VideoSample): void {
    if (sample.keyFrame) this.#gop = []
    if (this.#gop.length < longestGop) this.#gop.push(sample)
    this.#write(sample)
    this.#checkBacklog()
  }

  /** Ends the child; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#catchUpTimer)
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    child.once('close', () => resolve())
    child.kill('SIGKILL') // its output is not wanted any more
    await promise
  }

  /** @returns undefined where there can be no child now: it is tried again later. */
  #spawn(): ChildProcess | undefined {
    const { rungs, source, frameRate, preset, log, ffmpegPath = 'ffmpeg' } = this.#options
    const { interlaced } = source
    try {
      return spawnChild(ffmpegPath, ladderArguments({ rungs, frameRate, preset, interlaced }), {
        stdio: ['pipe', 'ignore', 'pipe', ...rungs.map(() => 'pipe' as const)],
      })
    } catch (error) {
      log.error('transcoder.spawn_failed', { error, delayMs: this.#startAgain() })
      return undefined
    }
  }

  #write(sample: VideoSample): void {
    const input = this.#input
    if (input === undefined || !input.writable) return
    const dtsMs = Math.round(sample.dts / 90)
    const ptsMs = Math.round(sample.pts / 90)
    this.#ticksOf.set(ptsMs, sample.pts)
    this.#newestTicks = sample.pts
    if (this.#ticksOf.size > 2 * longestGop) {
      const [oldest] = this.#ticksOf.keys()
      if (oldest !== undefined) this.#ticksOf.delete(oldest)
    }
    input.write(
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
    const backlogBytes = this.#input?.writableLength ?? 0
    this.#replayBytes = Math.min(this.#replayBytes, backlogBytes)
    if (backlogBytes - this.#replayBytes <= longestBacklogBytes) return
    this.#options.log.warn('transcoder.stuck', { backlogBytes })
    this.#input = undefined
    this.#child?.kill('SIGKILL')
  }

  #read(pipe: Readable, rungIndex: number, child: ChildProcess): void {
    const reader = new FlvPipeReader()
    let config: VideoConfig | undefined
    pipe.on('error', () => undefined) // the exit that causes it is handled
    pipe.on('data', (chunk: Buffer) => {
      if (child !== this.#child || this.#stopped) return
      for (const { type, timestampMs, body } of reader.push(chunk)) {
        if (type !== 'video') continue
        const tag = readVideoTag(body)
        const data = body.subarray(tag.payloadAt)
        if (tag.role === 'header') config = parseAvcConfig(data)
        if ((tag.role !== 'key' && tag.role !== 'frame') || config === undefined) continue
        const ms = timestampMs + tag.compositionTimeMs
        const ticks = this.#ticksOf.get(ms) ?? ms * 90
        const isClose = this.#newestTicks - ticks <= caughtUpTicks
        if (isClose && this.#behind.delete(rungIndex) && this.#behind.size === 0) this.#yield(child)
        if (ticks <= (this.#lastTicks[rungIndex] ?? -1)) continue // fed again after a restart
        this.#lastTicks[rungIndex] = ticks
        this.#options.onFrame(rungIndex, { ticks, keyFrame: tag.role === 'key', data, config })
      }
    })
  }

  #yield({ pid }: ChildProcess): void {
    clearTimeout(this.#catchUpTimer)
    if (pid !== undefined) yieldCpu(pid, Math.min(19, getPriority() + encoderNiceness))
  }

  #exited(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child || this.#stopped) return
    this.#input = undefined
    clearTimeout(this.#catchUpTimer)
    this.#options.log.warn('transcoder.exited', { code, signal, delayMs: this.#startAgain() })
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
