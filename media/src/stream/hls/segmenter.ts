/**
 * Cuts samples into parts and segments; pure: every call carries its own `nowMs`.
 *
 *     idle ──beginEpoch──▶ live ──slate()──▶ slate ──slate()──▶ slate ──beginEpoch──▶ live      end() from any state
 *
 * - A part closes with its last frame, not with the next part's first, because the frame's length is predicted.
 * - A segment closes at the key frame it expects (from the last key-frame interval), at one that comes unexpectedly,
 *   or before it would exceed the target duration: streams with key frames further apart than that get segments
 *   which do not start with one.
 * - A slate part repeats the last key frame with silence: players keep playing, on the same timeline.
 */
import type { AudioSample, VideoSample } from '../remux/fragment.ts'
import type { Tracks } from '../remux/boxes.ts'
import { AudioQueue } from './audio-queue.ts'
import type { CutEvent, CutPart } from './cut-event.ts'
import { lostSegmentEvents, type FirstNumbers } from './lost-segments.ts'
import { planParts, type LatencyProfile, type PartPlan } from './part-target.ts'
import { ProgramClock } from './program-clock.ts'
import { SegmentNumbers } from './segment-numbers.ts'

export interface SegmenterOptions {
  latency: LatencyProfile
  /** EXT-X-TARGETDURATION in seconds; also what a segment is made to last. */
  targetDurationSeconds: number
  /** Asked once, when the first segment is about to begin: where a predecessor's numbers end may be known late. */
  firstNumbers: () => FirstNumbers
}

/** A segment shorter than this is never closed by a key frame: it bounds how fast the media sequence can grow. */
const shortestSegmentTicks = 22_500
/** 10 ms: nobody notices, and no encoder makes shorter frames. */
const shortestSlateTicks = 900
/** 0.1 s: a segment of slate alone is made for no less, when an epoch begins between two segments. */
const shortestSlateSegmentTicks = 9000
/** The largest duration that still rounds down to the target, with a margin. */
const roundingTicks = 43_000

interface Epoch {
  number: number
  tracks: Tracks
  frameTicks: number | undefined
  lastKeyDts: number | undefined
  keyIntervalTicks: number | undefined
  reorderTicks: number // pts - dts of the last key frame
}

export class Segmenter {
  readonly #options: SegmenterOptions
  #plan: PartPlan | undefined
  #epoch: Epoch | undefined
  readonly #numbers = new SegmentNumbers()
  /** The open one; `ticks` are those of its closed parts. */
  #segment: { mediaSequenceNumber: number; parts: number; ticks: number } | undefined
  #video: VideoSample[] = []
  readonly #audio = new AudioQueue()
  #endTicks = 0 // of the last closed part
  #keyFrame: VideoSample | undefined
  readonly #clock = new ProgramClock()
  #ended = false

  constructor(options: SegmenterOptions) {
    this.#options = options
  }

