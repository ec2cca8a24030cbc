/**
 * A publisher's FLV tags → tracks and samples on the packager's timeline.
 *
 *     waiting ──first key frame (or audio, when there is no picture)──▶ running
 *     running ──sequence header that differs──▶ changing ──key frame──▶ running     each arrow into running is an epoch
 *     any     ──restart(): the publisher was lost──▶ waiting
 *
 * Every epoch starts exactly where the timeline ends, with a key frame, and is a discontinuity to players.
 */
import { isAmfObject, readAmf0, type AmfObject } from '../../rtmp/amf0.ts'
import type { PackagedCodec } from '../../rtmp/codecs.ts'
import { isPlayable, readFlvTag, type FlvTag } from '../../rtmp/flv-tag.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { AudioClock } from './audio-clock.ts'
import type { Tracks } from './boxes.ts'
import { audioConfigs, videoConfigs } from './codecs.ts'
import type { AudioSample, VideoSample } from './fragment.ts'
import { FrameClock } from './frame-clock.ts'
import { EpochTimestamps, ticksPerMs } from './timestamps.ts'

/** What a message turned into. `frameTicks`: how long a picture is expected to last, if known. */
export type SourceEvent =
  | { type: 'epoch'; tracks: Tracks; startTicks: number; frameTicks: number | undefined }
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

/** How long a first key frame waits for an audio header that metadata announced, and audio for a picture. */
const trackWaitMs = 1000
/** ... and how many messages that may be at most. */
const longestWait = 600
const unknownMetadata = { frameRate: undefined, bitrateBps: undefined, hasVideo: undefined, hasAudio: undefined }

interface Epoch {
  tracks: Tracks
  timestamps: EpochTimestamps
  frames: FrameClock
  audio: AudioClock | undefined
  startTicks: number
  lastDts: number
}

export class SourceStream {
  metadata: SourceMetadata = unknownMetadata
  /** Pictures that came but could not be placed: before a key frame, or before their epoch. */
  droppedFrames = 0
  readonly #latest: Tracks = {}
  #changed = false
  #epoch: Epoch | undefined
  #waiting: MediaMessage[] = []

  /** Forgets the running epoch: what comes next starts a new one at its first key frame. */
  restart(): void {
    this.#epoch = undefined
    this.#waiting = []
  }

  /** A new RTMP connection: its headers are its own. */
  newConnection(): void {
    this.restart()
    delete this.#latest.video
    delete this.#latest.audio
    this.metadata = unknownMetadata
  }

  /** Takes one message; `timelineEnd` is called when a new epoch begins, and tells where, in ticks. */
  push(message: MediaMessage, timelineEnd: () => number): SourceEvent[] {
    if (message.type === 'metadata') {
      this.metadata = readMetadata(message.body)
      return []
    }
    const tag = readFlvTag(message)
    if (this.#epoch !== undefined) return this.#take(message, tag, timelineEnd)
    const refused = this.#readHeader(message, tag)
    if (refused !== undefined) return [refused]
    if (this.#waiting.length === 0 && !this.#canStartWith(message, tag)) {
      if (message.type === 'video') this.droppedFrames += isFrame(tag) ? 1 : 0
      return []
    }
    this.#waiting.push(message)
    if (!this.#waitIsOver()) return []
    const messages = this.#waiting
    this.#waiting = []
    return messages.flatMap((queued) => this.#take(queued, readFlvTag(queued), timelineEnd))
  }

  #canStartWith({ type }: MediaMessage, tag: FlvTag): boolean {
    if (type === 'video') return tag.role === 'key' && this.#latest.video !== undefined
    return this.#latest.audio !== undefined && tag.role === 'frame'
  }

  /** True when every announced track has its header and, with a picture, a key frame; or when waiting was in vain. */
  #waitIsOver(): boolean {
    const first = this.#waiting[0]
    const last = this.#waiting.at(-1)
    if (first === undefined || last === undefined) return false
    const hasKey = this.#waiting.some(
      (message) => message.type === 'video' && this.#canStartWith(message, readFlvTag(message)),
    )
    const late = ((last.timestampMs - first.timestampMs) | 0) >= trackWaitMs || this.#waiting.length > longestWait
    if (hasKey) return late || this.#latest.audio !== undefined || this.metadata.hasAudio === false
    if (this.#latest.video !== undefined) {
      // Audio before the first key frame: keep only the newest, the picture decides the start.
      if (late) this.#waiting.shift()
      return false
    }
    return late || this.metadata.hasVideo === false
  }

