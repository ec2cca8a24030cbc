/** H.264 parameter sets: what the playlist and the sample entry must say about a video track. */
import { BitReader, unescapeNalUnit } from './bit-reader.ts'
import { box } from './boxes.ts'
import type { PixelAspect, VideoConfig } from './codec.ts'

/** Profiles whose SPS carries chroma and scaling fields (ITU-T H.264 7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** aspect_ratio_idc from 1 on (ITU-T H.264 table E-1). */
const pixelAspects: readonly (readonly [number, number])[] = [
  ...([
    [1, 1],
    [12, 11],
    [10, 11],
    [16, 11],
    [40, 33],
    [24, 11],
    [20, 11],
    [32, 11],
    [80, 33],
  ] as const),
  ...([
    [18, 11],
    [15, 11],
    [64, 33],
    [160, 99],
    [4, 3],
    [3, 2],
    [2, 1],
  ] as const),
]
const extendedAspect = 255
/** Wider or narrower pixels than this come from a broken encoder, not from a format. */
const widestPixel = 4
const longestSide = 16_384

/** What a sequence parameter set says of a video track. */
export type SpsFacts = Omit<VideoConfig, 'record' | 'codec' | 'sampleEntry'>

/**
 * Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1).
 *
 * @returns undefined if the record is truncated or carries no readable SPS: the caller refuses the stream.
 */
export function parseAvcConfig(record: Buffer): VideoConfig | undefined {
  if (record.length < 8 || record[0] !== 1) return undefined
  const spsCount = (record[5] ?? 0) & 0x1f
  const spsLength = record.readUInt16BE(6)
  if (spsCount < 1 || record.length < 8 + spsLength || spsLength < 4) return undefined
  const sps = parseSps(record.subarray(8, 8 + spsLength))
  if (sps === undefined) return undefined
  const codec = `avc1.${record.subarray(1, 4).toString('hex')}`
  const sampleEntry = { type: 'avc1', configuration: box('avcC', record) }
  return { record: Buffer.from(record), codec, ...sps, sampleEntry }
}

/** Reads sizes, shape of pixels, frame rate and scan from a sequence parameter set (NAL unit with its header byte). */
export function parseSps(nal: Uint8Array): SpsFacts | undefined {
  const reader = new BitReader(unescapeNalUnit(nal))
  reader.skip(8)
  const profile = reader.bits(8)
  reader.skip(16) // constraint flags, level
  reader.unsignedGolomb() // seq_parameter_set_id
  let chromaFormat = 1
  let deeperBits = 0
  if (highProfiles.has(profile)) {
    chromaFormat = reader.unsignedGolomb()
    if (chromaFormat === 3) reader.skip(1)
    deeperBits = Math.max(reader.unsignedGolomb(), reader.unsignedGolomb()) // than 8: of luma and of chroma
    reader.skip(1)
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8)
  }
  reader.unsignedGolomb() // log2_max_frame_num_minus4
  const orderCountType = reader.unsignedGolomb()
  if (orderCountType === 0) reader.unsignedGolomb()
  else if (orderCountType === 1) skipOrderCountCycle(reader)
  reader.unsignedGolomb() // max_num_ref_frames
  reader.skip(1)
  const widthMacroblocks = reader.unsignedGolomb() + 1
  const heightMapUnits = reader.unsignedGolomb() + 1
  const framesOnly = reader.flag()
  if (!framesOnly) reader.skip(1)
  reader.skip(1) // direct_8x8_inference_flag
  const crop = reader.flag() ? [0, 0, 0, 0].map(() => reader.unsignedGolomb()) : [0, 0, 0, 0]
  const { aspect, frameRate } = reader.flag() ? readUsability(reader) : {}
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1
  const cropY = (chromaFormat === 1 ? 2 : 1) * (framesOnly ? 1 : 2)
  const codedWidth = widthMacroblocks * 16 - (left + right) * cropX
  const codedHeight = heightMapUnits * 16 * (framesOnly ? 1 : 2) - (top + bottom) * cropY
  if (codedWidth <= 0 || codedHeight <= 0 || codedWidth > longestSide || codedHeight > longestSide) return undefined
  const pixelAspect = reader.exhausted ? undefined : aspect
  const shown = pixelAspect ? Math.round((codedWidth * pixelAspect.horizontal) / pixelAspect.vertical) : codedWidth
  const isTooWide = shown > longestSide
  return {
    width: isTooWide ? codedWidth : shown,
    height: codedHeight,
    codedWidth,
    codedHeight,
    pixelAspect: isTooWide ? undefined : pixelAspect,
    interlaced: !framesOnly,
    frameRate: reader.exhausted ? undefined : frameRate,
    unplayable: unplayable(chromaFormat, deeperBits),
  }
}

/** Browsers decode 8 bits and 4:2:0 (or no colours at all), whatever profile says so. */
function unplayable(chromaFormat: number, deeperBits: number): string | undefined {
  if (deeperBits > 0 && deeperBits <= 6) return `${8 + deeperBits} bits a sample`
  if (chromaFormat === 2) return '4:2:2 colours'
  return chromaFormat === 3 ? '4:4:4 colours' : undefined
}

/** Reads past a parameter set's scaling lists (ITU-T H.264 7.3.2.1.1.1). */
export function skipScalingLists(reader: BitReader, count: number): void {
  for (let list = 0; list < count; list += 1) {
    if (!reader.flag()) continue
    let last = 8
    let next = 8
    for (let index = 0; index < (list < 6 ? 16 : 64); index += 1) {
      if (next !== 0) next = (last + reader.signedGolomb() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

function skipOrderCountCycle(reader: BitReader): void {
  reader.skip(1)
  reader.signedGolomb()
  reader.signedGolomb()
  const cycle = Math.min(reader.unsignedGolomb(), 255)
  for (let index = 0; index < cycle; index += 1) reader.signedGolomb()
}

/** VUI parameters up to timing_info (ITU-T H.264 E.1.1). */
function readUsability(reader: BitReader): { aspect: PixelAspect | undefined; frameRate: number | undefined } {
  const aspect = reader.flag() ? readPixelAspect(reader) : undefined
  if (reader.flag()) reader.skip(1) // overscan
  if (reader.flag()) {
    reader.skip(4) // video_format, video_full_range_flag
    if (reader.flag()) reader.skip(24)
  }
  if (reader.flag()) {
    reader.unsignedGolomb()
    reader.unsignedGolomb()
  }
  if (!reader.flag()) return { aspect, frameRate: undefined }
  const unitsInTick = reader.bits(32)
  const timeScale = reader.bits(32)
  if (unitsInTick === 0 || timeScale === 0) return { aspect, frameRate: undefined }
  return { aspect, frameRate: timeScale / unitsInTick / 2 }
}

/** @returns undefined for square pixels, and for those that nobody told the shape of. */
function readPixelAspect(reader: BitReader): PixelAspect | undefined {
  const index = reader.bits(8)
  const [horizontal, vertical] =
    index === extendedAspect ? [reader.bits(16), reader.bits(16)] : (pixelAspects[index - 1] ?? [0, 0])
  if (horizontal === 0 || vertical === 0 || horizontal === vertical) return undefined
  const isBelievable = horizontal <= widestPixel * vertical && vertical <= widestPixel * horizontal
  return isBelievable ? { horizontal, vertical } : undefined
}
