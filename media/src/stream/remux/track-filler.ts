/**
 * Keeps an epoch's tracks whole: where the pictures or the sound do not come, the last picture and silence take their place.
 *
 * - Sound without pictures: pictures are held by the sound's clock, once it has passed the next one by more than it usually does.
 * - Pictures without sound: silence, once nothing was heard for half a second of pictures.
 * - Nothing at all: `hold` makes both, by whoever's clock calls it. What comes afterwards was late, not lost: it goes behind
 *   what was held, both tracks by the same amount, and so does all that follows.
 *
 * A held picture leaves a decoder as it was, so nothing that comes is thrown away (held-picture.ts). Pure: no clock of its own.
 */
import type { Tracks } from './boxes.ts'
import type { AudioSample, VideoSample } from './fragment.ts'
import { preroll } from './gop.ts'
import { HeldPictures } from './held-picture.ts'

/** What goes to the packager, in order. `frameTicks`: when the next picture is expected, if that is known. */
export type FilledSample =
  | { type: 'video'; sample: VideoSample; frameTicks: number | undefined; isPreroll: boolean }
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

export interface TrackFillerOptions {
  tracks: Tracks
  /** Where the epoch begins on the timeline. */
  startTicks: number
  /** How far samples are behind their own times already. */
  shiftTicks?: number
  /** False: this publisher has no sound (yet). */
  hasSound: boolean
}

export class TrackFiller {
  readonly #tracks: Tracks
  readonly #held: HeldPictures | undefined
  #shiftTicks: number
  #shiftSamples: number
  #stepTicks: number | undefined
  #last: VideoSample | undefined
  #latestPts = 0
  #videoEnd: number // ticks: where the next picture is expected
  #audioEnd: number // samples
  #lagTicks = 0
  #heardAt: number // ticks: where the pictures were when sound last came
  #isSilent: boolean
  /** Where both tracks were when nothing came any more. */
  #stalled: { video: number; audio: number } | undefined

  constructor({ tracks, startTicks, shiftTicks = 0, hasSound }: TrackFillerOptions) {
    this.#tracks = tracks
    this.#held = tracks.video && new HeldPictures(tracks.video)
    this.#shiftTicks = shiftTicks
    this.#shiftSamples = this.#samplesOf(shiftTicks)
    this.#videoEnd = startTicks
    this.#audioEnd = this.#samplesOf(startTicks)
    this.#heardAt = startTicks
    this.#isSilent = !hasSound
  }

  /** How far samples are behind their own times. */
  get shiftTicks(): number {
    return this.#shiftTicks
  }

  /** Whether both tracks can go on without the encoder. */
  get canHold(): boolean {
    const { video, audio } = this.#tracks
    return (
      (video === undefined || this.#heldData() !== undefined) && (audio === undefined || audio.silence !== undefined)
    )
  }

  /** Takes the encoder's next picture, in decode order. */
  video(source: VideoSample, frameTicks: number | undefined): FilledSample[] {
    const out = this.#resumed('video', source.dts + this.#shiftTicks)
    this.#stepTicks = frameTicks === undefined ? undefined : Math.min(frameTicks, longestStepTicks)
    const sample = { ...source, dts: source.dts + this.#shiftTicks, pts: source.pts + this.#shiftTicks }
    if (this.#tracks.audio !== undefined && !this.#isSilent) {
      const lag = Math.min(longestLagTicks, this.#ticksOf(this.#audioEnd) - sample.dts)
      this.#lagTicks = Math.max(lag, this.#lagTicks * lagMemory)
    }
    out.push(...this.#holdPictures(sample.dts - this.#step / 2))
    this.#held?.saw(sample.data)
    this.#took(sample)
    out.push({ type: 'video', sample, frameTicks: this.#stepTicks, isPreroll: false })
    out.push(...this.#fillSilence(sample.dts))
    return out
  }

  /** Takes the encoder's next unit of sound. */
  audio(source: AudioSample): FilledSample[] {
    const { audio } = this.#tracks
    if (audio === undefined) return []
    const out = this.#resumed('audio', this.#ticksOf(source.time + this.#shiftSamples))
    this.#heardAt = this.#videoEnd
    this.#isSilent = false
    const sample = { ...source, time: source.time + this.#shiftSamples }
    const missing = sample.time - this.#audioEnd
    if (missing <= -source.duration / 2) return out // its time has been filled with silence
    if (missing >= source.duration) out.push(...this.#silence(sample.time - source.duration / 2))
    if (Math.abs(sample.time - this.#audioEnd) < source.duration) sample.time = this.#audioEnd // no hole of rounding
    this.#audioEnd = sample.time + sample.duration
    out.push({ type: 'audio', sample })
    const patience = this.#lagTicks + patienceTicks
    if (this.#last !== undefined) out.push(...this.#holdPictures(this.#ticksOf(this.#audioEnd) - patience))
    return out
  }

  /** The epoch begins with pictures that are known already, a key frame first: nobody sees any but the last. */
  begin(pictures: readonly VideoSample[]): FilledSample[] {
    const out: FilledSample[] = []
    for (const sample of preroll(pictures, this.#videoEnd)) {
      this.#held?.saw(sample.data)
      this.#last = sample
      this.#latestPts = Math.max(this.#latestPts, sample.pts)
      out.push({ type: 'video', sample, frameTicks: this.#step, isPreroll: true })
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

  /** Where nothing came for a while: what comes now was late, if its place is taken. */
  #resumed(track: 'audio' | 'video', ticks: number): FilledSample[] {
    const stalled = this.#stalled
    this.#stalled = undefined
    const { audio } = this.#tracks
    if (stalled === undefined || ticks >= (track === 'video' ? this.#videoEnd : this.#ticksOf(this.#audioEnd)))
      return []
    const pictureAt = track === 'video' ? Math.min(ticks, stalled.video) : stalled.video
    const lateTicks = this.#tracks.video === undefined ? 0 : this.#videoEnd - pictureAt
    if (audio === undefined || this.#isSilent) {
      this.#shiftTicks += Math.max(0, lateTicks)
      this.#shiftSamples = this.#samplesOf(this.#shiftTicks)
      return []
    }
    // Units of sound follow one another without a hole, and the pictures keep to them.
    const out = this.#silence(stalled.audio + this.#samplesOf(lateTicks))
    this.#shiftSamples += this.#audioEnd - stalled.audio
    this.#shiftTicks = this.#ticksOf(this.#shiftSamples)
    return out
  }

  /** Pictures from the last one's end on, as long as they begin before `beforeTicks`. */
  #holdPictures(beforeTicks: number): FilledSample[] {
    const out: FilledSample[] = []
    while (this.#last !== undefined && this.#videoEnd < beforeTicks) {
      const data = this.#heldData()
      if (data === undefined) return out
      const pts = Math.max(this.#videoEnd + this.#last.pts - this.#last.dts, this.#latestPts + 1)
      const sample = { dts: this.#videoEnd, pts, duration: this.#step, keyFrame: false, data }
      this.#took(sample)
      out.push({ type: 'video', sample, frameTicks: this.#step, isPreroll: false })
    }
    return out
  }

  #heldData(): Buffer | undefined {
    return this.#held?.next()
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