  #take(message: MediaMessage, tag: FlvTag, timelineEnd: () => number): SourceEvent[] {
    const refused = this.#readHeader(message, tag)
    if (refused !== undefined) return [refused]
    if (!isFrame(tag)) return []
    const isVideo = message.type === 'video'
    return isVideo ? this.#takeVideo(message, tag, timelineEnd) : this.#takeAudio(message, tag, timelineEnd)
  }

  #takeVideo(message: MediaMessage, tag: FlvTag, timelineEnd: () => number): SourceEvent[] {
    if (this.#latest.video === undefined) return []
    const events: SourceEvent[] = []
    const starts = this.#epoch === undefined || this.#epoch.tracks.video === undefined || this.#changed
    if (starts) {
      if (tag.role !== 'key') {
        this.droppedFrames += 1
        return []
      }
      events.push(this.#begin(message, timelineEnd))
    }
    const epoch = this.#epoch
    if (epoch === undefined) return events
    const sample = this.#videoSample(epoch, message, tag)
    if (sample === undefined) this.droppedFrames += 1
    else events.push({ type: 'video', sample, frameTicks: epoch.frames.frameTicks })
    return events
  }

  #videoSample(epoch: Epoch, message: MediaMessage, tag: FlvTag): VideoSample | undefined {
    const raw = epoch.timestamps.ticks('video', message.timestampMs)
    if (raw < epoch.startTicks - ticksPerMs) return undefined
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
    const events: SourceEvent[] = []
    const audioOnly = this.#latest.video === undefined
    if (this.#epoch === undefined || (audioOnly && this.#changed)) {
      if (!audioOnly || this.#latest.audio === undefined) return []
      events.push(this.#begin(message, timelineEnd))
    }
    const epoch = this.#epoch
    if (epoch?.audio === undefined) return events
    const ticks = epoch.timestamps.ticks('audio', message.timestampMs)
    if (ticks < epoch.startTicks - ticksPerMs) return events
    for (const sample of epoch.audio.place(ticks, message.body.subarray(tag.payloadAt)))
      events.push({ type: 'audio', sample })
    return events
  }

  #begin(message: MediaMessage, timelineEnd: () => number): SourceEvent {
    const tracks = { ...this.#latest }
    const startTicks = Math.max(timelineEnd(), (this.#epoch?.lastDts ?? -1) + 1)
    this.#changed = false
    const frames = new FrameClock(this.metadata.frameRate ?? tracks.video?.frameRate)
    this.#epoch = {
      tracks,
      timestamps: new EpochTimestamps(message.timestampMs, startTicks),
      frames,
      audio: tracks.audio ? new AudioClock(tracks.audio) : undefined,
      startTicks,
      lastDts: startTicks,
    }
    return { type: 'epoch', tracks, startTicks, frameTicks: frames.frameTicks }
  }

  /** Learns a sequence header; one that says what is known already changes nothing (encoders repeat them). */
  #readHeader({ type, body }: MediaMessage, tag: FlvTag): SourceEvent | undefined {
    if (!isPlayable(tag)) return { type: 'unsupported', codec: tag.codec }
    if (tag.role !== 'header' || tag.packaged === undefined || type === 'metadata') return undefined
    const record = body.subarray(tag.payloadAt)
    if (this.#latest[type]?.record.equals(record)) return undefined
    const isRead = type === 'video' ? this.#learnVideo(tag.packaged, record) : this.#learnAudio(tag.packaged, record)
    if (!isRead) return { type: 'unsupported', codec: `${tag.codec} with an unreadable sequence header` }
    this.#changed = true
    return undefined
  }

  #learnVideo(codec: PackagedCodec, record: Buffer): boolean {
    const config = videoConfigs[codec]?.(record)
    if (config !== undefined) this.#latest.video = config
    return config !== undefined
  }

  #learnAudio(codec: PackagedCodec, record: Buffer): boolean {
    const config = audioConfigs[codec]?.(record)
    if (config !== undefined) this.#latest.audio = config
    return config !== undefined
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
    hasVideo: object['videocodecid'] !== undefined || object['width'] !== undefined,
    hasAudio: object['audiocodecid'] !== undefined || object['audiosamplerate'] !== undefined,
  }
}

/** Metadata is a hint: an encoder that garbles it still gets its picture shown. */
function readAmfSafely(body: Buffer) {
  try {
    return readAmf0(body, 8)
  } catch {
    return []
  }
}
