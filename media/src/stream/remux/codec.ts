/**
 * What packaging must know of a codec, and all it knows: a sequence header becomes a track, a track says how it is decoded.
 * A further codec is a name in rtmp/codecs.ts, a file beside avc.ts or aac.ts, and a line in codecs.ts.
 */

/** How an initialization segment describes a track's decoder (ISO/IEC 14496-12 8.5.2). */
export interface SampleEntry {
  /** Its four characters, e.g. `avc1`. */
  type: string
  /** The box with the decoder's configuration, e.g. `avcC`. */
  configuration: Buffer
}

/** A ratio of two whole numbers, e.g. 16 to 11 (ISO/IEC 14496-12 12.1.4, `pasp`). */
export interface PixelAspect {
  horizontal: number
  vertical: number
}

/** A video track as its sequence header describes it. */
export interface VideoConfig {
  /** The sequence header, verbatim. */
  record: Buffer
  /** RFC 6381 codec string, e.g. `avc1.64001f`. */
  codec: string
  /** The size to show, in square pixels. */
  width: number
  height: number
  /** The size of its pictures, cropping applied: another one where their pixels are not square. */
  codedWidth: number
  codedHeight: number
  /** How wide a pixel is to how high it is; undefined: square. */
  pixelAspect: PixelAspect | undefined
  /** Its pictures may be two fields of different moments. */
  interlaced: boolean
  /** Frames per second, when the stream says so. */
  frameRate: number | undefined
  /** What no browser decodes of it, e.g. `4:2:2 colours`: the caller refuses the stream. */
  unplayable: string | undefined
  sampleEntry: SampleEntry
}

/** An audio track as its sequence header describes it. */
export interface AudioConfig {
  /** The sequence header, verbatim. */
  record: Buffer
  /** RFC 6381 codec string, e.g. `mp4a.40.2`. */
  codec: string
  /** Samples per second of the core stream; also the track's timescale. */
  sampleRate: number
  channels: number
  /** Samples in one access unit, e.g. 1024. */
  frameSamples: number
  /** As of a video track. */
  unplayable?: string | undefined
  /** One access unit of silence, if one is known for this configuration. */
  silence: Buffer | undefined
  sampleEntry: SampleEntry
}

/** Reads a codec's sequence header. @returns undefined if it cannot be read: the caller refuses the stream. */
export type ConfigReader<Config> = (record: Buffer) => Config | undefined
