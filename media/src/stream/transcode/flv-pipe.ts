/** FLV as a stream of bytes: what goes into ffmpeg's standard input and comes out of its pipes. */

/** One FLV tag's type, timestamp (ms) and body. */
export interface FlvPipeTag {
  type: 'audio' | 'video' | 'script'
  timestampMs: number
  body: Buffer
}

const tagTypes = { audio: 8, video: 9, script: 18 } as const
const tagHeaderBytes = 11
const largestTagBytes = 8 * 1024 * 1024

/** FLV header for video alone, with the first PreviousTagSize (Adobe FLV 10.1 E.2, E.3). */
export const flvVideoHeader = Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0])

/** Writes an AVC sequence header or picture as an FLV tag. `timestampMs` may exceed 24 bits, not 32. */
export function flvVideoTag(input: {
  packet: 'config' | 'frame'
  keyFrame: boolean
  timestampMs: number
  compositionTimeMs: number
  data: Buffer
}): Buffer {
  const bodyLength = 5 + input.data.length
  const out = Buffer.allocUnsafe(tagHeaderBytes + bodyLength + 4)
  let at = out.writeUInt8(tagTypes.video, 0)
  at = out.writeUIntBE(bodyLength, at, 3)
  at = out.writeUIntBE(input.timestampMs & 0xff_ff_ff, at, 3)
  at = out.writeUInt8((input.timestampMs >>> 24) & 0xff, at)
  at = out.writeUIntBE(0, at, 3)
  at = out.writeUInt8(input.keyFrame ? 0x17 : 0x27, at)
  at = out.writeUInt8(input.packet === 'config' ? 0 : 1, at)
  at = out.writeIntBE(input.compositionTimeMs, at, 3)
  at += input.data.copy(out, at)
  out.writeUInt32BE(tagHeaderBytes + bodyLength, at)
  return out
}

/** Cuts a byte stream into tags; feed it chunks as they come. A stream that is no FLV throws. */
export class FlvPipeReader {
  #rest: Buffer = Buffer.alloc(0)
  #headerRead = false

  push(chunk: Buffer): FlvPipeTag[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const tags: FlvPipeTag[] = []
    let at = 0
    if (!this.#headerRead) {
      if (bytes.length < 13) {
        this.#rest = bytes
        return tags
      }
      if (bytes.toString('latin1', 0, 3) !== 'FLV') throw new Error('Not an FLV stream')
      at = bytes.readUInt32BE(5) + 4
      this.#headerRead = true
    }
    while (bytes.length - at >= tagHeaderBytes) {
      const length = bytes.readUIntBE(at + 1, 3)
      if (length > largestTagBytes) throw new Error(`FLV tag of ${length} bytes`)
      if (bytes.length - at < tagHeaderBytes + length + 4) break
      const type = (bytes[at] ?? 0) & 0x1f
      tags.push({
        type: type === tagTypes.audio ? 'audio' : type === tagTypes.video ? 'video' : 'script',
        timestampMs: bytes.readUIntBE(at + 4, 3) + (bytes[at + 7] ?? 0) * 0x100_0000,
        body: bytes.subarray(at + tagHeaderBytes, at + tagHeaderBytes + length),
      })
      at += tagHeaderBytes + length + 4
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at)
    return tags
  }
}
