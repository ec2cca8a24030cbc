/**
 * Packages one rung: applies the source's cut events to the encoder's pictures, with the source's own audio, so that
 * every rung has the same segments, parts, dates and discontinuities.
 *
 * A media part waits for its pictures; one that `tick` finds past `deadlineMs` is published with what has come, or frozen on
 * the last key frame, or as a gap. What comes gives nothing up: of a process that did not run for a while the first picture,
 * or the next part, is read before the pictures that are right behind. An encoder that has just started gets `startDeadlineMs`: it may have seconds of pictures to catch up
 * with, which a stream that goes on from another Pod begins with. Pure: every call carries its own `nowMs`.
 *
 * A playlist begins with a segment that begins with a picture, or with a predecessor's lost ones. From then on it has every
 * segment, for players count them: one that misses its first picture is lost as a whole.
 */
import type { VideoConfig } from '../remux/codec.ts'
import type { Tracks } from '../remux/boxes.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { Gop, preroll } from '../remux/gop.ts'
import type { CutEvent, CutPart } from '../hls/cut-event.ts'

/** One picture out of the encoder; `ticks` is its presentation time on the packager's timeline. */
export interface EncodedFrame {
  ticks: number
  keyFrame: boolean
  data: Buffer
  config: VideoConfig
}

/** What the rung's playlist is told, in order. `video` undefined: the part is a gap. */
export type RungEvent =
  | { type: 'segment-start'; event: CutEvent & { type: 'segment-start' }; tracks: Tracks }
  | { type: 'part'; part: CutPart; independent: boolean; video: VideoSample[] | undefined }
  | { type: 'segment-end'; event: CutEvent & { type: 'segment-end' } }
  | { type: 'end' }

interface Queued {
  event: CutEvent
  queuedMs: number
}

/** Pictures kept at most while no part takes them: 8 s at 60 fps. */
const longestQueue = 480

export class RungPackager {
  /** True: no encoder runs for this rung; its parts are gaps. */
  shed = false
  /** When a part was last published without all its pictures, for they did not come in time. */
  lastLateMs = -Infinity
  readonly #deadlineMs: number
  readonly #startDeadlineMs: number
  #limitMs: number
  readonly #queue: Queued[] = []
  #frames: EncodedFrame[] = []
  #tracks: Tracks = {}
  #frameTicks = 3000
  #pendingStart: (CutEvent & { type: 'segment-start' }) | undefined
  #listed = false // a first segment has begun
  #inSegment = false
  #keyFrame: EncodedFrame | undefined
  readonly #gop = new Gop() // as published
  #config: VideoConfig | undefined // of the segment's init; undefined before the first picture

  constructor({ deadlineMs, startDeadlineMs = deadlineMs }: { deadlineMs: number; startDeadlineMs?: number }) {
    this.#deadlineMs = deadlineMs
    this.#startDeadlineMs = startDeadlineMs
    this.#limitMs = startDeadlineMs
  }

  /** How long the oldest unpublished part has waited, in ms: the rung's lag behind the source. */
  lagMs(nowMs: number): number {
    const oldest = this.#queue.find(({ event }) => event.type === 'part')
    return oldest === undefined ? 0 : nowMs - oldest.queuedMs
  }

  /** When `tick` is due, if a part is waiting. */
  get deadline(): number | undefined {
    const head = this.#queue[0]
    return head === undefined ? undefined : head.queuedMs + this.#limitMs
  }

  cut(events: readonly CutEvent[], nowMs: number): RungEvent[] {
    for (const event of events) this.#queue.push({ event, queuedMs: nowMs })
    return this.#publish(nowMs, { givesUp: false })
  }

