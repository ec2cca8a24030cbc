/** Joins one rendition's playlist with its bytes, and tells whoever waits that something is new. */
import { initSegment, type Tracks } from './remux/boxes.ts'
import { fragment, type VideoSample } from './remux/fragment.ts'
import type { CutEvent, CutPart } from './hls/cut-event.ts'
import { isGap, Rendition, segmentSeconds, type Segment } from './hls/rendition.ts'
import type { Variant } from './hls/multivariant-playlist.ts'
import { MediaStore } from './http/media-store.ts'
import type { PublishSignal } from './http/publish-signal.ts'

export interface OutputOptions {
  name: string
  targetDurationSeconds: number
  dvrWindowSeconds: number
  directory: string
  signal: PublishSignal
  onError: (error: unknown) => void
}

/** How long a segment stays fetchable after it left the playlist, in target durations: its availability duration, doubled. */
const lingerTargets = 6

/** Parts are listed for three target durations and fetchable for three more; one on top for what is under way. */
const partMemoryTargets = 7

export class RenditionOutput {
  readonly rendition: Rendition
  readonly store: MediaStore
  tracks: Tracks = {}
  /** A segment is complete: its bytes are in the store. */
  onSegment: (segment: Segment) => void = () => undefined
  readonly #signal: PublishSignal
  #init: { name: string; bytes: Buffer } | undefined
  #fragments = 0
  #peakBps = 0
  #totalBits = 0
  #totalSeconds = 0
  #lingering: number[] = []

  constructor(options: OutputOptions) {
    this.rendition = new Rendition(options)
    this.store = new MediaStore({
      directory: options.directory,
      memoryMs: partMemoryTargets * options.targetDurationSeconds * 1000,
      now: () => performance.now(),
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
    const seconds = segmentSeconds(segment)
    if (isGap(segment) && this.#init === undefined) {
      this.#lingering.push(...this.rendition.endSegment())
      return
    }
    const bits = this.store.byteLength(segment.mediaSequenceNumber) * 8
    this.#totalBits += bits
    this.#totalSeconds += seconds
    // A segment cut short by a key frame or an interruption says little about the rate (draft 4.4.6.2: peak segment bit rate).
    if (seconds >= this.rendition.targetDurationSeconds / 2) this.#peakBps = Math.max(this.#peakBps, bits / seconds)
    this.store.endSegment(segment.mediaSequenceNumber)
    this.#lingering.push(...this.rendition.endSegment())
    this.onSegment(segment)
    while (this.#lingering.length > lingerTargets) {
      const dropped = this.#lingering.shift()
      if (dropped !== undefined) this.store.drop(dropped)
    }
    this.#signal.changed()
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
}
