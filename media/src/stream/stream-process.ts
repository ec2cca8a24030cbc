/** The process behind one Pod: doors, assignment, pipeline, status. `main` gives it the environment. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { listen } from '@mytaek1/platform/health.ts'
import type { StreamHealth } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { ObjectStoreConfig } from '@mytaek1/platform/object-store.ts'
import { defaultRtmpLimits } from '../rtmp/limits.ts'
import { startRtmpServer } from '../rtmp/server.ts'
import {
  firstMediaSequenceNumber,
  lostSegments,
  type Assignment,
  type AssignmentSource,
} from './assignment/assignment.ts'
import { SequenceRecord } from './assignment/sequence-record.ts'
import type { StreamFacts } from './assignment/status-writer.ts'
import type { StreamConfig } from './config.ts'
import { EncoderAdvice } from './encoder-advice.ts'
import { DvrBudget } from './store/dvr-budget.ts'
import { createStreamServer, type StreamContent } from './http/server.ts'
import { PublishSignal } from './http/publish-signal.ts'
import { Pipeline, targetDurationSeconds } from './pipeline.ts'
import { Recorder } from './record/recorder.ts'
import { PublisherDoor } from './source/publisher-door.ts'

export interface StreamProcessOptions {
  config: Pick<
    StreamConfig,
    'PORT' | 'RTMP_PORT' | 'DATA_DIR' | 'TRANSCODER_DIR' | 'LADDER' | 'ENCODER_PRESET' | 'THUMBNAIL_SECONDS'
  > &
    Partial<Pick<StreamConfig, 'DVR_MAX_BYTES'>> // absent: the window's length alone decides
  assignments: AssignmentSource
  /** Where recordings go. */
  objectStore?: ObjectStoreConfig
  log: Logger
  /** Something that `facts()` tells has changed. */
  onFacts?: () => void
}

/** What the encoder's owner can do about pictures that nothing can begin with. */
const noKeyFrame = [
  'NoKeyFrame',
  'The encoder sends pictures without a key frame: set its key-frame interval to 2 seconds',
] as const

/** How long an encoder that came before its assignment waits: the watch may be a moment behind the ingest's. */
const assignmentWaitMs = 5000

export class StreamProcess {
  readonly #options: StreamProcessOptions
  readonly #assigned = new PublishSignal()
  /** Players come before the assignment too: a viewer's edge may hear of a new Pod sooner than the Pod itself. */
  readonly #publish = new PublishSignal()
  readonly #advice = new EncoderAdvice()
  readonly #sequence = new SequenceRecord(targetDurationSeconds)
  readonly #door: PublisherDoor
  #pipeline: Pipeline | undefined
  #assignment: Assignment | undefined
  #recorder: Recorder | undefined
  #rtmp: Awaited<ReturnType<typeof startRtmpServer>> | undefined
  readonly #http

