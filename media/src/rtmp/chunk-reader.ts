/**
 * Puts chunks together into messages (RTMP 5.3), whoever cut them and however the bytes arrive.
 *
 * What the specification leaves to taste, or encoders do otherwise, is taken in both forms:
 * - Past 0xFFFFFF ms, type 3 chunks come with the extended timestamp again (the specification, librtmp) or without (Flash's
 *   heirs): four bytes that repeat the timestamp are one, any others are media.
 * - The chunk size may change between the chunks of a message that came on another chunk stream.
 *
 * @see Adobe's Real Time Messaging Protocol specification 1.0, section 5.3
 */
import { RtmpProtocolError } from './protocol-error.ts'

/** A whole message. `timestampMs` is unsigned 32 bits; the payload is the receiver's to keep. */
export interface ChunkedMessage {
  readonly type: number
  readonly streamId: number
  readonly timestampMs: number
  readonly payload: Buffer
}

export interface ChunkReaderOptions {
  readonly maxChunkStreams: number
  /** A message is announced while `openBytes` of others are not complete. @throws to refuse it. */
  admit(type: number, length: number, openBytes: number): void
  message(message: ChunkedMessage): void
}

interface ChunkStream {
  type: number
  streamId: number
  length: number
  clock: number // ms, the last message's
  field: number // the timestamp or delta as it was last written
  extended: boolean // ... in four bytes
  absolute: boolean // ... in a type 0 header
  payload: Buffer | undefined // of the message that is not complete
  filled: number
}

const firstChunkSize = 128 // 5.4.1
const largestChunkSize = 0xffffff // no message is longer
const headerBytes: readonly number[] = [11, 7, 3, 0] // by format, 5.3.1.2
const longestHeaderBytes = 3 + 11 + 4
const extendedMarker = 0xffffff
const empty = Buffer.alloc(0)

export class ChunkReader {
  readonly #options: ChunkReaderOptions
  readonly #streams = new Map<number, ChunkStream>()
  readonly #header = Buffer.alloc(longestHeaderBytes)
  #headerLength = 0
  #undecided: ChunkStream | undefined // a type 3 header is read: a timestamp follows, or not
  #current: ChunkStream | undefined // its payload is being read
  #chunkLeft = 0
  #chunkSize = firstChunkSize
  #openBytes = 0
  #repeatsTimestamps = false // this peer's type 3 chunks were seen with one
  #held: Buffer[] | undefined

  constructor(options: ChunkReaderOptions) {
    this.#options = options
  }

  /** Bytes that came since `hold`. */
  get heldBytes(): number {
    return this.#held?.reduce((sum, { length }) => sum + length, 0) ?? 0
  }

  /** Reads no further message until `release`; to be called while one is handed over. */
  hold(): void {
    this.#held ??= []
  }

