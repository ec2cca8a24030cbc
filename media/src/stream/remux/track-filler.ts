/**
 * Keeps an epoch's tracks whole: where the pictures or the sound do not come, the last picture and silence take their place.
 *
 * - Sound without pictures: pictures are held by the sound's clock, once it has passed the next one by more than it usually does.
 * - Pictures without sound: silence, once nothing was heard for half a second of pictures.
 * - Nothing at all: `hold` makes both, by whoever's clock calls it. What comes afterwards was late, not lost: it goes behind
 *   what was held, both tracks by the same amount, and so does all that follows (late-media.ts).
 *
 * A held picture leaves a decoder as it was, so nothing that comes is thrown away (held-picture.ts). Pure: no clock of its own.
 */
import type { Tracks } from './boxes.ts'
import type { AudioSample, VideoSample } from './fragment.ts'
import { Gop, preroll } from './gop.ts'
import { HeldPictures } from './held-picture.ts'
import { LateMedia } from './late-media.ts'

/** What goes to the packager, in order. `frameTicks`: when the next picture is expected, if that is known. */
export type FilledSample =
  | { type: 'video'; sample: VideoSample; frameTicks: number | undefined; kind: 'picture' | 'held' | 'preroll' }
  | { type: 'audio'; sample: AudioSample }

/** Pictures are held at the stream's own rate, and at 10 a second where it is slower: a part must begin with one. */
const longestStepTicks = 9000
const usualStepTicks = 3000
/** Beyond what pictures usually lag behind the sound; and that is never taken for more than a second. */
const patienceTicks = 9000
const longestLagTicks = 90_000
/** How fast a lag is forgotten: by half in 70 pictures. */
const lagMemory = 0.99
/** Sound that lags the pictures by more than half a second, and of which nothing comes, is missing: a muted microphone. */
const missingTicks = 45_000
/** What came of it is on its way, behind the pictures that waited for it. */
const firstUnitTicks = 450_000
/** Whoever joins while pictures are held finds a picture to begin with no further back than this. */
const farEntryTicks = 540_000
/** ... unless that is dearer than two seconds of most streams. */
const dearestEntry = { pictures: 600, bytes: 4 * 1024 * 1024 }

export interface TrackFillerOptions {
  tracks: Tracks
  /** Where the epoch begins on the timeline. */
  startTicks: number
  /** False: this publisher has no sound (yet). */
  hasSound: boolean
  /** Of the epoch before, whose times go on: what stalls cost is bounded over both. */
  late?: LateMedia | undefined
}

export class TrackFiller {
  readonly #tracks: Tracks
  readonly #held: HeldPictures | undefined
  /** Where what was late goes; an epoch that continues this one has it, too. */
  readonly late: LateMedia
  readonly #gop = new Gop()
  #stepTicks: number | undefined
  #last: VideoSample | undefined
  #entryAt = 0 // ticks: where players can begin
  #reorderTicks = 0 // from decoding a key frame to showing it
  #latestPts = 0
  #videoEnd: number // ticks: where the next picture is expected
  #audioEnd: number // samples
  #lagTicks = 0 // of the pictures behind the sound
  #hasHeard = false
  #heardAt: number // ticks: where the pictures were when sound last came
  #isSilent: boolean
  /** Where both tracks were when nothing came any more. */
  #stalled: { video: number; audio: number } | undefined

  constructor({ tracks, startTicks, hasSound, late = new LateMedia() }: TrackFillerOptions) {
    this.#tracks = tracks
    this.#held = tracks.video && new HeldPictures(tracks.video)
    this.late = late
    this.#videoEnd = startTicks
    this.#audioEnd = this.#samplesOf(startTicks)
    this.#heardAt = startTicks + (hasSound ? firstUnitTicks : 0)
    this.#isSilent = !hasSound
  }

  /** How far samples are behind their own times. */
  get shiftTicks(): number {
    return this.late.shiftTicks
  }

  /** Whether both tracks can go on without the encoder. */
  get canHold(): boolean {
    const { audio } = this.#tracks
    return this.canHoldPictures && (audio === undefined || audio.silence !== undefined)
  }

