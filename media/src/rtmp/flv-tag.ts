/** Reads the first bytes of FLV tags, classic and Enhanced RTMP's: codec, place in the stream, where the payload begins. */
import {
  audioCodec,
  type Codec,
  enhancedAudioCodec,
  enhancedVideoCodec,
  type PackagedCodec,
  videoCodec,
} from './codecs.ts'
import type { MediaMessage } from './media-message.ts'

/** `header`: what a decoder needs first; `key`: a frame to start at; `frame`: any other; `end`: end of sequence; `other`: nothing to play. */
export type TagRole = 'header' | 'key' | 'frame' | 'end' | 'other'

export interface FlvTag {
  readonly codec: string // as people call it: "H.264", "AAC", "HEVC" …
  readonly packaged: PackagedCodec | undefined // undefined: this platform does not package it
  readonly role: TagRole
  /** Of a header its record begins here, of a frame its data. */
  readonly payloadAt: number
  /** From decoding to showing, in ms; may be negative. Video only. */
  readonly compositionTimeMs: number
}

const frameTypes = Object.freeze({ key: 1, command: 5 })
/** Of classic tags and, as far as they go, of Enhanced RTMP's. */
const packetTypes = Object.freeze({ header: 0, frame: 1, end: 2, frameWithoutOffset: 3, multitrack: 6 })
const audioMultitrack = 5
const enhancedAudio = 9
const nothing: FlvTag = Object.freeze({
  codec: '',
  packaged: undefined,
  role: 'other',
  payloadAt: 0,
  compositionTimeMs: 0,
})

/** Reads one media message's tag; metadata and empty bodies are `other`, and of no codec. */
export function readFlvTag({ type, body }: MediaMessage): FlvTag {
  if (type === 'metadata') return nothing
  return type === 'video' ? readVideoTag(body) : readAudioTag(body)
}

/** Reads a video tag; a truncated one is `other`. Enhanced RTMP's multitrack packets are refused by name. */
export function readVideoTag(body: Buffer): FlvTag {
  const [first, second] = body
  if (first === undefined) return nothing
  const frameType = (first >> 4) & 7
  const isEnhanced = (first & 0x80) !== 0
  const packetType = isEnhanced ? first & 0x0f : second
  if (isEnhanced && packetType === packetTypes.multitrack) return refused('multitrack video')
  const codec = isEnhanced ? enhancedVideoCodec(body.toString('latin1', 1, 5)) : videoCodec(first & 0x0f)
  if (codec.packaged === undefined) return refused(codec.name)
  if (frameType === frameTypes.command) return tag(codec, 'other')
  const headerBytes = isEnhanced ? 5 : 2
  const hasOffset = !isEnhanced || packetType === packetTypes.frame
  const payloadAt = headerBytes + (hasOffset ? 3 : 0)
  if (packetType === packetTypes.end) return tag(codec, 'end')
  if (body.length <= payloadAt) return tag(codec, 'other')
  if (packetType === packetTypes.header) return tag(codec, 'header', payloadAt)
  const isFrame = packetType === packetTypes.frame || (isEnhanced && packetType === packetTypes.frameWithoutOffset)
  if (!isFrame) return tag(codec, 'other')
  const role = frameType === frameTypes.key ? 'key' : 'frame'
  return tag(codec, role, payloadAt, hasOffset ? body.readIntBE(headerBytes, 3) : 0)
}

/** Reads an audio tag, likewise. */
export function readAudioTag(body: Buffer): FlvTag {
  const [first, second] = body
  if (first === undefined) return nothing
  const isEnhanced = first >> 4 === enhancedAudio
  const packetType = isEnhanced ? first & 0x0f : second
  if (isEnhanced && packetType === audioMultitrack) return refused('multitrack audio')
  const codec = isEnhanced ? enhancedAudioCodec(body.toString('latin1', 1, 5)) : audioCodec(first >> 4)
  if (codec.packaged === undefined) return refused(codec.name)
  const payloadAt = isEnhanced ? 5 : 2
  if (isEnhanced && packetType === packetTypes.end) return tag(codec, 'end')
  if (body.length <= payloadAt) return tag(codec, 'other')
  if (packetType === packetTypes.header) return tag(codec, 'header', payloadAt)
  if (isEnhanced && packetType !== packetTypes.frame) return tag(codec, 'other')
  return tag(codec, 'frame', payloadAt)
}

/** True for what an encoder may send: a codec that is packaged, or nothing to play at all. */
export function isPlayable({ codec, packaged }: FlvTag): boolean {
  return packaged !== undefined || codec === ''
}

function tag({ name, packaged }: Codec, role: TagRole, payloadAt = 0, compositionTimeMs = 0): FlvTag {
  return { codec: name, packaged, role, payloadAt, compositionTimeMs }
}

function refused(codec: string): FlvTag {
  return { codec, packaged: undefined, role: 'other', payloadAt: 0, compositionTimeMs: 0 }
}
