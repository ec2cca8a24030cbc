/** Reads what an FLV tag's first bytes say of its codec and its place in the stream; the payload stays untouched. */
import type { MediaMessage } from './media-message.ts'

/** `header`: what a decoder needs first; `key`: a frame to start at; `frame`: any other; `end`: end of sequence; `other`: nothing to play. */
export type TagRole = 'header' | 'key' | 'frame' | 'end' | 'other'

export interface FlvTag {
  readonly codec: string // as people call it: "H.264", "AAC", "HEVC" …
  readonly supported: boolean // this platform packages it
  readonly role: TagRole
}

const videoCodecs: Readonly<Record<number, string>> = Object.freeze({
  2: 'Sorenson H.263',
  3: 'Screen Video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen Video 2',
  7: 'H.264',
  12: 'HEVC (vendor-specific)',
})
const audioCodecs: Readonly<Record<number, string>> = Object.freeze({
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
})
const fourCcNames: Readonly<Record<string, string>> = Object.freeze({
  avc1: 'H.264 (Enhanced RTMP)',
  hvc1: 'HEVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  Opus: 'Opus',
  mp4a: 'AAC (Enhanced RTMP)',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  '.mp3': 'MP3',
})
const keyFrame = 1
const videoCommandFrame = 5

/**
 * Reads one media message's tag header; metadata and empty bodies are `other`.
 *
 * Only H.264 and AAC in the classic layout are `supported`; Enhanced RTMP's codecs are recognised and named.
 * @see FLV and F4V file format specification 10.1, E.4.2.1 and E.4.3.1; Enhanced RTMP v2, "ExVideoTagHeader"
 */
export function readFlvTag(message: MediaMessage): FlvTag {
  const [first, second] = message.body
  if (message.type === 'metadata' || first === undefined) return { codec: '', supported: true, role: 'other' }
  return message.type === 'video' ? videoTag(message.body, first, second) : audioTag(message.body, first, second)
}

function videoTag(body: Buffer, first: number, packetType: number | undefined): FlvTag {
  const frameType = (first >> 4) & 0x07
  if ((first & 0x80) !== 0) return enhancedTag(body, (first & 0x0f) === 0)
  const codec = videoCodecs[first & 0x0f] ?? `video codec ${first & 0x0f}`
  if ((first & 0x0f) !== 7) return { codec, supported: false, role: 'other' }
  if (frameType === videoCommandFrame || packetType === undefined) return { codec, supported: true, role: 'other' }
  if (packetType === 0) return { codec, supported: true, role: 'header' }
  if (packetType === 2) return { codec, supported: true, role: 'end' }
  return { codec, supported: true, role: frameType === keyFrame ? 'key' : 'frame' }
}

function audioTag(body: Buffer, first: number, packetType: number | undefined): FlvTag {
  const format = first >> 4
  if (format === 9) return enhancedTag(body, (first & 0x0f) === 0)
  const codec = audioCodecs[format] ?? `audio codec ${format}`
  if (format !== 10) return { codec, supported: false, role: 'other' }
  if (packetType === undefined) return { codec, supported: true, role: 'other' }
  return { codec, supported: true, role: packetType === 0 ? 'header' : 'frame' }
}

function enhancedTag(body: Buffer, isHeader: boolean): FlvTag {
  const fourCc = body.toString('latin1', 1, 5)
  const known = Object.hasOwn(fourCcNames, fourCc) ? fourCcNames[fourCc] : undefined
  return { codec: known ?? 'an unknown Enhanced RTMP codec', supported: false, role: isHeader ? 'header' : 'other' }
}
