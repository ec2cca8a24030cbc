/**
 * Cuts samples into parts and segments; pure: every call carries its own `nowMs`.
 *
 *     idle ──beginEpoch──▶ live ──slate()──▶ slate ──slate()──▶ slate ──beginEpoch──▶ live      end() from any state
 *
 * - A part closes with its last frame, not with the next part's first, because the frame's length is predicted.
 * - A segment closes at the key frame it expects (from the last key-frame interval), at one that comes unexpectedly,
 *   or before it would exceed the target duration: streams with key frames further apart than that get segments
 *   which do not start with one.
 * - A slate part repeats the last key frame with silence: players keep playing, on the same timeline. Where no silence is
 *   known for the sound's format it is a gap, for players stall on parts that lack a track.
 */
import type { AudioSample, VideoSample } from '../remux/fragment.ts'
import type { Tracks } from '../remux/boxes.ts'
import { AudioQueue } from './audio-queue.ts'
import type { CutEvent, CutPart } from './cut-event.ts'
import { lostSegmentEvents, type FirstNumbers } from './lost-segments.ts'
import { planParts, type LatencyProfile, type PartPlan } from './part-target.ts'
import { ProgramClock } from './program-clock.ts'
import { SegmentLength } from './segment-length.ts'
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
/** Of a part's target: what parts last at least, but for a segment's last. The draft wants 85 % (4.4.4.9) of what is announced. */
const shortestPart = 0.87
/** 10 ms: nobody notices, and no encoder makes shorter frames. */
const shortestSlateTicks = 900
/** 0.1 s: a segment of slate alone is made for no less, when an epoch begins between two segments. */
const shortestSlateSegmentTicks = 9000

interface Epoch {
  number: number
  tracks: Tracks
  frameTicks: number | undefined
  plan: PartPlan
  length: SegmentLength
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

  /** What comes next begins a segment. */
  get isBetweenSegments(): boolean {
    return this.#segment === undefined && this.#video.length === 0
  }

  /** Where the open part is to end. */
  get plannedEndTicks(): number {
    return this.#epoch === undefined ? this.#endTicks : this.#plannedEnd(this.#epoch)
  }

  /** PART-TARGET's ticks; fixed by the first epoch, for a playlist's part target never changes. */
  get partTargetTicks(): number | undefined {
    return this.#plan?.targetTicks
  }

