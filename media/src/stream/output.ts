/** Joins one rendition's playlist with its bytes, and tells whoever waits that something is new. */
import { EventEmitter } from 'node:events'
import { initSegment, type Tracks } from './remux/boxes.ts'
import { fragment, type VideoSample } from './remux/fragment.ts'
import type { CutEvent, CutPart } from './hls/cut-event.ts'
import { Rendition, segmentSeconds, shortestWindowTargets, type Segment } from './hls/rendition.ts'
import type { Variant } from './hls/multivariant-playlist.ts'
import { MediaStore } from './store/media-store.ts'
import type { PublishSignal } from './http/publish-signal.ts'

export interface OutputOptions {
  name: string
  targetDurationSeconds: number
  dvrWindowSeconds: number
  directory: string
  signal: PublishSignal
  onError: (error: unknown) => void
  /** Milliseconds, monotonic; the process's own clock unless a test has another. */
  now?: () => number
}

/** Where the disk is short, so many segments stay fetchable after they left the playlist: players are on the way to them. */
const fewestLingering = 6

/** Parts are listed for three target durations and fetchable for three more; one on top for what is under way. */
const partMemoryTargets = 7

interface OutputEvents {
  /** A segment is complete: its bytes are in the store. One that is lost is not told of. */
  segment: [Segment]
}

export class RenditionOutput extends EventEmitter<OutputEvents> {
  readonly rendition: Rendition
  readonly store: MediaStore
  tracks: Tracks = {}
  /** Bytes of the complete segments that are kept, in the playlist or not any more. */
  storedBytes = 0
  readonly #now: () => number
  readonly #signal: PublishSignal
  #init: { name: string; bytes: Buffer } | undefined
  #fragments = 0
  #peakBps = 0
  #totalBits = 0
  #totalSeconds = 0
  readonly #lingering: { mediaSequenceNumber: number; untilMs: number }[] = []

  constructor(options: OutputOptions) {
    super()
    this.#now = options.now ?? (() => performance.now())
    this.rendition = new Rendition(options)
    this.store = new MediaStore({
      directory: options.directory,
      memoryMs: partMemoryTargets * options.targetDurationSeconds * 1000,
      now: this.#now,
      onError: options.onError,
    })
    this.#signal = options.signal
  }

  startSegment(event: CutEvent & { type: 'segment-start' }, tracks: Tracks): void {
    this.tracks = tracks
    const bytes = initSegment(tracks)
    const isLost = tracks.video === undefined && tracks.audio === undefined
    if (!isLost && (this.#init === undefined || !this.#init.bytes.equals(bytes))) {
      this.#init = { name: `init-${event.mediaSequenceNumber}.mp4`, bytes }
      this.store.putInit(this.#init.name, bytes)
    }
    const { mediaSequenceNumber, discontinuity, discontinuitySequence, programDateTimeMs } = event
    this.rendition.startSegment({
      mediaSequenceNumber,
      discontinuity,
      discontinuitySequence,
      programDateTimeMs,
      init: this.#init?.name,
    })
  }

  /** Publishes a part; `video` undefined and no audio, or `gap`, lists it as a gap. */
  addPart(part: CutPart, video: readonly VideoSample[] | undefined, independent: boolean): void {
    const gap = video === undefined
    const audio = this.tracks.audio === undefined ? [] : part.audio
    this.#fragments += 1
    const bytes = gap ? Buffer.alloc(0) : fragment({ sequenceNumber: this.#fragments, video, audio })
    this.store.putPart(part.mediaSequenceNumber, bytes)
    this.rendition.addPart({ durationSeconds: part.durationTicks / 90_000, independent, gap, byteLength: bytes.length })
    this.#signal.changed()
  }

  endSegment(): void {
    const segment = this.rendition.segments.at(-1)
    if (segment === undefined || segment.complete) return
    const { mediaSequenceNumber } = segment
    const bytes = this.store.byteLength(mediaSequenceNumber)
    const nowMs = this.#now()
    this.store.endSegment(mediaSequenceNumber)
    for (const unlisted of this.rendition.endSegment()) this.#linger(unlisted, nowMs)
    if (bytes > 0) {
      this.#measure(bytes * 8, segmentSeconds(segment))
      this.storedBytes += bytes
      this.emit('segment', segment)
    }
    while ((this.#lingering[0]?.untilMs ?? Infinity) <= nowMs) this.#forgetFirst()
    this.#signal.changed()
  }

  /** The lowest media sequence number that is kept. */
  get firstStored(): number | undefined {
    return this.#lingering[0]?.mediaSequenceNumber ?? this.rendition.segments[0]?.mediaSequenceNumber
  }

  /**
   * Gives up the oldest segment before its time: one that left the playlist, or one that leaves it for that.
   *
   * @returns false where the window is as short as it may be.
   */
  giveUpFirst(): boolean {
    if (this.#lingering.length <= fewestLingering) {
      const unlisted = this.rendition.dropFirst(shortestWindowTargets * this.rendition.targetDurationSeconds)
      if (unlisted === undefined) return false
      this.#linger(unlisted, this.#now())
    }
    if (this.#lingering.length > fewestLingering) this.#forgetFirst()
    return true
  }

  end(): void {
    this.endSegment()
    this.rendition.end()
    this.#signal.changed()
  }

  /** The rendition as a variant; `declaredBps` stands in until segments have been measured. */
  variant(frameRate: number | undefined, declaredBps: number): Variant {
    const { video, audio } = this.tracks
    const measuredAverage = this.#totalSeconds > 0 ? this.#totalBits / this.#totalSeconds : declaredBps
    return {
      name: this.rendition.name,
      codecs: [video?.codec, audio?.codec].filter((codec) => codec !== undefined),
      width: video?.width,
      height: video?.height,
      frameRate: video ? frameRate : undefined,
      peakBps: Math.max(this.#peakBps, declaredBps),
      averageBps: Math.round(measuredAverage),
    }
  }

  #measure(bits: number, seconds: number): void {
    this.#totalBits += bits
    this.#totalSeconds += seconds
    // A segment cut short by a key frame or an interruption says little about the rate (draft 4.4.6.2: peak segment bit rate).
    if (seconds >= this.rendition.targetDurationSeconds / 2) this.#peakBps = Math.max(this.#peakBps, bits / seconds)
  }

  /**
   * A segment that left the playlist stays fetchable for its availability duration: its own, and that of the longest
   * playlist that listed it (draft 6.2.2).
   */
  #linger(mediaSequenceNumber: number, nowMs: number): void {
    const { dvrWindowSeconds, targetDurationSeconds } = this.rendition
    const untilMs = nowMs + (dvrWindowSeconds + 2 * targetDurationSeconds) * 1000
    this.#lingering.push({ mediaSequenceNumber, untilMs })
  }

  #forgetFirst(): void {
    const first = this.#lingering.shift()
    if (first === undefined) return
    this.storedBytes -= this.store.byteLength(first.mediaSequenceNumber)
    this.store.drop(first.mediaSequenceNumber)
  }
}
