/**
 * One broadcast through the Pod: RTMP messages → source rendition and rungs → playlists.
 *
 *     waiting ──first key frame──▶ live ──nothing comes──▶ interrupted ──anything comes──▶ live
 *     live or interrupted ──disconnect──▶ interrupted ──key frame of a new connection──▶ live, behind a discontinuity
 *     any ──end()──▶ ended
 *
 * While nothing comes on a connection that is there, both tracks are held (TrackFiller): whatever comes afterwards goes on
 * from there, and nothing is thrown away. Without a connection, or where they cannot be held, parts repeat the last key
 * frame (Segmenter.slate), and the encoder begins anew.
 *
 * Deciding is done by SourceStream, TrackFiller, Segmenter and RungPackager; time is PartClock's; here they are joined.
 */
import { EventEmitter } from 'node:events'
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
import { entryOf } from './remux/joinable.ts'
import { nominalRate } from './remux/nominal-rate.ts'
import { SourceStream, type EpochStart } from './remux/source-stream.ts'
import { TrackFiller, type FilledSample } from './remux/track-filler.ts'
import { PicturesAfterAnswers } from './transcode/pictures-after-answers.ts'
import { RungLadder } from './transcode/rung-ladder.ts'
import { EpochTracks } from './remux/epoch-tracks.ts'
import { PartClock } from './source/part-clock.ts'
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
  /** Where the transcoder is met. */
  transcoderDirectory: string
}

export type PipelineState = 'waiting' | 'live' | 'interrupted' | 'ended'

/** EXT-X-TARGETDURATION: segments are made this long; OBS's recommended key-frame interval is the same 2 s. */
export const targetDurationSeconds = 2

/** Pictures without a key frame after which the encoder's owner is told: five seconds at 30 fps. */
const framesWithoutKey = 150

interface PipelineEvents {
  state: [PipelineState]
  /** A segment of the source rendition began: its numbers in the media and the discontinuity sequence. */
  segment: [mediaSequenceNumber: number, discontinuitySequence: number]
  /** A rendition is there from now on. */
  output: [RenditionOutput]
}

export class Pipeline extends EventEmitter<PipelineEvents> implements StreamContent {
  readonly publish: PublishSignal
  readonly targetDurationSeconds = targetDurationSeconds
  readonly meter = new StreamMeter()
  state: PipelineState = 'waiting'
  unsupportedCodec: string | undefined
  /** When the publisher last sent anything; 0 before. */
  lastMessageMs = 0
  readonly #options: PipelineOptions
  readonly #source = new SourceStream()
  readonly #segmenter: Segmenter
  readonly #outputs = new Map<string, RenditionOutput>()
  readonly ladder: RungLadder
  readonly #thumbnails: ThumbnailMaker
  readonly #clock: PartClock
  #filler: TrackFiller | undefined // of the epoch that runs; undefined: parts repeat the last key frame
  #lastKey: VideoSample | undefined
  #tracks: Tracks = {}
  readonly #epochTracks = new EpochTracks()
  #frameTicks: number | undefined
  readonly #pictures = new PicturesAfterAnswers((sample) => this.#encode(sample))
  #connection: symbol | undefined
  #settleTimer: NodeJS.Timeout | undefined

