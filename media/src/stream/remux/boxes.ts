/** ISO base media boxes of an initialization segment (ISO/IEC 14496-12, -14, -15; CMAF, ISO/IEC 23000-19). */
import type { AudioConfig, VideoConfig } from './codec.ts'

/** Ticks per second of every video track and of the packager's own timeline. */
export const videoTimescale = 90_000

/** Track ids: one fragment carries both tracks. */
export const trackIds = Object.freeze({ video: 1, audio: 2 })

/** What an initialization segment describes; at least one of the two. */
export interface Tracks {
  video?: VideoConfig
  audio?: AudioConfig
}

/** Builds a box of `type` around its payload. */
export function box(type: string, ...payload: Uint8Array[]): Buffer {
  const length = payload.reduce((sum, bytes) => sum + bytes.length, 8)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(length, 0)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...payload], length)
}

/** Builds the initialization segment: ftyp and a moov without samples. */
export function initSegment(tracks: Tracks): Buffer {
  const traks: Buffer[] = []
  const extensions: Buffer[] = []
  if (tracks.video) {
    traks.push(videoTrack(tracks.video))
    extensions.push(trackExtends(trackIds.video))
  }
  if (tracks.audio) {
    traks.push(audioTrack(tracks.audio))
    extensions.push(trackExtends(trackIds.audio))
  }
  const fileType = box('ftyp', ascii('iso6'), uint32(0), ascii('iso6'), ascii('cmfc'), ascii('mp41'))
  return Buffer.concat([fileType, box('moov', movieHeader(), ...traks, box('mvex', ...extensions))])
}

const identityMatrix = Buffer.concat([0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].map((value) => uint32(value)))

function movieHeader(): Buffer {
  return fullBox(
    'mvhd',
    0,
    0,
    zeros(8),
    uint32(1000),
    uint32(0),
    uint32(0x1_0000),
    uint16(0x100),
    zeros(10),
    identityMatrix,
    zeros(24),
    uint32(3),
  )
}

function trackExtends(trackId: number): Buffer {
  return fullBox('trex', 0, 0, uint32(trackId), uint32(1), uint32(0), uint32(0), uint32(0))
}

function videoTrack({ width, height, codedWidth, codedHeight, pixelAspect, sampleEntry }: VideoConfig): Buffer {
  const entry = box(
    sampleEntry.type,
    zeros(6),
    uint16(1),
    zeros(16),
    uint16(codedWidth),
    uint16(codedHeight),
    uint32(0x48_0000), // 72 dpi
    uint32(0x48_0000),
    zeros(4),
    uint16(1), // frame count per sample
    zeros(32),
    uint16(24),
    uint16(0xff_ff),
    sampleEntry.configuration,
    ...(pixelAspect ? [box('pasp', uint32(pixelAspect.horizontal), uint32(pixelAspect.vertical))] : []),
  )
  return track({ trackId: trackIds.video, timescale: videoTimescale, handler: 'vide', width, height, entry })
}

function audioTrack(config: AudioConfig): Buffer {
  const entry = box(
    config.sampleEntry.type,
    zeros(6),
    uint16(1),
    zeros(8),
    uint16(config.channels),
    uint16(16),
    zeros(4),
    uint16(Math.min(config.sampleRate, 0xff_ff)),
    uint16(0),
    config.sampleEntry.configuration,
  )
  return track({ trackId: trackIds.audio, timescale: config.sampleRate, handler: 'soun', width: 0, height: 0, entry })
}

/** esds: ES_Descriptor > DecoderConfigDescriptor > AudioSpecificConfig (ISO/IEC 14496-1 7.2.6). */
export function elementaryStreamDescriptor(config: Buffer): Buffer {
  const specific = descriptor(5, config)
  const decoder = descriptor(4, Buffer.from([0x40, 0x15]), zeros(3), zeros(8), specific)
  return fullBox('esds', 0, 0, descriptor(3, uint16(0), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2]))))
}

function descriptor(tag: number, ...payload: Uint8Array[]): Buffer {
  const body = Buffer.concat(payload)
  const length = [(body.length >> 21) | 0x80, (body.length >> 14) | 0x80, (body.length >> 7) | 0x80, body.length & 0x7f]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

interface TrackInput {
  trackId: number
  timescale: number
  handler: 'vide' | 'soun'
  width: number
  height: number
  entry: Buffer
}

function track({ trackId, timescale, handler, width, height, entry }: TrackInput): Buffer {
  const isVideo = handler === 'vide'
  const header = fullBox(
    'tkhd',
    0,
    3, // enabled, in movie
    zeros(8),
    uint32(trackId),
    zeros(4),
    uint32(0),
    zeros(8),
    uint16(0),
    uint16(isVideo ? 0 : 1), // alternate group
    uint16(isVideo ? 0 : 0x100), // volume
    zeros(2),
    identityMatrix,
    uint32(width * 0x1_0000),
    uint32(height * 0x1_0000),
  )
  const undetermined = uint16(0x55_c4) // language "und"
  const mediaHeader = fullBox('mdhd', 0, 0, zeros(8), uint32(timescale), uint32(0), undetermined, zeros(2))
  const name = Buffer.from(isVideo ? 'video\0' : 'audio\0', 'latin1')
  const handlerBox = fullBox('hdlr', 0, 0, zeros(4), ascii(handler), zeros(12), name)
  const typeHeader = isVideo ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4))
  const dataInformation = box('dinf', fullBox('dref', 0, 0, uint32(1), fullBox('url ', 0, 1)))
  const sampleTable = box(
    'stbl',
    fullBox('stsd', 0, 0, uint32(1), entry),
    fullBox('stts', 0, 0, uint32(0)),
    fullBox('stsc', 0, 0, uint32(0)),
    fullBox('stsz', 0, 0, uint32(0), uint32(0)),
    fullBox('stco', 0, 0, uint32(0)),
  )
  return box(
    'trak',
    header,
    box('mdia', mediaHeader, handlerBox, box('minf', typeHeader, dataInformation, sampleTable)),
  )
}

function fullBox(type: string, version: number, flags: number, ...payload: Uint8Array[]): Buffer {
  return box(type, uint32(version * 0x100_0000 + flags), ...payload)
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length)
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
