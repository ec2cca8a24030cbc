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
const packetTypes = Object.freeze({ header: 0, frame: 1, end: 2, frameWithoutOffset: 3, metadata: 4, modifier: 7 })
const multitrack = Object.freeze({ video: 6, audio: 5 })
const oneTrack = 0 // of the kinds of multitrack
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

/**
 * Reads a video tag; a truncated one, and what is no picture at all, is `other`. Of several tracks the first is played and
 * the others are `other`; several in one packet are refused by name.
 */
export function readVideoTag(body: Buffer): FlvTag {
  const [first, packetType] = body
  if (first === undefined) return nothing
  const frameType = (first >> 4) & 7
  if ((first & 0x80) !== 0) return readEnhanced(body, 'video', frameType)
  if (frameType === frameTypes.command) return nothing
  const codec = videoCodec(first & 0x0f)
  if (codec.packaged === undefined) return refused(codec.name)
  const payloadAt = 5
  if (packetType === packetTypes.end) return tag(codec, 'end')
  if (body.length <= payloadAt) return tag(codec, 'other')
  if (packetType === packetTypes.header) return tag(codec, 'header', payloadAt)
  if (packetType !== packetTypes.frame) return tag(codec, 'other')
  return tag(codec, roleOf(frameType), payloadAt, body.readIntBE(2, 3))
}

/** Reads an audio tag, likewise. */
export function readAudioTag(body: Buffer): FlvTag {
  const [first, packetType] = body
  if (first === undefined) return nothing
  if (first >> 4 === enhancedAudio) return readEnhanced(body, 'audio', 0)
  const codec = audioCodec(first >> 4)
  if (codec.packaged === undefined) return refused(codec.name)
  const payloadAt = 2
  if (body.length <= payloadAt) return tag(codec, 'other')
  return tag(codec, packetType === packetTypes.header ? 'header' : 'frame', payloadAt)
}

/** @see Enhanced RTMP v2, "ExVideoTagHeader", "ExAudioTagHeader" */
function readEnhanced(body: Buffer, type: 'audio' | 'video', frameType: number): FlvTag {
  const modified = skipModifiers(body)
  if (modified === undefined) return nothing
  let { packetType, at } = modified
  if (frameType === frameTypes.command && packetType !== packetTypes.metadata) return nothing // a seek's begin or end
  const isMultitrack = packetType === multitrack[type]
  if (isMultitrack) {
    const kinds = body[at++] ?? 0
    if (kinds >> 4 !== oneTrack) return refused(`multitrack ${type}`)
    packetType = kinds & 0x0f
  }
  const fourCc = body.toString('latin1', at, at + 4)
  const codec = type === 'video' ? enhancedVideoCodec(fourCc) : enhancedAudioCodec(fourCc)
  at += 4
  if (isMultitrack && body[at++] !== 0) return nothing // another angle, another language
  if (codec.packaged === undefined) return refused(codec.name)
  if (packetType === packetTypes.end) return tag(codec, 'end')
  const hasOffset = type === 'video' && packetType === packetTypes.frame
  const payloadAt = at + (hasOffset ? 3 : 0)
  if (body.length <= payloadAt) return tag(codec, 'other')
  if (packetType === packetTypes.header) return tag(codec, 'header', payloadAt)
  const isFrame =
    packetType === packetTypes.frame || (type === 'video' && packetType === packetTypes.frameWithoutOffset)
  if (!isFrame) return tag(codec, 'other')
  return tag(codec, roleOf(frameType), payloadAt, hasOffset ? body.readIntBE(at, 3) : 0)
}

/** Passes over ModEx (nanoseconds, and what is still to be invented). @returns undefined where nothing follows. */
function skipModifiers(body: Buffer): { packetType: number; at: number } | undefined {
  let packetType = (body[0] ?? 0) & 0x0f
  let at = 1
  while (packetType === packetTypes.modifier) {
    const short = body[at] ?? 0
    const isLong = short === 0xff
    if (at + 3 > body.length) return undefined
    at += isLong ? 3 + body.readUInt16BE(at + 1) + 1 : 1 + short + 1
    const next = body[at]
    if (next === undefined) return undefined
    packetType = next & 0x0f
    at += 1
  }
  return { packetType, at }
}

function roleOf(frameType: number): 'key' | 'frame' {
  return frameType === frameTypes.key ? 'key' : 'frame'
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