  constructor(options: PipelineOptions) {
    super()
    this.#options = options
    this.publish = options.publish ?? new PublishSignal()
    this.#segmenter = new Segmenter({
      latency: options.latency,
      targetDurationSeconds,
      firstNumbers: options.firstNumbers,
    })
    const { log, preset, rungs, transcoderDirectory: directory } = options
    this.ladder = new RungLadder({ wanted: rungs, preset, log, directory, output: (name) => this.#outputFor(name) })
    this.#thumbnails = new ThumbnailMaker({ everySeconds: options.thumbnailSeconds, log, directory })
    this.#clock = new PartClock({
      partMs: () => this.#partMs(),
      onSilent: (nowMs) => this.#silent(nowMs),
      makePart: (nowMs) => this.#makePart(nowMs),
    })
  }

  /** A publisher connected: what it sends counts, what an older connection sends no longer does. */
  connect(): symbol {
    const connection = Symbol('publisher')
    this.#connection = connection
    this.#source.newConnection()
    this.#interrupt()
    return connection
  }

  /** The publisher's connection is gone; the playlist goes on with slate parts at once. */
  disconnect(connection: symbol): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    this.#source.restart()
    this.#interrupt()
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
      else if (event.type === 'epoch') this.#epochBegan(event, nowMs)
      else {
        const before = this.#filler?.shiftTicks ?? 0
        if (event.type === 'video') {
          this.meter.frame(event.sample.data.length, entryOf(event.sample, this.#tracks.video), nowMs)
          this.#frameTicks = event.frameTicks
          if (event.sample.keyFrame) this.#lastKey = event.sample
          this.#package(this.#filler?.video(event.sample, event.frameTicks) ?? [], nowMs)
        } else {
          this.meter.audio(event.sample.data.length, nowMs)
          this.#package(this.#filler?.audio(event.sample) ?? [], nowMs)
        }
        if (this.state === 'interrupted') this.#resumed((this.#filler?.shiftTicks ?? 0) > before, nowMs)
        if (event.type === 'video' || this.#filler?.canHoldPictures === true) this.#clock.media(nowMs)
      }
    }
    this.meter.droppedFrames = this.#source.droppedFrames
  }

  /** The broadcast is over: ENDLIST in every playlist. What was published stays fetchable until `close`. */
  async end(): Promise<void> {
    if (this.state === 'ended') return
    this.#connection = undefined
    this.#clock.stop()
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
    this.#clock.stop()
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

  /** Pictures come, and none that anything could begin with: the encoder's key frames are too rare, or there are none. */
  get lacksKeyFrame(): boolean {
    return this.state !== 'live' && this.#source.framesWithoutKey > framesWithoutKey
  }

  /** A kind that the encoder sends and that the broadcast began without. */
  get notTaken(): 'video' | 'audio' | undefined {
    return this.#source.notTaken
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

  #epochBegan({ tracks, has, frameTicks, continues, preroll }: EpochStart, nowMs: number): void {
    this.#pictures.flush() // while encoders and thumbnails still know the source that these pictures are of
    this.#tracks = tracks
    this.#frameTicks = frameTicks
    this.unsupportedCodec = undefined
    const cuts = this.#segmenter.beginEpoch({ tracks, frameTicks, nowMs }) // fixes the part target that outputs announce
    this.#filler = new TrackFiller({
      tracks,
      startTicks: this.#segmenter.endTicks,
      late: continues ? this.#filler?.late : undefined,
      hasSound: has.audio,
    })
    this.#outputFor('source')
    this.ladder.epoch(tracks.video, frameTicks, nowMs)
    this.#publishCuts(cuts, nowMs)
    const isSeeded = tracks.video !== undefined && !has.video && this.#lastKey !== undefined
    this.#package(this.#filler.begin(isSeeded && this.#lastKey ? [this.#lastKey] : preroll), nowMs)
    this.#clock.part(nowMs)
    this.#setState('live')
    this.#clock.watch(nowMs, { wasLate: false })
    clearTimeout(this.#settleTimer)
    this.#settleTimer = setTimeout(() => {
      const now = Date.now()
      this.#publishCuts(this.#segmenter.tick(now), now)
    }, 55)
    this.#options.log.info('stream.epoch', {
      video: tracks.video && { codec: tracks.video.codec, width: tracks.video.width, height: tracks.video.height },
      audio: tracks.audio && { codec: tracks.audio.codec, sampleRate: tracks.audio.sampleRate },
      has,
    })
  }

  /** Gives what the tracks are made of to the packager and, pictures, to the encoders. */
  #package(filled: readonly FilledSample[], nowMs: number): CutEvent[] {
    const cuts: CutEvent[] = []
    const publish = (made: CutEvent[]) => {
      this.#publishCuts(made, nowMs)
      cuts.push(...made)
    }
    for (const event of filled) {
      if (event.type === 'audio') {
        publish(this.#segmenter.audio(event.sample, nowMs))
        continue
      }
      const { sample, frameTicks, kind } = event
      const entry = kind === 'held' && this.#segmenter.isBetweenSegments ? (this.#filler?.entry(sample) ?? []) : []
      for (const picture of [...entry, sample]) publish(this.#segmenter.video(picture, frameTicks, nowMs))
      if (kind !== 'preroll') this.#pictures.add(sample) // encoders had a preroll's already
    }
    return cuts
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
    this.emit('output', output)
    return output
  }

  #publishCuts(events: CutEvent[], nowMs: number): void {
    const source = this.#outputs.get('source')
    if (source === undefined || events.length === 0) return
    for (const event of events) {
      if (event.type === 'segment-start') {
        source.startSegment(event, this.#epochTracks.of(event.epoch) ?? this.#tracks)
        if (event.epoch >= 0) this.emit('segment', event.mediaSequenceNumber, event.discontinuitySequence)
      } else if (event.type === 'part') {
        const { part } = event
        source.addPart(part, part.kind === 'gap' ? undefined : part.video, part.independent)
        if (part.kind !== 'gap') this.#clock.part(nowMs)
      } else if (event.type === 'segment-end') source.endSegment()
      else if (event.type === 'epoch') this.#epochTracks.set(event.epoch, event.tracks)
      else source.end()
    }
    this.ladder.cut(events, nowMs)
  }

  #partMs(): number {
    return (this.#segmenter.partTargetTicks ?? 45_000) / 90
  }

  /** The encoder is connected, and nothing comes of it. */
  #silent(nowMs: number): void {
    const isHeld = this.#filler?.canHold === true
    this.#options.log.warn('stream.silent', { afterMs: nowMs - this.#clock.lastPartMs, isHeld })
    if (!isHeld) {
      this.#source.restart()
      this.#filler = undefined
    }
    this.#setState('interrupted')
    this.#clock.away(nowMs)
  }

  /** What nothing was seen of for a while comes after all. */
  #resumed(wasLate: boolean, nowMs: number): void {
    this.#setState('live')
    this.#clock.watch(nowMs, { wasLate })
  }

  /** The encoder's run is over: what comes next begins anew. */
  #interrupt(): void {
    this.#filler = undefined
    if (this.state !== 'live' && this.state !== 'interrupted') return
    this.#setState('interrupted')
    this.#clock.away()
  }

  /** One part without the encoder. @returns how long it lasts, in ms. */
  #makePart(nowMs: number): number | undefined {
    const filler = this.#filler
    if (filler !== undefined) {
      return lastPartDurationMs(this.#package(filler.hold(this.#segmenter.plannedEndTicks), nowMs))
    }
    const cuts = this.#segmenter.slate(nowMs)
    this.#publishCuts(cuts, nowMs)
    return lastPartDurationMs(cuts)
  }

  #setState(state: PipelineState): void {
    if (state === this.state) return
    this.state = state
    this.emit('state', state)
  }
}