  /** Reads what came meanwhile. @throws as `read`. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const bytes of held) this.read(bytes)
  }

  /** @throws {RtmpProtocolError} the peer broke the protocol or a limit; whatever `admit` and `message` throw. */
  read(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#held !== undefined) return void this.#held.push(bytes.subarray(at))
      if (this.#current !== undefined) at = this.#readPayload(this.#current, bytes, at)
      else if (this.#undecided !== undefined) at = this.#decide(this.#undecided, bytes, at)
      else at = this.#readHeader(bytes, at)
    }
  }

  /** From the next chunk on. @throws on a size that RTMP forbids (5.4.1). */
  setChunkSize(size: number): void {
    if (size < 1 || size > 0x7fffffff) throw new RtmpProtocolError('bad_chunk_size', `chunk size ${size}`)
    this.#chunkSize = Math.min(size, largestChunkSize)
  }

  /** Throws away what came of a chunk stream's message (5.4.2). */
  abort(chunkStreamId: number): void {
    const stream = this.#streams.get(chunkStreamId)
    if (stream?.payload === undefined) return
    this.#openBytes -= stream.length
    stream.payload = undefined
    stream.filled = 0
  }

  #readHeader(bytes: Buffer, start: number): number {
    let at = start
    while (at < bytes.length) {
      this.#header[this.#headerLength++] = bytes[at++] ?? 0
      if (this.#headerLength < this.#headerNeeds()) continue
      this.#headerLength = 0
      this.#takeHeader()
      break
    }
    return at
  }

  /** How long the header is, as far as what came of it tells. */
  #headerNeeds(): number {
    const basic = this.#basicBytes()
    if (this.#headerLength < basic) return basic
    const format = (this.#header[0] ?? 0) >> 6
    const length = basic + (headerBytes[format] ?? 0)
    if (this.#headerLength < length || format === 3) return length
    return this.#header.readUIntBE(basic, 3) === extendedMarker ? length + 4 : length
  }

  #basicBytes(): number {
    const low = (this.#header[0] ?? 0) & 0x3f
    return low > 1 ? 1 : low + 2
  }

  #chunkStreamId(): number {
    const [first = 0, second = 0, third = 0] = this.#header
    const low = first & 0x3f
    if (low > 1) return low
    return 64 + second + (low === 1 ? third * 256 : 0)
  }

  #takeHeader(): void {
    const format = (this.#header[0] ?? 0) >> 6
    const stream = this.#streamOf(this.#chunkStreamId())
    if (format === 3) {
      if (stream.extended) this.#undecided = stream
      else this.#begin(stream, stream.field)
      return
    }
    // A new header inside a message would change its length under it.
    if (stream.payload !== undefined) throw new RtmpProtocolError('message_cut', 'message header inside a message')
    const at = this.#basicBytes()
    const field = this.#header.readUIntBE(at, 3)
    stream.extended = field === extendedMarker
    stream.field = stream.extended ? this.#header.readUInt32BE(at + (headerBytes[format] ?? 0)) : field
    stream.absolute = format === 0
    if (format <= 1) {
      stream.length = this.#header.readUIntBE(at + 3, 3)
      stream.type = this.#header[at + 6] ?? 0
    }
    if (format === 0) {
      stream.streamId = this.#header.readUInt32LE(at + 7)
      stream.clock = 0
    }
    this.#begin(stream, stream.field)
  }

  #streamOf(id: number): ChunkStream {
    const known = this.#streams.get(id)
    if (known !== undefined) return known
    const { maxChunkStreams } = this.#options
    if (this.#streams.size >= maxChunkStreams) {
      throw new RtmpProtocolError('too_many_chunk_streams', `more than ${maxChunkStreams} chunk streams`)
    }
    const stream: ChunkStream = {
      type: 0,
      streamId: 0,
      length: 0,
      clock: 0,
      field: 0,
      extended: false,
      absolute: false,
      payload: undefined,
      filled: 0,
    }
    this.#streams.set(id, stream)
    return stream
  }

  /**
   * After a type 3 header on a chunk stream with an extended timestamp: four bytes that repeat it belong to the header.
   * The media that has them by chance is one in 2^32. Inside a message some write the absolute time of what began as a delta;
   * before one, a peer that repeats timestamps may write a new one.
   */
  #decide(stream: ChunkStream, bytes: Buffer, at: number): number {
    const isNew = stream.payload === undefined
    const isTrusted = isNew && this.#repeatsTimestamps
    const timestamps = isNew ? [stream.field] : [stream.field, stream.clock]
    const from = this.#headerLength // the four bytes gather where a header would
    const count = Math.min(4 - from, bytes.length - at)
    bytes.copy(this.#header, from, at, at + count)
    const length = from + count
    const seen = this.#header.subarray(0, length)
    const isOne = isTrusted || timestamps.some((timestamp) => bytesOf(timestamp).subarray(0, length).equals(seen))
    if (isOne && length < 4) {
      this.#headerLength = length
      return at + count
    }
    this.#headerLength = 0
    this.#undecided = undefined
    if (!isOne) {
      const mistaken = Buffer.from(seen.subarray(0, from)) // bytes of earlier reads, which turn out to be media
      this.#begin(stream, isNew && stream.absolute ? 0 : stream.field)
      this.read(mistaken)
      return at
    }
    this.#repeatsTimestamps ||= !isNew
    const timestamp = seen.readUInt32BE(0)
    if (!isNew || timestamp === stream.field) this.#begin(stream, isNew && stream.absolute ? 0 : stream.field)
    else {
      stream.clock = 0
      this.#begin(stream, timestamp)
    }
    return at + 4 - from
  }

  /** The next chunk of a message, or the first of one that is `deltaMs` after the last. */
  #begin(stream: ChunkStream, deltaMs: number): void {
    if (stream.payload === undefined) {
      stream.clock = (stream.clock + deltaMs) % 2 ** 32 // timestamps wrap (5.3.1.2)
      this.#options.admit(stream.type, stream.length, this.#openBytes)
      this.#openBytes += stream.length
      stream.payload = stream.length === 0 ? empty : Buffer.allocUnsafeSlow(stream.length) // filled before it is used
      stream.filled = 0
    }
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.filled)
    this.#current = stream
    if (stream.length === 0) this.#complete(stream, empty)
  }

  #readPayload(stream: ChunkStream, bytes: Buffer, at: number): number {
    const { payload = empty } = stream
    const count = Math.min(this.#chunkLeft, bytes.length - at)
    bytes.copy(payload, stream.filled, at, at + count)
    stream.filled += count
    this.#chunkLeft -= count
    if (stream.filled === stream.length) this.#complete(stream, payload)
    else if (this.#chunkLeft === 0) this.#current = undefined
    return at + count
  }

  #complete(stream: ChunkStream, payload: Buffer): void {
    this.#current = undefined
    this.#openBytes -= stream.length
    stream.payload = undefined // whoever gets it now owns it
    stream.filled = 0
    this.#options.message({ type: stream.type, streamId: stream.streamId, timestampMs: stream.clock, payload })
  }
}

function bytesOf(timestamp: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(timestamp)
  return bytes
}