  /** A new epoch is about to begin: closes what is open. Its start is `endTicks` after this. */
  closeEpoch(nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    if (epoch === undefined || this.#ended) return []
    const away = this.#awayTicks(nowMs)
    const isStretched = this.#video.length > 0 && away >= shortestSlateSegmentTicks
    const open = isStretched ? this.#stretch(epoch, this.endTicks + away) : this.#closePart('media')
    const hinted = open.length > 0 ? open : this.#keepHint(epoch, away) // an open part that closes is the one hinted at
    return this.#clock.release([...hinted, ...this.#endSegment()], nowMs)
  }

  /** A publisher (re)started at `endTicks`, after `closeEpoch`: what follows is behind a discontinuity. */
  beginEpoch(input: { tracks: Tracks; frameTicks: number | undefined; nowMs: number }): CutEvent[] {
    if (this.#ended) return []
    const { tracks, frameTicks, nowMs } = input
    const targetTicks = this.#options.targetDurationSeconds * 90_000
    const events: CutEvent[] = []
    this.#plan ??= planParts(this.#options.latency, tracks.video ? frameTicks : undefined)
    if (this.#epoch === undefined) {
      // What a predecessor published is gone: gaps in its place join its playlist to this one.
      const first = this.#options.firstNumbers()
      this.#numbers.follow(first)
      events.push(...lostSegmentEvents(first, { durationTicks: targetTicks, partTicks: this.#plan.targetTicks }))
    } else this.#numbers.discontinue()
    const number = (this.#epoch?.number ?? -1) + 1
    this.#epoch = {
      number,
      tracks,
      frameTicks,
      plan: this.#plan,
      length: new SegmentLength(targetTicks),
      reorderTicks: 0,
    }
    this.#audio.restart(tracks.audio, this.#endTicks)
    this.#clock.beginEpoch(nowMs)
    this.#keyFrame = undefined
    events.push({ type: 'epoch', epoch: number, tracks, frameTicks })
    return this.#clock.release(events, nowMs)
  }

  /** Takes the next picture in decode order. */
  video(given: VideoSample, frameTicks: number | undefined, nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    if (epoch === undefined || this.#ended) return []
    let sample = this.#inPlace(given, frameTicks)
    epoch.frameTicks = frameTicks
    this.#clock.arrived(sample.dts, nowMs)
    const events: CutEvent[] = []
    const previous = this.#video.at(-1)
    if (previous !== undefined) {
      // A picture that lasts past its part's target would break PART-TARGET; who fills tracks lets none last so long.
      const longest = this.#partStart() + epoch.plan.targetTicks - previous.dts
      previous.duration = Math.max(1, Math.min(sample.dts - previous.dts, longest))
    }
    if (this.#video.length > 0 && sample.dts + (frameTicks ?? 0) > this.#partLimit(epoch)) {
      events.push(...this.#closePart('media', this.#longEnough(epoch)))
      sample = this.#inPlace(sample, frameTicks)
    }
    if (sample.keyFrame) events.push(...this.#keyFrameArrived(epoch, sample))
    this.#video.push(sample)
    const next = frameTicks === undefined ? 0 : sample.dts + 2 * frameTicks
    if (next > this.#partLimit(epoch)) events.push(...this.#closePart('media', this.#longEnough(epoch)))
    return this.#clock.release(events, nowMs)
  }

  /** Takes the next audio unit. Without a picture, audio makes the parts. */
  audio(sample: AudioSample, nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    if (epoch === undefined || this.#ended || !this.#audio.push(sample)) return []
    if (epoch.tracks.video !== undefined) return []
    const { time, duration } = sample
    this.#clock.arrived(this.#audio.ticksOf(time), nowMs)
    const endOfNext = this.#audio.ticksOf(time + duration) + this.#audio.ticksOf(duration)
    if (endOfNext <= this.#partLimit(epoch)) return []
    return this.#clock.release(this.#closePart('media'), nowMs)
  }

  /**
   * One part without the encoder: the open part stretched to its length, or the last key frame with silence.
   * Empty as long as nothing was ever published.
   */
  slate(nowMs: number): CutEvent[] {
    const epoch = this.#epoch
    if (epoch === undefined || this.#ended) return []
    const hasOpen = this.#video.length > 0 || (epoch.tracks.video === undefined && !this.#audio.isEmpty)
    if (hasOpen) return this.#clock.release(this.#stretch(epoch, Infinity), nowMs)
    const isEmpty = epoch.tracks.video !== undefined && this.#keyFrame === undefined
    return this.#clock.release(isEmpty ? [] : this.#closeSlate(epoch, this.#plannedEnd(epoch)), nowMs)
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

  /**
   * A part begins where the last one ended, whatever jitter its first picture has; and one that came too late for its place
   * is shown for the moment until the next one.
   */
  #inPlace(sample: VideoSample, frameTicks = 3000): VideoSample {
    const previous = this.#video.at(-1)
    const early = sample.dts - this.#endTicks
    const isFirst = previous === undefined && this.#keyFrame !== undefined && early <= frameTicks
    const dts = isFirst ? this.#endTicks : Math.max(sample.dts, (previous?.dts ?? this.#endTicks - 1) + 1)
    return dts === sample.dts ? sample : { ...sample, dts, pts: Math.max(dts, sample.pts + dts - sample.dts) }
  }

  /** Pictures off their grid may leave a part too short for the next one to fit: its last one then lasts a little longer. */
  #longEnough({ plan, length, frameTicks = 0 }: Epoch): number {
    const shortest = this.#partStart() + Math.ceil(shortestPart * plan.targetTicks)
    const isLast = length.leftTicks(this.#segment?.ticks ?? 0, frameTicks) <= plan.targetTicks
    return isLast ? this.endTicks : Math.max(this.endTicks, shortest)
  }

  /** Closes the open part at `endTicks`, or where it was planned to end: its last picture lasts so long, with silence. */
  #stretch(epoch: Epoch, endTicks: number): CutEvent[] {
    const end = Math.min(endTicks, this.#plannedEnd(epoch))
    this.#audio.fillSilence(end)
    return this.#closePart('media', end)
  }

  #plannedEnd(epoch: Epoch): number {
    const start = this.#partStart()
    return Math.max(start + 1, Math.min(start + epoch.plan.plannedTicks, this.#partLimit(epoch)))
  }

  #partStart(): number {
    return this.#video[0]?.dts ?? this.#endTicks
  }

  /** The tick that the open part must not pass: its target, and the segment's planned end. */
  #partLimit({ plan, length, frameTicks = 0 }: Epoch): number {
    return this.#partStart() + Math.min(plan.targetTicks, length.leftTicks(this.#segment?.ticks ?? 0, frameTicks))
  }

  #keyFrameArrived(epoch: Epoch, sample: VideoSample): CutEvent[] {
    const frame = epoch.frameTicks ?? 3000
    const isExpected = epoch.length.keyFrame(sample.dts, frame)
    const segmentTicks = sample.dts - this.#partStart() + (this.#segment?.ticks ?? 0)
    epoch.reorderTicks = sample.pts - sample.dts
    this.#keyFrame = { ...sample }
    if (this.#segment === undefined && this.#video.length === 0) return []
    const staysInside = isExpected && segmentTicks + frame < epoch.length.plannedTicks
    if (staysInside || segmentTicks < shortestSegmentTicks) return []
    return [...this.#closePart('media'), ...this.#endSegment()]
  }

  #closePart(kind: 'media' | 'slate', stretchedEnd?: number): CutEvent[] {
    const epoch = this.#epoch
    const last = this.#video.at(-1)
    if (epoch === undefined || (last === undefined && this.#audio.isEmpty)) return []
    if (last === undefined && epoch.tracks.video !== undefined) return [] // audio alone waits for its picture
    const end = Math.min(stretchedEnd ?? this.endTicks, this.#partStart() + epoch.plan.targetTicks)
    if (last !== undefined) {
      last.duration = Math.max(1, end - last.dts)
    }
    return this.#addPart(epoch, kind, end)
  }

  /** What has come, up to `endTicks`, is the next part; of a gap nothing is published. */
  #addPart(epoch: Epoch, kind: CutPart['kind'], endTicks: number): CutEvent[] {
    const events: CutEvent[] = []
    const startTicks = this.#partStart()
    const waiting = this.#audio.takeUntil(endTicks)
    const isGap = kind === 'gap' || this.#video.length + waiting.length === 0
    const audio = waiting.length === 0 && !isGap ? this.#audio.standIn(endTicks) : waiting
    if (this.#segment === undefined) {
      const start = this.#numbers.next(epoch.number, startTicks)
      events.push(start)
      this.#segment = { mediaSequenceNumber: start.mediaSequenceNumber, parts: 0, ticks: 0 }
    }
    const first = this.#video[0]
    const independent = !isGap && (first === undefined || first.keyFrame)
    events.push({
      type: 'part',
      part: {
        kind: isGap ? 'gap' : kind,
        mediaSequenceNumber: this.#segment.mediaSequenceNumber,
        partIndex: this.#segment.parts,
        epoch: epoch.number,
        startTicks,
        durationTicks: endTicks - startTicks,
        presentationTicks: independent && first ? first.pts : startTicks + epoch.reorderTicks,
        independent,
        video: this.#video,
        audio: isGap ? [] : audio,
      },
    })
    this.#video = []
    this.#segment.parts += 1
    this.#segment.ticks += endTicks - startTicks
    this.#endTicks = endTicks
    if (epoch.length.isFull(this.#segment.ticks, epoch.frameTicks ?? 0, epoch.plan.plannedTicks))
      events.push(...this.#endSegment())
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
  #keepHint(epoch: Epoch, awayTicks: number): CutEvent[] {
    if (this.#segment === undefined && (awayTicks < shortestSlateSegmentTicks || this.#keyFrame === undefined))
      return []
    const { audio } = epoch.tracks
    const unitTicks = audio === undefined ? 0 : Math.ceil((audio.frameSamples * 90_000) / audio.sampleRate)
    const shortest = Math.max(shortestSlateTicks, unitTicks) // a unit of sound begins in it
    const ticks = Math.min(epoch.plan.plannedTicks, Math.max(shortest, awayTicks))
    return this.#closeSlate(epoch, this.#endTicks + ticks)
  }

  /** How long the encoder has been away, in ticks: since the last part, less what has come since. */
  #awayTicks(nowMs: number): number {
    // A part is out with its last frame's arrival: that frame's own time is not an absence.
    const seenTicks = this.endTicks - this.#partStart() + (this.#epoch?.frameTicks ?? 0)
    return Math.round((nowMs - this.#clock.lastPartMs) * 90) - seenTicks
  }

  /** The last key frame, if there is one, with silence; a gap where silence cannot be made. */
  #closeSlate(epoch: Epoch, end: number): CutEvent[] {
    const start = this.#endTicks
    if (epoch.tracks.audio !== undefined && epoch.tracks.audio.silence === undefined)
      return this.#addPart(epoch, 'gap', end)
    if (this.#keyFrame !== undefined) {
      const { pts, dts } = this.#keyFrame
      this.#video.push({ ...this.#keyFrame, dts: start, pts: start + (pts - dts), duration: end - start })
    }
    this.#audio.fillSilence(end)
    return this.#closePart('slate', end)
  }
}