  /** Whether sound alone makes parts: there are no pictures, or the last can be repeated. */
  get canHoldPictures(): boolean {
    return this.#tracks.video === undefined || this.#held?.canRepeat === true
  }

  /** Takes the encoder's next picture, in decode order. */
  video(source: VideoSample, frameTicks: number | undefined): FilledSample[] {
    const out = this.#resumed('video', source.dts)
    this.#stepTicks = frameTicks === undefined ? undefined : Math.min(frameTicks, longestStepTicks)
    const sample = { ...source, dts: this.late.place(source.dts), pts: this.late.place(source.pts) }
    if (this.#tracks.audio !== undefined && !this.#isSilent) {
      const lag = Math.min(longestLagTicks, this.#ticksOf(this.#audioEnd) - sample.dts)
      this.#lagTicks = Math.max(lag, this.#lagTicks * lagMemory)
    }
    out.push(...this.#holdPictures(sample.dts - this.#step / 2))
    this.#decoded(sample)
    this.#took(sample)
    out.push({ type: 'video', sample, frameTicks: this.#stepTicks, kind: 'picture' })
    out.push(...this.#fillSilence(sample.dts))
    return out
  }

  /** Takes the encoder's next unit of sound. */
  audio(source: AudioSample): FilledSample[] {
    const { audio } = this.#tracks
    if (audio === undefined) return []
    const ticks = this.#ticksOf(source.time)
    const out = this.#resumed('audio', ticks)
    if (this.late.isPassed(ticks)) return out
    this.#heardAt = this.#videoEnd
    this.#isSilent = false
    const sample = { ...source, time: source.time + this.#samplesOf(this.late.shiftTicks) }
    const missing = sample.time - this.#audioEnd
    if (missing <= -source.duration / 2) return out // its time has been filled with silence
    if (missing >= source.duration) out.push(...this.#silence(sample.time - source.duration / 2))
    if (Math.abs(sample.time - this.#audioEnd) < source.duration) sample.time = this.#audioEnd // no hole of rounding
    this.#audioEnd = sample.time + sample.duration
    out.push({ type: 'audio', sample })
    if (!this.#hasHeard) this.#lagTicks = Math.min(longestLagTicks, this.#ticksOf(this.#audioEnd) - this.#videoEnd)
    this.#hasHeard = true
    const patience = Math.max(0, this.#lagTicks) + patienceTicks
    if (this.#last !== undefined) out.push(...this.#holdPictures(this.#ticksOf(this.#audioEnd) - patience))
    return out
  }

  /** The epoch begins with pictures that are known already, a key frame first: nobody sees any but the last. */
  begin(pictures: readonly VideoSample[]): FilledSample[] {
    const out: FilledSample[] = []
    for (const sample of preroll(pictures, this.#videoEnd)) {
      this.#decoded(sample)
      this.#last = sample
      this.#latestPts = Math.max(this.#latestPts, sample.pts)
      out.push({ type: 'video', sample, frameTicks: this.#step, kind: 'preroll' })
    }
    this.#videoEnd += this.#last === undefined ? 0 : this.#step
    return out
  }

  /** Nothing comes: both tracks go on to `untilTicks` at least. */
  hold(untilTicks: number): FilledSample[] {
    this.#stalled ??= { video: this.#videoEnd, audio: this.#audioEnd }
    const pictures = this.#holdPictures(untilTicks - 1)
    return [...this.#silence(this.#samplesOf(untilTicks)), ...pictures]
  }

  /**
   * What players that join now are given before a held picture: the pictures since the last key frame, at once. To a decoder
   * that had them they change nothing.
   *
   * @param held the picture that is about to be packaged, as the first of a segment.
   * @returns none where they can begin near enough, or where that is too dear.
   */
  entry(held: VideoSample): VideoSample[] {
    const { pictures, bytes } = this.#gop
    const isDear = pictures.length > dearestEntry.pictures || bytes > dearestEntry.bytes
    if (isDear || held.dts - this.#entryAt < farEntryTicks) return []
    if (pictures.length > 0) this.#entryAt = held.dts
    return preroll(pictures, held.dts, held.pts)
  }

  /** Where nothing came for a while: what comes now was late, if its place is taken. `own`: its time as it came. */
  #resumed(track: 'audio' | 'video', own: number): FilledSample[] {
    const stalled = this.#stalled
    this.#stalled = undefined
    const { audio, video } = this.#tracks
    const ticks = this.late.place(own)
    if (stalled === undefined || ticks >= (track === 'video' ? this.#videoEnd : this.#ticksOf(this.#audioEnd)))
      return []
    const pictureAt = track === 'video' ? Math.min(ticks, stalled.video) : stalled.video
    const lateTicks = video === undefined ? 0 : this.#videoEnd - pictureAt
    const from = (video === undefined ? this.#ticksOf(stalled.audio) : pictureAt) - this.late.shiftTicks
    const now = { from, nowTicks: Math.max(this.#videoEnd, this.#ticksOf(this.#audioEnd)), stepTicks: this.#step }
    if (audio === undefined || this.#isSilent) {
      this.late.moved(Math.max(0, lateTicks), now)
      return []
    }
    // Units of sound follow one another without a hole, and the pictures keep to them.
    const out = this.#silence(stalled.audio + this.#samplesOf(lateTicks))
    this.late.moved(this.#ticksOf(this.#audioEnd - stalled.audio), now)
    return out
  }

  /** Pictures from the last one's end on, as long as they begin before `beforeTicks`. */
  #holdPictures(beforeTicks: number): FilledSample[] {
    const out: FilledSample[] = []
    while (this.#last !== undefined && this.#videoEnd < beforeTicks) {
      const data = this.#held?.next()
      if (data === undefined) return out
      // No further behind its decoding than a key frame, for the next one must find its place free; a tick beside all others'.
      const pts = Math.max(this.#videoEnd + this.#reorderTicks, this.#latestPts) + 1
      const sample = { dts: this.#videoEnd, pts, duration: this.#step, keyFrame: false, data }
      this.#took(sample)
      out.push({ type: 'video', sample, frameTicks: this.#step, kind: 'held' })
    }
    return out
  }

  #decoded(sample: VideoSample): void {
    this.#held?.saw(sample.data)
    this.#gop.add(sample)
    if (!sample.keyFrame) return
    this.#entryAt = sample.dts
    this.#reorderTicks = sample.pts - sample.dts
  }

  #took(sample: VideoSample): void {
    this.#last = sample
    this.#latestPts = Math.max(this.#latestPts, sample.pts)
    this.#videoEnd = Math.max(this.#videoEnd, sample.dts + this.#step) // a late one is no reason to hold it again
  }

  /** Pictures have come to `ticks`: makes up for sound that does not. Sound that comes, however late, is left its place. */
  #fillSilence(ticks: number): FilledSample[] {
    if (this.#tracks.audio === undefined) return []
    const isFar = ticks - Math.max(this.#heardAt, this.#ticksOf(this.#audioEnd)) > missingTicks
    if (isFar) this.#isSilent = true
    return this.#isSilent ? this.#silence(this.#samplesOf(ticks + this.#step)) : []
  }

  /** Silent units from where the sound ends up to `samples`. */
  #silence(samples: number): FilledSample[] {
    const { silence, frameSamples } = this.#tracks.audio ?? {}
    const out: FilledSample[] = []
    if (silence === undefined || frameSamples === undefined) return out
    while (this.#audioEnd < samples) {
      out.push({ type: 'audio', sample: { time: this.#audioEnd, duration: frameSamples, data: silence } })
      this.#audioEnd += frameSamples
    }
    return out
  }

  get #step(): number {
    return this.#stepTicks ?? usualStepTicks
  }

  #samplesOf(ticks: number): number {
    return Math.round((ticks * (this.#tracks.audio?.sampleRate ?? 90_000)) / 90_000)
  }

  #ticksOf(samples: number): number {
    return Math.round((samples * 90_000) / (this.#tracks.audio?.sampleRate ?? 90_000))
  }
}
