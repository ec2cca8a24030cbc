/**
 * The codecs that encoders announce: by number in FLV tags, by FourCC in Enhanced RTMP. One list for whoever lets encoders
 * in and whoever packages what they send; what is packaged has its packager in stream/remux/codecs.ts.
 *
 * @see Adobe's FLV and F4V file format specification 10.1, E.4.2.1 and E.4.3.1; Enhanced RTMP v2, "ExVideoTagHeader"
 */

/** A codec this platform packages, as people call it. */
export type PackagedCodec = 'H.264' | 'AAC'

/** A codec's name; those that are not packaged are known to be refused by name. */
export interface Codec {
  readonly name: string
  readonly packaged: PackagedCodec | undefined
}

const videoNames: Readonly<Record<number, string>> = {
  2: 'Sorenson H.263',
  3: 'Screen Video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen Video 2',
  7: 'H.264',
  12: 'HEVC (vendor-specific)',
}
const audioNames: Readonly<Record<number, string>> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  10: 'AAC',
  11: 'Speex',
  14: 'MP3 8 kHz',
}
const videoFourCcs: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  hvc1: 'HEVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
}
const audioFourCcs: Readonly<Record<string, string>> = {
  mp4a: 'AAC',
  Opus: 'Opus',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  '.mp3': 'MP3',
}

const videoCodecs = Array.from({ length: 16 }, (_, id) => codec(videoNames[id] ?? `video codec ${id}`))
const audioCodecs = Array.from({ length: 16 }, (_, id) => codec(audioNames[id] ?? `audio codec ${id}`))
const enhancedVideoCodecs = byFourCc(videoFourCcs)
const enhancedAudioCodecs = byFourCc(audioFourCcs)

/** By the four bits of a video tag. */
export function videoCodec(id: number): Codec {
  return videoCodecs[id] ?? codec(`video codec ${id}`)
}

/** By the four bits of an audio tag. */
export function audioCodec(id: number): Codec {
  return audioCodecs[id] ?? codec(`audio codec ${id}`)
}

/** By the FourCC of an Enhanced RTMP video tag. */
export function enhancedVideoCodec(fourCc: string): Codec {
  return enhancedVideoCodecs.get(fourCc) ?? unknown(fourCc)
}

/** By the FourCC of an Enhanced RTMP audio tag. */
export function enhancedAudioCodec(fourCc: string): Codec {
  return enhancedAudioCodecs.get(fourCc) ?? unknown(fourCc)
}

function byFourCc(names: Readonly<Record<string, string>>): ReadonlyMap<string, Codec> {
  return new Map(Object.entries(names).map(([fourCc, name]) => [fourCc, codec(name)]))
}

/** The name goes into a status message: letters and digits only. */
function unknown(fourCc: string): Codec {
  return codec(/^[\w.-]{4}$/.test(fourCc) ? `Enhanced RTMP's codec ${fourCc}` : 'an unknown Enhanced RTMP codec')
}

function codec(name: string): Codec {
  return Object.freeze({ name, packaged: name === 'H.264' || name === 'AAC' ? name : undefined })
}