  frame(frame: EncodedFrame, nowMs: number): RungEvent[] {
    this.#frames.push(frame)
    if (this.#frames.length > longestQueue) this.#frames.shift()
    return this.#publish(nowMs, { givesUp: false })
  }

  /** Publishes every event that is ready or past its deadline. */
  tick(nowMs: number): RungEvent[] {
    return this.#publish(nowMs, { givesUp: true })
  }

  #publish(nowMs: number, { givesUp }: { givesUp: boolean }): RungEvent[] {
    const out: RungEvent[] = []
    for (;;) {
      const head = this.#queue[0]
      if (head === undefined) return out
      const isLate = this.shed || (givesUp && nowMs - head.queuedMs >= this.#limitMs)
      const { event } = head
      if (event.type === 'part' && event.part.kind === 'media' && !this.#isComplete(event.part)) {
        if (!isLate) return out
        if (!this.shed) this.lastLateMs = nowMs
      } else if (event.type === 'part' && event.part.kind === 'media' && nowMs - head.queuedMs < this.#deadlineMs / 2) {
        this.#limitMs = this.#deadlineMs // it has caught up
      }
      this.#queue.shift()
      this.#apply(head.event, out)
    }
  }

  /**
   * An encoder begins anew, with another source or after the rung was shed: what waits gets no more pictures, and what
   * follows none of the old.
   */
  restart(): RungEvent[] {
    const out: RungEvent[] = []
    this.shed = false
    for (const { event } of this.#queue.splice(0)) this.#apply(event, out)
    this.#frames = []
    this.#keyFrame = undefined
    this.#gop.clear()
    this.#limitMs = this.#startDeadlineMs
    return out
  }

  #apply(event: CutEvent, out: RungEvent[]): void {
    if (event.type === 'epoch') {
      this.#tracks = event.tracks
      this.#frameTicks = event.frameTicks ?? this.#frameTicks
    } else if (event.type === 'segment-start') this.#pendingStart = event
    else if (event.type === 'part') this.#applyPart(event.part, out)
    else if (event.type === 'segment-end') {
      this.#pendingStart = undefined
      if (this.#inSegment) out.push({ type: 'segment-end', event })
      this.#inSegment = false
    } else out.push({ type: 'end' })
  }

  #isComplete(part: CutPart): boolean {
    const end = part.presentationTicks + part.durationTicks
    const last = this.#frames.at(-1)
    if (last === undefined) return false
    if (last.ticks + 1.5 * this.#frameTicks > end) return true
    const inside = this.#frames.filter((frame) => frame.ticks >= part.presentationTicks - this.#frameTicks / 2)
    return inside.length >= part.video.length
  }

  #applyPart(part: CutPart, out: RungEvent[]): void {
    const isLost = part.kind === 'gap' // before this process began: every rendition lists it alike
    const frames = isLost ? [] : this.#takeFrames(part)
    const first = frames[0]
    const start = this.#pendingStart
    if (start !== undefined) {
      this.#pendingStart = undefined // no later part may begin the segment
      if (this.#config !== undefined || first?.keyFrame) this.#config = first?.config ?? this.#config
      else if (!this.#listed && !isLost) return
      const tracks = this.#config === undefined ? {} : { ...this.#tracks, video: this.#config }
      out.push({ type: 'segment-start', event: start, tracks })
      this.#listed = true
      this.#inSegment = true
    }
    if (!this.#inSegment) return
    const samples = this.#samples(part, frames)
    // Where players begin anew (a discontinuity), or may begin (a held picture with its GOP before it): in the middle of a GOP
    // with the pictures since its key frame.
    const isEntry = start?.discontinuity === true || part.independent
    const isTorn = isEntry && samples !== undefined && first?.keyFrame === false
    const before = isTorn ? preroll(this.#gop.pictures, part.presentationTicks) : []
    for (const sample of samples ?? []) this.#gop.add(sample)
    const video = samples && joined(before, samples)
    out.push({ type: 'part', part, independent: video?.[0]?.keyFrame ?? false, video })
  }

  /** The frames of this part; what is older belongs to parts that were given up. */
  #takeFrames(part: CutPart): EncodedFrame[] {
    const half = this.#frameTicks / 2
    const start = part.presentationTicks - half
    const end = part.presentationTicks + part.durationTicks - half
    const inside = this.#frames.filter((frame) => frame.ticks >= start && frame.ticks < end)
    this.#frames = this.#frames.filter((frame) => frame.ticks >= end)
    this.#keyFrame = inside.findLast((frame) => frame.keyFrame) ?? this.#keyFrame
    const frozen = this.#keyFrame
    if (inside.length > 0 || this.shed || frozen === undefined) return inside
    return [{ ...frozen, ticks: part.presentationTicks }]
  }

  #samples(part: CutPart, frames: readonly EncodedFrame[]): VideoSample[] | undefined {
    // Pictures of another configuration than the segment's init came too late to begin it: no player could decode them.
    if (frames.length === 0 || !frames.every(({ config }) => isSame(config, this.#config))) return undefined
    const end = part.presentationTicks + part.durationTicks
    return frames.map(({ ticks, keyFrame, data }, index) => {
      const next = frames[index + 1]?.ticks ?? Math.max(end, ticks + 1)
      return { dts: ticks, pts: ticks, duration: Math.max(1, next - ticks), keyFrame, data }
    })
  }
}

/** What nobody sees goes first; the rest where it was, or right behind. */
function joined(before: readonly VideoSample[], samples: readonly VideoSample[]): VideoSample[] {
  const end = (before.at(-1)?.dts ?? -Infinity) + 1
  return [
    ...before,
    ...samples.map((sample, index) => {
      const dts = Math.max(sample.dts, end + index)
      return { ...sample, dts, pts: dts, duration: Math.max(1, sample.dts + sample.duration - dts) }
    }),
  ]
}

function isSame(config: VideoConfig, other: VideoConfig | undefined): boolean {
  return config === other || (other !== undefined && config.record.equals(other.record))
}
