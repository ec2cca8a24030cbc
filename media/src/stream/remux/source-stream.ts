/**
 * A publisher's FLV tags → tracks and samples on the packager's timeline.
 *
 *     waiting ──first key frame (or audio, when there is no picture)──▶ running     each arrow into running is an epoch
 *     running ──another video header──▶ changing ──its key frame──▶ running         what comes in between is of no epoch
 *     running ──another audio header──▶ running                                     with its first unit, at once
 *     any     ──restart(): the publisher was lost──▶ waiting
 *
 * Every epoch starts exactly where the timeline ends, with a key frame, and is a discontinuity to players. One that begins
 * between key frames begins with the pictures since the last, which players decode and do not show.
 *
 * Which tracks there are is settled by the broadcast's first epoch and never changes: players cannot follow that. A kind
 * that comes later is not taken; one that is missing later keeps its last header, and is made up for (track-filler.ts).
 */
import { isAmfObject, readAmf0, type AmfObject } from '../../rtmp/amf0.ts'
import { isPlayable, readFlvTag, type FlvTag } from '../../rtmp/flv-tag.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { AudioClock } from './audio-clock.ts'
import type { Tracks } from './boxes.ts'
import { audioConfigs, videoConfigs } from './codecs.ts'
import type { AudioSample, VideoSample } from './fragment.ts'
import { FrameClock } from './frame-clock.ts'
import { Gop } from './gop.ts'
import { EpochTimestamps, ticksPerMs } from './timestamps.ts'

/** An uninterrupted run of a publisher's begins: what follows is of these tracks. */
export interface EpochStart {
  type: 'epoch'
  tracks: Tracks
  /** What the publisher sends of them, so far. */
  has: { video: boolean; audio: boolean }
  frameTicks: number | undefined
  /** Times go on as before; else they begin where the timeline ended. */
  continues: boolean
  /** The pictures since the last key frame, where the next one is none. */
  preroll: readonly VideoSample[]
}

/** What a message turned into. `frameTicks`: how long a picture is expected to last, if known. */
export type SourceEvent =
  | EpochStart
  | { type: 'video'; sample: VideoSample; frameTicks: number | undefined }
  | { type: 'audio'; sample: AudioSample }
  | { type: 'unsupported'; codec: string }

/** What onMetaData announced; nothing here is trusted beyond choosing what to wait for. */
export interface SourceMetadata {
  frameRate: number | undefined
  bitrateBps: number | undefined
  hasVideo: boolean | undefined
  hasAudio: boolean | undefined
}

/** How long a first key frame waits for sound that metadata announced, or did not rule out, and audio for a picture. */
const trackWaitMs = 5000
/** ... and a later one, whose tracks are settled: what comes late takes its place. */
const settledWaitMs = 1000
/** ... and how much that may be at most. */
const longestWait = { messages: 2000, bytes: 16 * 1024 * 1024 }
const unknownMetadata = { frameRate: undefined, bitrateBps: undefined, hasVideo: undefined, hasAudio: undefined }

interface Epoch {
  tracks: Tracks
  timestamps: EpochTimestamps
  frames: FrameClock
  audio: AudioClock | undefined
  startTicks: number
  lastDts: number
  hasPicture: boolean // of its own, a key frame first
}

export class SourceStream {
  metadata: SourceMetadata = unknownMetadata
  /** Pictures that came but could not be placed: before a key frame, or before their epoch. */
  droppedFrames = 0
  /** Pictures that came since the last key frame that was waited for: without one, nothing can begin. */
  framesWithoutKey = 0
  /** A kind that this connection sends and that is not taken: the broadcast began without. */
  notTaken: 'video' | 'audio' | undefined
  readonly #latest: Tracks = {} // this connection's headers
  #settled: Tracks | undefined // the broadcast's tracks, as the last epoch had them
  #newHeader = { video: false, audio: false } // differs from the running epoch's
  #epoch: Epoch | undefined
  #waiting: MediaMessage[] = []
  #waitingBytes = 0
  #soundCame = false // of this connection: a header alone is no sound
  readonly #gop = new Gop()

  /** Forgets the running epoch: what comes next starts a new one at its first key frame. */
  restart(): void {
    this.#epoch = undefined
    this.#gop.clear()
    this.#forgetWaiting()
  }

  /** A new RTMP connection: its headers are its own. */
  newConnection(): void {
    this.restart()
    delete this.#latest.video
    delete this.#latest.audio
    this.metadata = unknownMetadata
    this.framesWithoutKey = 0
    this.notTaken = undefined
    this.#soundCame = false
  }