  constructor(options: StreamProcessOptions) {
    this.#options = options
    this.#door = new PublisherDoor({
      assigned: (signal) => this.#awaitAssignment(signal),
      onChange: () => this.#changed(),
    })
    this.#http = createStreamServer(this.#content())
  }

  get pipeline(): Pipeline | undefined {
    return this.#pipeline
  }

  get recorder(): Recorder | undefined {
    return this.#recorder
  }

  /** What this Pod streams; undefined while it is warm. */
  get broadcast(): string | undefined {
    return this.#assignment?.broadcast
  }

  get rtmpPort(): number {
    return this.#rtmp?.port ?? 0
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? 0
  }

  async start(): Promise<void> {
    const { config, log, assignments } = this.#options
    assignments.subscribe((assignment) => this.#take(assignment))
    await listen(this.#http, config.PORT)
    this.#rtmp = await startRtmpServer({
      port: config.RTMP_PORT,
      limits: { ...defaultRtmpLimits, maxSessions: 16, maxSessionsPerAddress: 16 },
      log,
      authorize: (request, session) => this.#door.authorize(request, session),
    })
  }

  /**
   * Closes the doors and deletes what was stored. The playlist is not ended: only the broadcast's end does that, and
   * whoever follows this Pod goes on with it. HTTP goes first, so that no viewer is told of the encoder's loss.
   */
  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#http.close(() => resolve()).closeAllConnections()
    await promise
    await this.#rtmp?.close({ code: 'NetStream.Publish.Failed', description: 'The stream process stops' })
    await this.#leave()
  }

  /** What the Broadcast's status is to say. */
  facts(): StreamFacts {
    const state = this.#pipeline?.state ?? 'waiting'
    const isPlayable = this.#pipeline?.output('source')?.rendition.last !== undefined && state !== 'ended'
    const reasons = {
      waiting: ['WaitingForEncoder', 'No picture has arrived yet'],
      live: ['Receiving', 'The encoder sends'],
      interrupted: ['Interrupted', 'The encoder is gone; playlists go on without it'],
      ended: ['Ended', 'The broadcast has ended'],
    } as const
    const advice = state === 'live' ? this.#adviceFor(this.#pipeline) : undefined
    const isLost = this.#pipeline?.lacksKeyFrame === true
    const [reason, message] = isLost ? noKeyFrame : (advice ?? reasons[state])
    return {
      publishing: { status: state === 'live', reason, message },
      playable: isPlayable
        ? { status: true, reason: 'PlaylistServed', message: 'Viewers can play' }
        : { status: false, reason: state === 'ended' ? 'Ended' : 'NoPlaylist', message: message },
      mediaSequence: this.#sequenceFacts(),
      recording: this.#recorder && { state: this.#recorder.closed ? 'Closed' : 'Recording' },
    }
  }

  #adviceFor(pipeline: Pipeline | undefined) {
    const nowMs = Date.now()
    return (
      pipeline &&
      this.#advice.of({
        keyFrameSeconds: pipeline.meter.longKeyFrameIntervalSeconds(nowMs),
        hasRecoveryPoints: pipeline.meter.hasRecoveryPoints(nowMs),
        notTaken: pipeline.notTaken,
      })
    )
  }

  #sequenceFacts(): StreamFacts['mediaSequence'] {
    const recorded = this.#sequence.take()
    return (
      recorded && {
        number: recorded.number,
        discontinuity: recorded.discontinuity,
        at: new Date(recorded.atMs).toISOString(),
        segmentSeconds: recorded.segmentSeconds,
      }
    )
  }

  /** The encoder's stream as measured now; undefined while none sends. */
  health(): StreamHealth | undefined {
    const pipeline = this.#pipeline
    if (pipeline === undefined || pipeline.state !== 'live') return undefined
    const nowMs = Date.now()
    const { meter, tracks } = pipeline
    return {
      bitrateBps: Math.round(meter.bitrateBps(nowMs)),
      frameRate: Math.round(meter.frameRate(nowMs) * 10) / 10,
      keyFrameIntervalSeconds: Math.round(meter.keyFrameIntervalSeconds(nowMs) * 100) / 100,
      width: tracks.video?.width ?? 0,
      height: tracks.video?.height ?? 0,
      droppedFrames: meter.droppedFrames,
      rungs: pipeline.runningRungs,
    }
  }

  #take(assignment: Assignment): void {
    const previous = this.#assignment
    this.#assignment = assignment
    this.#sequence.inherit(assignment.sequence)
    if (this.#pipeline === undefined && assignment.state === 'open') this.#pipeline = this.#makePipeline(assignment)
    const recorded = previous?.recording ?? false
    if (assignment.state === 'open' && assignment.recording !== recorded) this.#record(assignment)
    if (assignment.state === 'ended' && previous?.state !== 'ended') {
      this.#door.endPublisher('The broadcast has ended')
      void this.#end() // logs its own failures; nobody waits for ENDLIST
    } else if (assignment.state === 'moved') {
      this.#door.endPublisher('Another Pod has the broadcast now')
      void this.#leave() // no ENDLIST: the playlist goes on elsewhere
    } else if (previous !== undefined && previous.streamKeySha256 !== assignment.streamKeySha256) {
      this.#door.endPublisher('The stream key was changed')
    }
    this.#assigned.changed()
    this.#changed()
  }

  async #end(): Promise<void> {
    await this.#pipeline?.end()
    await this.#recorder?.end({ isOver: true })
    this.#changed()
  }

  async #leave(): Promise<void> {
    await this.#recorder?.end({ isOver: false }) // reads what the pipeline's end deletes
    await this.#pipeline?.close()
  }

  /** Begins or ends recording, as the broadcast wants it now. */
  #record({ broadcast, recording }: Assignment): void {
    const { objectStore, log } = this.#options
    const pipeline = this.#pipeline
    if (pipeline === undefined) return
    if (objectStore === undefined) return log.error('recording.no_store', { broadcast })
    void this.#recorder?.end({ isOver: false }) // handles its own failures
    this.#recorder = undefined
    if (!recording) return
    const recorder = new Recorder({
      broadcast,
      connect: async () => (await import('@mytaek1/platform/object-store.ts')).connectObjectStore(objectStore),
      frameRate: (rendition) => pipeline.variants()?.find(({ name }) => name === rendition)?.frameRate,
      log: log.child({ broadcast }),
    })
    this.#recorder = recorder
    for (const output of pipeline.outputs()) recorder.follow(output)
  }

  #makePipeline(assignment: Assignment): Pipeline {
    const { config, log } = this.#options
    const directory = join(config.DATA_DIR, assignment.broadcast)
    const own = `${Date.now()}`
    void removeOthers(directory, own).catch((error: unknown) => log.warn('stream.cleanup_failed', { error }))
    const pipeline = new Pipeline({
      latency: assignment.latency,
      dvrWindowSeconds: assignment.dvrWindowSeconds,
      rungs: assignment.ladder ?? config.LADDER,
      preset: assignment.encoderPreset ?? config.ENCODER_PRESET,
      firstNumbers: () => {
        const nowMs = Date.now()
        const sequence = this.#sequence.inherited
        const mediaSequenceNumber = firstMediaSequenceNumber({ ...assignment, sequence }, nowMs)
        return {
          mediaSequenceNumber,
          lostSegments: lostSegments(sequence, mediaSequenceNumber),
          discontinuitySequence: sequence?.discontinuity ?? 0,
        }
      },
      publish: this.#publish,
      directory: join(directory, own),
      thumbnailSeconds: config.THUMBNAIL_SECONDS,
      log: log.child({ broadcast: assignment.broadcast }),
      transcoderDirectory: config.TRANSCODER_DIR,
    })
    const budget = new DvrBudget(config.DVR_MAX_BYTES ?? Infinity)
    pipeline.on('output', (output) => {
      budget.follow(output)
      this.#recorder?.follow(output)
    })
    pipeline.on('segment', (mediaSequenceNumber, discontinuity) => {
      if (this.#sequence.segmentStarted(mediaSequenceNumber, discontinuity, Date.now())) this.#changed()
    })
    pipeline.on('state', (state) => {
      log.info('stream.state', { broadcast: assignment.broadcast, state })
      this.#changed()
    })
    return pipeline
  }

  async #awaitAssignment(signal: AbortSignal) {
    return this.#assigned.until(
      () => {
        const pipeline = this.#pipeline
        const assignment = this.#assignment
        return pipeline === undefined || assignment?.streamKeySha256 === undefined
          ? undefined
          : { assignment, pipeline }
      },
      { timeoutMs: assignmentWaitMs, signal },
    )
  }

  #changed(): void {
    this.#options.onFacts?.()
  }

  /** Before the assignment there is nothing to serve; requests that come early wait for what it publishes. */
  #content(): StreamContent {
    const pipeline = () => this.#pipeline
    return {
      publish: this.#publish,
      targetDurationSeconds,
      output: (name) => pipeline()?.output(name),
      outputs: () => pipeline()?.outputs() ?? [],
      variants: () => pipeline()?.variants(),
      thumbnail: () => pipeline()?.thumbnail(),
    }
  }
}

/** A predecessor's files go; this process's own, which it may be writing by now, stay. */
async function removeOthers(directory: string, own: string): Promise<void> {
  const names = await readdir(directory).catch(() => []) // there was none
  const others = names.filter((name) => name !== own)
  await Promise.all(others.map((name) => rm(join(directory, name), { recursive: true, force: true })))
}
