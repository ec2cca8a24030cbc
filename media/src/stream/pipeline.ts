/**
 * One broadcast through the Pod: RTMP messages → source rendition and rungs → playlists.
 *
 *     waiting ──first key frame──▶ live ──silence or disconnect──▶ interrupted ──key frame──▶ live
 *     any ──end()──▶ ended
 *
 * Deciding is done by SourceStream, Segmenter and RungPackager; here are the clock, the timers and the child process.
 */
import { join } from 'node:path'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { EncoderPreset, RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import type { LatencyProfile } from './hls/part-target.ts'
import { lastPartDurationMs, type CutEvent } from './hls/cut-event.ts'
import { declaredBps } from './hls/declared-bandwidth.ts'
import type { FirstNumbers } from './hls/lost-segments.ts'
import { Segmenter } from './hls/segmenter.ts'
import type { Variant } from './hls/multivariant-playlist.ts'
import { PublishSignal } from './http/publish-signal.ts'
import type { StreamContent } from './http/server.ts'
import { RenditionOutput } from './output.ts'
import { ThumbnailMaker } from './record/thumbnails.ts'
import type { Tracks } from './remux/boxes.ts'
import type { VideoSample } from './remux/fragment.ts'
import { nominalRate } from './remux/nominal-rate.ts'
import { SourceStream } from './remux/source-stream.ts'
import { PicturesAfterAnswers } from './transcode/pictures-after-answers.ts'
import { RungLadder } from './transcode/rung-ladder.ts'
import { EpochTracks } from './remux/epoch-tracks.ts'
import { silentFromMs, waitsUntilMs } from './source/silence.ts'
import { StreamMeter } from './stream-meter.ts'

export interface PipelineOptions {
  latency: LatencyProfile
  dvrWindowSeconds: number
  rungs: readonly RungSpec[] | undefined // undefined: the default ladder
  preset: EncoderPreset
  firstNumbers: () => FirstNumbers
  /** Wakes requests that wait, also those that came before this pipeline. */
  publish?: PublishSignal
  directory: string
  thumbnailSeconds: number // 0: none
  log: Logger
  ffmpegPath?: string
}

export type PipelineState = 'waiting' | 'live' | 'interrupted' | 'ended'

/** EXT-X-TARGETDURATION: segments are made this long; OBS's recommended key-frame interval is the same 2 s. */
export const targetDurationSeconds = 2

export class Pipeline implements StreamContent {
  readonly publish: PublishSignal
  readonly targetDurationSeconds = targetDurationSeconds
  readonly meter = new StreamMeter()
  state: PipelineState = 'waiting'
  onState: (state: PipelineState) => void = () => undefined
  /** A segment of the source rendition began. */
  onSegment: (mediaSequenceNumber: number, discontinuitySequence: number) => void = () => undefined
  /** A rendition is there from now on. */
  onOutput: (output: RenditionOutput) => void = () => undefined
  unsupportedCodec: string | undefined
  /** When the publisher last sent anything; 0 before. */
  lastMessageMs = 0
  readonly #options: PipelineOptions
  readonly #source = new SourceStream()
  readonly #segmenter: Segmenter
  readonly #outputs = new Map<string, RenditionOutput>()
  readonly ladder: RungLadder
  readonly #thumbnails: ThumbnailMaker
  #tracks: Tracks = {}
  readonly #epochTracks = new EpochTracks()
  #frameTicks: number | undefined
  readonly #pictures = new PicturesAfterAnswers((sample) => this.#encode(sample))
  #connection: symbol | undefined
  #lastPartMs = 0
  #timer: NodeJS.Timeout | undefined
  #settleTimer: NodeJS.Timeout | undefined

  constructor(options: PipelineOptions) {
    this.#options = options
    this.publish = options.publish ?? new PublishSignal()
    this.#segmenter = new Segmenter({
      latency: options.latency,
      targetDurationSeconds,
      firstNumbers: options.firstNumbers,
    })
    const { log, preset, rungs, ffmpegPath } = options
    this.ladder = new RungLadder({ wanted: rungs, preset, log, ffmpegPath, output: (name) => this.#outputFor(name) })
    this.#thumbnails = new ThumbnailMaker({ everySeconds: options.thumbnailSeconds, log, ffmpegPath })
  }

  /** A publisher connected: what it sends counts, what an older connection sends no longer does. */
  connect(): symbol {
    const connection = Symbol('publisher')
    this.#connection = connection
    this.#source.newConnection()
    if (this.state === 'live') this.#interrupt()
    return connection
  }

  /** The publisher's connection is gone; the playlist goes on with slate parts at once. */
  disconnect(connection: symbol): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    this.#source.restart()
    if (this.state === 'live') this.#interrupt()
  }

  push(connection: symbol, message: MediaMessage): void {
    if (connection !== this.#connection || this.state === 'ended') return
    const nowMs = Date.now()
    this.lastMessageMs = nowMs
    const closeEpoch = () => {
      this.#publishCuts(this.#segmenter.closeEpoch(nowMs), nowMs)
      return this.#segmenter.endTicks
    }
    for (const event of this.#source.push(message, closeEpoch)) {
      if (event.type === 'unsupported') this.unsupportedCodec = event.codec
      else if (event.type === 'epoch') this.#epochBegan(event.tracks, event.frameTicks, nowMs)
      else if (event.type === 'video') {
        this.meter.frame(event.sample.data.length, event.sample.keyFrame, nowMs)
        this.#frameTicks = event.frameTicks
        this.#publishCuts(this.#segmenter.video(event.sample, event.frameTicks, nowMs), nowMs)
        this.#pictures.add(event.sample)
      } else {
        this.meter.audio(event.sample.data.length, nowMs)
        this.#publishCuts(this.#segmenter.audio(event.sample, nowMs), nowMs)
      }
    }
    this.meter.droppedFrames = this.#source.droppedFrames
  }

  /** The broadcast is over: ENDLIST in every playlist. What was published stays fetchable until `close`. */
  async end(): Promise<void> {
    if (this.state === 'ended') return
    this.#connection = undefined
    clearTimeout(this.#timer)
    clearTimeout(this.#settleTimer)
    const nowMs = Date.now()
    this.#publishCuts(this.#segmenter.end(), nowMs)
    this.#setState('ended')
    await this.ladder.end(nowMs)
    this.publish.changed()
  }

  /** Stops everything and deletes what was stored; the playlists are not ended by it. */
  async close(): Promise<void> {
    this.#connection = undefined
    clearTimeout(this.#timer)
    clearTimeout(this.#settleTimer)
    this.state = 'ended' // nobody is told: the broadcast goes on elsewhere
    await this.ladder.close()
    await this.#thumbnails.close()
    await Promise.all([...this.#outputs.values()].map((output) => output.store.close()))
  }

  output(name: string): RenditionOutput | undefined {
    return this.#outputs.get(name)
  }

  outputs(): Iterable<RenditionOutput> {
    return this.#outputs.values()
  }

  thumbnail(): Buffer | undefined {
    return this.#thumbnails.latest
  }

  /** Rungs that are up, the source first. */
  get runningRungs(): string[] {
    return [...(this.#outputs.has('source') ? ['source'] : []), ...this.ladder.running]
  }

  get transcoderRestarts(): number {
    return this.ladder.restarts
  }

  get tracks(): Tracks {
    return this.#tracks
  }

  variants(): Variant[] | undefined {
    const source = this.#outputs.get('source')
    if (source?.rendition.last === undefined || !this.ladder.isSettled(Date.now())) return undefined
    const frameRate = this.#frameTicks === undefined ? undefined : nominalRate(this.#frameTicks)
    const sourceBps = declaredBps(this.#source.metadata.bitrateBps, this.meter.bitrateBps(Date.now()))
    return [
      source.variant(frameRate, sourceBps),
      ...this.ladder.ready.map(({ output, rung }) => output.variant(frameRate, rung.bitrateBps * 1.1 + 192_000)),
    ]
  }

  #epochBegan(tracks: Tracks, frameTicks: number | undefined, nowMs: number): void {
    this.#pictures.flush() // while encoders and thumbnails still know the source that these pictures are of
    this.#tracks = tracks
    this.#frameTicks = frameTicks
    this.unsupportedCodec = undefined
    const cuts = this.#segmenter.beginEpoch({ tracks, frameTicks, nowMs }) // fixes the part target that outputs announce
    this.#outputFor('source')
    this.ladder.epoch(tracks.video, frameTicks, nowMs)
    this.#publishCuts(cuts, nowMs)
    this.#lastPartMs = nowMs
    this.#setState('live')
    this.#schedule()
    clearTimeout(this.#settleTimer)
    this.#settleTimer = setTimeout(() => {
      const now = Date.now()
      this.#publishCuts(this.#segmenter.tick(now), now)
    }, 55)
    this.#options.log.info('stream.epoch', {
      video: tracks.video && { codec: tracks.video.codec, width: tracks.video.width, height: tracks.video.height },
      audio: tracks.audio && { codec: tracks.audio.codec, sampleRate: tracks.audio.sampleRate },
    })
  }

  #encode(sample: VideoSample): void {
    if (this.state === 'ended') return
    const nowMs = Date.now()
    this.ladder.feed(sample, nowMs)
    if (sample.keyFrame) this.#thumbnails.keyFrame(sample, this.#tracks.video, nowMs)
  }

  #outputFor(name: string): RenditionOutput {
    const known = this.#outputs.get(name)
    if (known !== undefined) return known
    const output = new RenditionOutput({
      name,
      targetDurationSeconds,
      dvrWindowSeconds: this.#options.dvrWindowSeconds,
      directory: join(this.#options.directory, name),
      signal: this.publish,
      onError: (error) => this.#options.log.error('stream.store_failed', { rendition: name, error }),
    })
    output.rendition.partTargetTicks = this.#segmenter.partTargetTicks ?? 0
    this.#outputs.set(name, output)
    this.onOutput(output)
    return output
  }

  #publishCuts(events: CutEvent[], nowMs: number): void {
    const source = this.#outputs.get('source')
    if (source === undefined || events.length === 0) return
    for (const event of events) {
      if (event.type === 'segment-start') {
        source.startSegment(event, this.#epochTracks.of(event.epoch) ?? this.#tracks)
        if (event.epoch >= 0) this.onSegment(event.mediaSequenceNumber, event.discontinuitySequence)
      } else if (event.type === 'part') {
        const { part } = event
        source.addPart(part, part.kind === 'gap' ? undefined : part.video, part.independent)
        if (part.kind !== 'gap') this.#lastPartMs = nowMs
      } else if (event.type === 'segment-end') source.endSegment()
      else if (event.type === 'epoch') this.#epochTracks.set(event.epoch, event.tracks)
      else source.end()
    }
    this.ladder.cut(events, nowMs)
    if (this.state === 'live') this.#schedule()
  }

  #partMs(): number {
    return (this.#segmenter.partTargetTicks ?? 45_000) / 90
  }

  /** While live: the moment at which silence has lasted too long. */
  #schedule(dueMs = silentFromMs(this.#lastPartMs, this.#partMs())): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#silent(dueMs), Math.max(1, dueMs - Date.now()))
  }

  /** A process that got no CPU has its media waiting in the socket: it reads that first, then decides. */
  #silent(dueMs: number): void {
    const { lastMessageMs } = this
    const lateMs = Date.now() - dueMs
    setImmediate(() => {
      if (this.state !== 'live') return
      const nowMs = Date.now()
      const sent = this.lastMessageMs > lastMessageMs
      const again = waitsUntilMs({ nowMs, lateMs, sent, lastPartMs: this.#lastPartMs, partMs: this.#partMs() })
      if (again !== undefined) return this.#schedule(again)
      this.#options.log.warn('stream.silent', { afterMs: nowMs - this.#lastPartMs })
      this.#source.restart()
      this.#interrupt(nowMs)
    })
  }

  /** From here on parts are made by the clock: one each part duration after the last real one. */
  #interrupt(firstDueMs = this.#lastPartMs + this.#partMs()): void {
    this.#setState('interrupted')
    clearTimeout(this.#timer)
    this.#slateAt(firstDueMs)
  }

  /** Parts are as far apart as they are long, so that the timeline keeps to the wall clock. */
  #slateAt(dueMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        if (this.state !== 'interrupted') return
        const nowMs = Date.now()
        const cuts = this.#segmenter.slate(nowMs)
        this.#publishCuts(cuts, nowMs)
        this.#slateAt(Math.max(dueMs + (lastPartDurationMs(cuts) ?? this.#partMs()), nowMs))
      },
      Math.max(0, dueMs - Date.now()),
    )
  }

  #setState(state: PipelineState): void {
    if (state === this.state) return
    this.state = state
    this.onState(state)
  }
}