  /** Takes one message; `timelineEnd` is called when a new epoch begins, and tells where, in ticks. */
  push(message: MediaMessage, timelineEnd: () => number): SourceEvent[] {
    if (message.type === 'metadata') {
      this.metadata = readMetadata(message.body)
      return []
    }
    const tag = readFlvTag(message)
    if (message.type === 'audio' && isFrame(tag) && this.#latest.audio !== undefined) this.#soundCame = true
    if (this.#epoch !== undefined) return this.#take(message, tag, timelineEnd)
    const refused = this.#readHeader(message, tag)
    if (refused !== undefined) return [refused]
    if (this.#waiting.length === 0 && !this.#canStartWith(message, tag)) {
      if (message.type === 'video' && isFrame(tag)) this.#dropPicture()
      return []
    }
    this.#waiting.push(message)
    this.#waitingBytes += message.body.length
    if (!this.#waitIsOver()) return []
    const messages = this.#forgetWaiting()
    return messages.flatMap((queued) => this.#take(queued, readFlvTag(queued), timelineEnd))
  }

  #forgetWaiting(): MediaMessage[] {
    const messages = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    return messages
  }

  #canStartWith({ type }: MediaMessage, tag: FlvTag): boolean {
    if (!this.#isWanted(type === 'video' ? 'video' : 'audio')) return false
    if (type === 'video') return tag.role === 'key' && this.#latest.video !== undefined
    return this.#latest.audio !== undefined && tag.role === 'frame'
  }

  /** Whether the broadcast has such a track, or may still have one. */
  #isWanted(kind: 'video' | 'audio'): boolean {
    return this.#settled === undefined || this.#settled[kind] !== undefined
  }

  /** True when every track that is to come has come: sound, and a key frame; or when waiting was in vain. */
  #waitIsOver(): boolean {
    const first = this.#waiting[0]
    const last = this.#waiting.at(-1)
    if (first === undefined || last === undefined) return false
    const hasKey = this.#waiting.some(
      (message) => message.type === 'video' && this.#canStartWith(message, readFlvTag(message)),
    )
    const waitMs = this.#settled === undefined ? trackWaitMs : settledWaitMs
    const late =
      ((last.timestampMs - first.timestampMs) | 0) >= waitMs ||
      this.#waiting.length > longestWait.messages ||
      this.#waitingBytes > longestWait.bytes
    if (hasKey) return late || this.metadata.hasAudio === false || !this.#isWanted('audio') || this.#soundCame
    if (this.#latest.video !== undefined && this.#isWanted('video')) {
      // Audio before the first key frame: keep only the newest, the picture decides the start.
      if (late) this.#waitingBytes -= this.#waiting.shift()?.body.length ?? 0
      return false
    }
    return late || this.metadata.hasVideo === false || !this.#isWanted('video')
  }