  /** Where the timeline ends, in ticks: the start of the next epoch. */
  get endTicks(): number {
    const last = this.#video.at(-1)
    if (last !== undefined) return last.dts + last.duration
    if (this.#epoch?.tracks.video !== undefined) return this.#endTicks
    return Math.max(this.#endTicks, this.#audio.endTicks ?? 0)
  }

  /** PART-TARGET's ticks; fixed by the first epoch, for a playlist's part target never changes. */
  get partTargetTicks(): number | undefined {
    return this.#plan?.targetTicks
  }

  /** A new epoch is about to begin: closes what is open. Its start is `endTicks` after this. */
  closeEpoch(nowMs: number): CutEvent[] {
    if (this.#ended) return []
    return this.#clock.release([...this.#closePart('media'), ...this.#keepHint(nowMs), ...this.#endSegment()], nowMs)
  }

  /** A publisher (re)started at `endTicks`, after `closeEpoch`: what follows is behind a discontinuity. */
  beginEpoch(input: { tracks: Tracks; frameTicks: number | undefined; nowMs: number }): CutEvent[] {
    if (this.#ended) return []
    const { tracks, frameTicks, nowMs } = input
    const events: CutEvent[] = []
    this.#plan ??= planParts(this.#options.latency, tracks.video ? frameTicks : undefined)
    if (this.#epoch === undefined) {
      // What a predecessor published is gone: gaps in its place join its playlist to this one.
      const first = this.#options.firstNumbers()
      this.#numbers.follow(first)
      const durationTicks = this.#options.targetDurationSeconds * 90_000
      events.push(...lostSegmentEvents(first, { durationTicks, partTicks: this.#plan.targetTicks }))
    } else {
      this.#numbers.discontinue()
    }
    const number = (this.#epoch?.number ?? -1) + 1
    this.#epoch = {
      number,
      tracks,
      frameTicks,
      lastKeyDts: undefined,
      keyIntervalTicks: undefined,
      reorderTicks: 0,
    }
    this.#audio.restart(tracks.audio, this.#endTicks)
    this.#clock.beginEpoch(nowMs)
    this.#keyFrame = undefined
    events.push({ type: 'epoch', epoch: number, tracks, frameTicks })
    return this.#clock.release(events, nowMs)
  }

  /** Takes the next picture in decode order. */
  video(sample: VideoSample, frameTicks: number | undefined, nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    const plan = this.#plan
    if (epoch === undefined || plan === undefined || this.#ended) return []
    epoch.frameTicks = frameTicks
    this.#clock.arrived(sample.dts, nowMs)
    const events: CutEvent[] = []
    const previous = this.#video.at(-1)
    if (previous !== undefined) {
      // A picture that lasts past its part's target would break PART-TARGET: the hole stays between the parts.
      const longest = this.#partStart() + plan.targetTicks - previous.dts
      previous.duration = Math.max(1, Math.min(sample.dts - previous.dts, longest))
    }
    if (this.#video.length > 0 && sample.dts + (frameTicks ?? 0) > this.#partLimit(plan))
      events.push(...this.#closePart('media'))
    if (sample.keyFrame) events.push(...this.#keyFrameArrived(epoch, sample))
    this.#video.push(sample)
    const next = frameTicks === undefined ? 0 : sample.dts + 2 * frameTicks
    if (next > this.#partLimit(plan)) events.push(...this.#closePart('media'))
    return this.#clock.release(events, nowMs)
  }

  /** Takes the next audio unit. Without a picture, audio makes the parts. */
  audio(sample: AudioSample, nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    const plan = this.#plan
    if (epoch === undefined || plan === undefined || this.#ended || !this.#audio.push(sample)) return []
    if (epoch.tracks.video !== undefined) return []
    const { time, duration } = sample
    this.#clock.arrived(this.#audio.ticksOf(time), nowMs)
    const endOfNext = this.#audio.ticksOf(time + duration) + this.#audio.ticksOf(duration)
    if (endOfNext <= this.#partLimit(plan)) return []
    return this.#clock.release(this.#closePart('media'), nowMs)
  }

  /**
   * One part without the encoder: the open part stretched to its length, or the last key frame with silence.
   * Empty as long as nothing was ever published.
   */
  slate(nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    const plan = this.#plan
    if (epoch === undefined || plan === undefined || this.#ended) return []
    if (this.#video.length === 0 && this.#audio.isEmpty && this.#keyFrame === undefined && epoch.tracks.video) {
      return this.#clock.release([], nowMs)
    }
    const start = this.#partStart()
    const end = Math.max(start + 1, Math.min(start + plan.plannedTicks, this.#partLimit(plan)))
    const last = this.#video.at(-1)
    if (last === undefined && (epoch.tracks.video !== undefined || this.#audio.isEmpty)) {
      return this.#clock.release(this.#closeSlate(epoch, start, end), nowMs)
    }
    if (last !== undefined) last.duration = Math.max(1, end - last.dts)
    this.#audio.fillSilence(end)
    return this.#clock.release(this.#closePart('media', end), nowMs)
  }

  /** Lets held events out once their epoch has settled. */
  tick(nowMs: number): CutEvent[] {
    return this.#clock.release([], nowMs)
  }

  /** The broadcast is over: closes what is open. */
  end(): CutEvent[] {
    if (this.#ended) return []
    const events: CutEvent[] = [...this.#closePart('media'), ...this.#endSegment(), { type: 'end' }]
    this.#ended = true
    return this.#clock.release(events, Infinity)
  }

  #partStart(): number {
    return this.#video[0]?.dts ?? this.#endTicks
  }

  /** The tick that the open part must not pass: its target, and the segment's planned end. */
  #partLimit(plan: PartPlan): number {
    const start = this.#partStart()
    const segmentLeft = this.#plannedSegmentTicks() - (this.#segment?.ticks ?? 0)
    const halfFrame = (this.#epoch?.frameTicks ?? 0) / 2
    const boundary = segmentLeft > halfFrame ? start + segmentLeft + Math.max(90, halfFrame) : Infinity
    return Math.min(start + plan.targetTicks, boundary)
  }

  #plannedSegmentTicks(): number {
    const target = this.#options.targetDurationSeconds * 90_000
    const interval = this.#epoch?.keyIntervalTicks
    if (interval === undefined || interval > target + roundingTicks) return target
    return interval * Math.max(1, Math.floor((target + 9000) / interval))
  }

  #keyFrameArrived(epoch: Epoch, sample: VideoSample): CutEvent[] {
    const interval = epoch.lastKeyDts === undefined ? undefined : sample.dts - epoch.lastKeyDts
    const frame = epoch.frameTicks ?? 3000
    const isExpected =
      interval !== undefined &&
      epoch.keyIntervalTicks !== undefined &&
      Math.abs(interval - epoch.keyIntervalTicks) <= frame
    const segmentTicks = sample.dts - this.#partStart() + (this.#segment?.ticks ?? 0)
    epoch.lastKeyDts = sample.dts
    epoch.keyIntervalTicks = interval ?? epoch.keyIntervalTicks
    epoch.reorderTicks = sample.pts - sample.dts
    this.#keyFrame = { ...sample }
    if (this.#segment === undefined && this.#video.length === 0) return []
    const staysInside = isExpected && segmentTicks + frame < this.#plannedSegmentTicks()
    if (staysInside || segmentTicks < shortestSegmentTicks) return []
    return [...this.#closePart('media'), ...this.#endSegment()]
  }

  #closePart(kind: CutPart['kind'], stretchedEnd?: number): CutEvent[] {
    const epoch = this.#epoch
    const first = this.#video[0]
    if (epoch === undefined || (first === undefined && this.#audio.isEmpty)) return []
    if (first === undefined && epoch.tracks.video !== undefined) return [] // audio alone waits for its picture
    const events: CutEvent[] = []
    const startTicks = this.#partStart()
    const endTicks = stretchedEnd ?? this.endTicks
    if (this.#segment === undefined) {
      const start = this.#numbers.next(epoch.number, startTicks)
      events.push(start)
      this.#segment = { mediaSequenceNumber: start.mediaSequenceNumber, parts: 0, ticks: 0 }
    }
    const video = this.#video
    const audio = this.#audio.takeUntil(endTicks)
    this.#video = []
    const independent = first === undefined || first.keyFrame
    events.push({
      type: 'part',
      part: {
        kind,
        mediaSequenceNumber: this.#segment.mediaSequenceNumber,
        partIndex: this.#segment.parts,
        epoch: epoch.number,
        startTicks,
        durationTicks: endTicks - startTicks,
        presentationTicks: independent && first ? first.pts : startTicks + epoch.reorderTicks,
        independent,
        video,
        audio,
      },
    })
    this.#segment.parts += 1
    this.#segment.ticks += endTicks - startTicks
    this.#endTicks = endTicks
    const plannedEnd = this.#plannedSegmentTicks() - (epoch.frameTicks ?? 0) / 2
    const cannotGrow =
      this.#segment.ticks + (this.#plan?.plannedTicks ?? 0) >
      this.#options.targetDurationSeconds * 90_000 + roundingTicks
    if (this.#segment.ticks >= plannedEnd || cannotGrow) events.push(...this.#endSegment())
    return events
  }

  #endSegment(): CutEvent[] {
    if (this.#segment === undefined) return []
    const { mediaSequenceNumber } = this.#segment
    this.#segment = undefined
    return [{ type: 'segment-end', mediaSequenceNumber }]
  }

  /**
   * The part that the playlist hints at would be long in coming, or in the open segment never come: a short slate takes its
   * place, as long as the encoder was away since the last part. (A segment's last part may be short.)
   */
  #keepHint(nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    if (epoch === undefined || this.#video.length > 0) return []
    const awayTicks = (nowMs - this.#clock.lastPartMs) * 90
    if (this.#segment === undefined && (awayTicks < shortestSlateSegmentTicks || this.#keyFrame === undefined))
      return []
    const planned = this.#plan?.plannedTicks ?? 0
    const ticks = Math.round(Math.min(planned, Math.max(shortestSlateTicks, awayTicks)))
    return this.#closeSlate(epoch, this.#endTicks, this.#endTicks + ticks)
  }

  /** The last key frame, if there is one, with silence. */
  #closeSlate(epoch: Epoch, start: number, end: number): CutEvent[] {
    if (this.#keyFrame !== undefined) {
      const { pts, dts } = this.#keyFrame
      this.#video.push({ ...this.#keyFrame, dts: start, pts: start + (pts - dts), duration: end - start })
    }
    this.#audio.fillSilence(end)
    return this.#closePart('slate', end)
  }
}
