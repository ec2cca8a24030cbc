/**
 * Bodies of FLV audio and video tags, as RTMP messages carry them (Adobe FLV 10.1 E.4.2 and E.4.3;
 * Enhanced RTMP v2 for the FourCC form of the same codecs).
 */

/** One video message, classified. */
export type VideoTag =
  | { kind: 'config'; record: Buffer }
  | { kind: 'frame'; keyFrame: boolean; compositionTimeMs: number; data: Buffer }
  | { kind: 'ignored' }
  | { kind: 'unsupported'; codec: string }

/** One audio message, classified. */
export type AudioTag =
  | { kind: 'config'; record: Buffer }
  | { kind: 'frame'; data: Buffer }
  | { kind: 'ignored' }
  | { kind: 'unsupported'; codec: string }

const ignored = Object.freeze({ kind: 'ignored' as const })

/** Classifies a video tag body; anything truncated is `ignored`. `compositionTimeMs` may be negative. */
export function parseVideoTag(body: Buffer): VideoTag {
  const first = body[0]
  if (first === undefined) return ignored
  const frameType = (first >> 4) & 7
  if (frameType === 5) return ignored // video info or command frame
  if ((first & 0x80) !== 0) return parseEnhancedVideo(body, frameType, first & 0x0f)
  const codecId = first & 0x0f
  if (codecId !== 7) return { kind: 'unsupported', codec: `flv video codec ${codecId}` }
  return videoPacket(body[1], body, 2, frameType)
}

/** Classifies an audio tag body. */
export function parseAudioTag(body: Buffer): AudioTag {
  const first = body[0]
  if (first === undefined) return ignored
  const format = first >> 4
  if (format === 9) return parseEnhancedAudio(body, first & 0x0f)
  if (format !== 10) return { kind: 'unsupported', codec: `flv audio format ${format}` }
  if (body.length < 3) return ignored
  return body[1] === 0 ? { kind: 'config', record: body.subarray(2) } : { kind: 'frame', data: body.subarray(2) }
}

function videoPacket(packetType: number | undefined, body: Buffer, offset: number, frameType: number): VideoTag {
  if (packetType === undefined || body.length <= offset + 3) return ignored
  if (packetType === 0) return { kind: 'config', record: body.subarray(offset + 3) }
  if (packetType !== 1) return ignored // end of sequence
  return {
    kind: 'frame',
    keyFrame: frameType === 1,
    compositionTimeMs: body.readIntBE(offset, 3),
    data: body.subarray(offset + 3),
  }
}

function parseEnhancedVideo(body: Buffer, frameType: number, packetType: number): VideoTag {
  if (body.length < 6) return ignored
  const fourCc = body.toString('latin1', 1, 5)
  if (fourCc !== 'avc1') return { kind: 'unsupported', codec: printable(fourCc) }
  if (packetType === 0) return { kind: 'config', record: body.subarray(5) }
  if (packetType === 1) return videoPacket(1, body, 5, frameType)
  if (packetType === 3)
    return { kind: 'frame', keyFrame: frameType === 1, compositionTimeMs: 0, data: body.subarray(5) }
  return ignored
}

function parseEnhancedAudio(body: Buffer, packetType: number): AudioTag {
  if (body.length < 6) return ignored
  const fourCc = body.toString('latin1', 1, 5)
  if (fourCc !== 'mp4a') return { kind: 'unsupported', codec: printable(fourCc) }
  if (packetType === 0) return { kind: 'config', record: body.subarray(5) }
  if (packetType === 1) return { kind: 'frame', data: body.subarray(5) }
  return ignored
}

function printable(fourCc: string): string {
  return fourCc.replace(/[^\w-]/g, '?')
}