  #take(message: MediaMessage, tag: FlvTag, timelineEnd: () => number): SourceEvent[] {
    const refused = this.#readHeader(message, tag)
    if (refused !== undefined) return [refused]
    if (!isFrame(tag)) return []
    const isVideo = message.type === 'video'
    const kind = isVideo ? 'video' : 'audio'
    if (!this.#isWanted(kind)) {
      this.notTaken = kind
      return []
    }
    return isVideo ? this.#takeVideo(message, tag, timelineEnd) : this.#takeAudio(message, tag, timelineEnd)
  }

  #takeVideo(message: MediaMessage, tag: FlvTag, timelineEnd: () => number): SourceEvent[] {
    if (this.#latest.video === undefined) return []
    const events: SourceEvent[] = []
    if (this.#epoch?.hasPicture !== true || this.#newHeader.video) {
      if (tag.role !== 'key') {
        this.#dropPicture()
        return []
      }
      this.framesWithoutKey = 0
    }
    if (this.#epoch === undefined || this.#newHeader.video) events.push(this.#begin(message, timelineEnd))
    const epoch = this.#epoch
    if (epoch === undefined) return events
    epoch.hasPicture = true
    const sample = this.#videoSample(epoch, message, tag)
    this.#gop.add(sample)
    events.push({ type: 'video', sample, frameTicks: epoch.frames.frameTicks })
    return events
  }

  #dropPicture(): void {
    this.droppedFrames += 1
    this.framesWithoutKey += 1
  }

  #videoSample(epoch: Epoch, message: MediaMessage, tag: FlvTag): VideoSample {
    // One that is stamped before its epoch is still decoded: the next may refer to it.
    const raw = Math.max(epoch.startTicks, epoch.timestamps.ticks('video', message.timestampMs))
    const dts = epoch.frames.place(raw)
    epoch.lastDts = dts
    const frameTicks = epoch.frames.frameTicks
    const offset = tag.compositionTimeMs * ticksPerMs
    const frames = frameTicks === undefined ? 0 : Math.round(offset / frameTicks)
    const onGrid = frameTicks !== undefined && Math.abs(offset - frames * frameTicks) <= 1.2 * ticksPerMs
    const pts = dts + (onGrid && frameTicks !== undefined ? frames * frameTicks : offset)
    const data = message.body.subarray(tag.payloadAt)
    return { dts, pts, duration: frameTicks ?? 3000, keyFrame: tag.role === 'key', data }
  }

  #takeAudio(message: MediaMessage, tag: FlvTag, timelineEnd: () => number): SourceEvent[] {
    const { audio } = this.#latest
    if (audio === undefined) return []
    const events: SourceEvent[] = []
    if (this.#epoch === undefined) {
      if (this.#latest.video !== undefined && this.#isWanted('video')) return []
      events.push(this.#begin(message, timelineEnd))
    } else if (this.#newHeader.audio) {
      // Where the last key frame is out of reach, no epoch can begin before the next one: silence until then.
      if (this.#epoch.hasPicture && this.#gop.pictures.length === 0) return []
      events.push(this.#goOn(this.#epoch, timelineEnd))
    }
    const epoch = this.#epoch
    if (epoch === undefined) return events
    epoch.audio ??= new AudioClock(audio)
    const ticks = epoch.timestamps.ticks('audio', message.timestampMs)
    if (ticks < epoch.startTicks - ticksPerMs) return events
    for (const sample of epoch.audio.place(ticks, message.body.subarray(tag.payloadAt)))
      events.push({ type: 'audio', sample })
    return events
  }

  /** An epoch whose times begin where the timeline ends, with a key frame (or sound, where that is all). */
  #begin(message: MediaMessage, timelineEnd: () => number): EpochStart {
    const startTicks = Math.max(timelineEnd(), (this.#epoch?.lastDts ?? -1) + 1)
    const frames = new FrameClock(this.metadata.frameRate ?? this.#latest.video?.frameRate)
    const timestamps = new EpochTimestamps(message.timestampMs, startTicks)
    this.#epoch = {
      tracks: {},
      timestamps,
      frames,
      audio: undefined,
      startTicks,
      lastDts: startTicks,
      hasPicture: false,
    }
    this.#gop.clear()
    return this.#started(this.#epoch, { continues: false })
  }

  /** Another header for the sound: times go on, and players begin anew with the pictures since the last key frame. */
  #goOn(running: Epoch, timelineEnd: () => number): EpochStart {
    timelineEnd()
    this.#epoch = { ...running, audio: undefined, startTicks: -Infinity }
    return this.#started(this.#epoch, { continues: true })
  }

  #started(epoch: Epoch, { continues }: { continues: boolean }): EpochStart {
    const video = this.#isWanted('video') ? this.#latest.video : undefined
    const audio = this.#isWanted('audio') ? this.#latest.audio : undefined
    const has = { video: video !== undefined, audio: audio !== undefined && this.#soundCame }
    epoch.tracks = { ...this.#settled, ...(video && { video }), ...(audio && { audio }) }
    this.#settled = epoch.tracks
    this.#newHeader = { video: false, audio: false }
    const frameTicks = epoch.frames.frameTicks
    return { type: 'epoch', tracks: epoch.tracks, has, frameTicks, continues, preroll: [...this.#gop.pictures] }
  }

  /** Learns a sequence header; one that says what is known already changes nothing (encoders repeat them). */
  #readHeader({ type, body }: MediaMessage, tag: FlvTag): SourceEvent | undefined {
    if (!isPlayable(tag)) return { type: 'unsupported', codec: tag.codec }
    if (tag.role !== 'header' || tag.packaged === undefined || type === 'metadata') return undefined
    const record = body.subarray(tag.payloadAt)
    if (this.#latest[type]?.record.equals(record)) return undefined
    const config = type === 'video' ? videoConfigs[tag.packaged]?.(record) : audioConfigs[tag.packaged]?.(record)
    const fault = config === undefined ? 'an unreadable sequence header' : config.unplayable
    if (config === undefined || fault !== undefined) return { type: 'unsupported', codec: `${tag.codec} with ${fault}` }
    Object.assign(this.#latest, { [type]: config })
    this.#newHeader[type] = this.#epoch !== undefined && this.#epoch.tracks[type]?.record.equals(record) !== true
    return undefined
  }
}

function isFrame({ role }: FlvTag): boolean {
  return role === 'key' || role === 'frame'
}

function readMetadata(body: Buffer): SourceMetadata {
  const values = readAmfSafely(body)
  const object = values.find((value): value is AmfObject => isAmfObject(value))
  if (object === undefined) return unknownMetadata
  const number = (name: string) => {
    const value = object[name]
    return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined
  }
  const kilobits = (number('videodatarate') ?? 0) + (number('audiodatarate') ?? 0)
  return {
    frameRate: number('framerate'),
    bitrateBps: kilobits > 0 ? Math.round(kilobits * 1000) : undefined,
    hasVideo: announced(object, ['videocodecid', 'width']),
    hasAudio: announced(object, ['audiocodecid', 'audiosamplerate']),
  }
}

/** Metadata that names any codec names all there are; else what it does not mention may still come. */
function announced(object: AmfObject, names: string[]): boolean | undefined {
  if (names.some((name) => object[name] !== undefined)) return true
  return object['videocodecid'] === undefined && object['audiocodecid'] === undefined ? undefined : false
}

/** Metadata is a hint: an encoder that garbles it still gets its picture shown. */
function readAmfSafely(body: Buffer) {
  try {
    return readAmf0(body, 8)
  } catch {
    return []
  }
}
