/**
 * node-media-server's RTMP engine, bounded: the only importer of that package.
 *
 * The engine does the handshake, puts chunks together and writes messages. Everything it would do with a message
 * is replaced, because as shipped it answers `publish` before anybody was asked, throws on bad URLs and missing
 * names, decodes AMF by unbounded recursion, reserves whatever length a peer announces, and drops every message
 * after timestamps pass 32 bits. A throw from `parse` means: this peer broke the protocol or a limit; end it.
 *
 * @see Adobe's Real Time Messaging Protocol specification 1.0, sections 5 to 7
 */
import Rtmp, { type ChunkedPacket } from 'node-media-server/src/protocol/rtmp.js'
import { type AmfValue, readAmf0, readAmf0Name } from './amf0.ts'
import type { RtmpLimits } from './limits.ts'
import type { MediaMessage } from './media-message.ts'
import { RtmpProtocolError } from './protocol-error.ts'

/** A command message: its name, transaction id (0: no answer expected) and the values after it. */
export interface RtmpCommand {
  readonly name: string
  readonly transactionId: number
  readonly values: AmfValue[]
  readonly streamId: number
}

/** What the engine tells its session, synchronously from within `parse`. */
export interface EngineListener {
  output(bytes: Buffer): void
  command(command: RtmpCommand): void
  media(message: MediaMessage): void
  ping(timestamp: number): void
  pong?(timestamp: number): void
}

type EngineLimits = Pick<
  RtmpLimits,
  'maxMessageBytes' | 'maxCommandBytes' | 'maxDataBytes' | 'maxChunkStreams' | 'maxAmfDepth'
>

const messageTypes = Object.freeze({
  setChunkSize: 1,
  abort: 2,
  userControl: 4,
  windowAcknowledgementSize: 5,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
})
const userControl = Object.freeze({ streamBegin: 0, pingRequest: 6, pingResponse: 7 })
const rtmpVersion = 3
const handshakeBytes = 1536 // 5.2.3
const maxChunkHeaderBytes = 18 // 5.3.1
const handshakeDone = 3 // the engine's name: RTMP_HANDSHAKE_2
const maxChunkSize = 0xffffff // 5.4.1: no message is longer
const sentChunkSize = 0xffff // the engine's constant in chunksCreate
const setDataFrame = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1')

/**
 * The engine's methods without its constructor, which reserves 1 MiB a connection for an FLV parser that nobody feeds:
 * thousands of idle connections would cost gigabytes of garbage. RtmpEngine sets the same fields itself.
 */
const Protocol = (() => {
  function Protocol() {}
  Protocol.prototype = Rtmp.prototype
  return Protocol as unknown as typeof Rtmp
})()

/** One connection's protocol state. Feed it with `parse`; it answers through the listener. */
export class RtmpEngine extends Protocol {
  /** The bytes after which the peer wants an acknowledgement (5.4.4). */
  peerWindowBytes = 2_500_000
  /** Set once the session accepted the publisher: from then on media may be as long as maxMessageBytes. */
  publishing = false
  /** Complete messages so far, of every type. */
  receivedMessages = 0
  readonly #limits: EngineLimits
  readonly #listener: EngineListener
  #versionSeen = false
  #reservedBytes = 0

  constructor(limits: EngineLimits, listener: EngineListener) {
    super()
    this.handshakePayload = Buffer.alloc(handshakeBytes)
    this.handshakeState = this.handshakeBytes = 0
    this.parserBuffer = Buffer.alloc(maxChunkHeaderBytes)
    this.parserState = this.parserBytes = this.parserBasicBytes = 0
    this.parserPacket = newPacket(0)
    this.inPackets = new Map()
    this.inChunkSize = 128 // 5.4.1
    this.outChunkSize = sentChunkSize
    this.streams = 0
    this.#limits = limits
    this.#listener = listener
    this.onOutputCallback = (bytes) => listener.output(bytes)
  }

  /** Reads what came from a client. @throws {RtmpProtocolError} or RangeError; the session is then over. */
  parse(bytes: Buffer): void {
    if (!this.#versionSeen && bytes.length > 0) {
      if (bytes[0] !== rtmpVersion) throw new RtmpProtocolError('bad_version', 'not an RTMP handshake')
      this.#versionSeen = true
    }
    this.parserData(bytes)
  }

  /** Reads what came from a server, after a handshake done elsewhere. @throws as parse. */
  parseChunks(bytes: Buffer): void {
    this.chunkRead(bytes, 0, bytes.length)
  }

  get handshakeFinished(): boolean {
    return this.handshakeState === handshakeDone
  }

  sendStreamBegin(streamId: number): void {
    this.sendStreamStatus(userControl.streamBegin, streamId)
  }

  sendPing(timestamp: number): void {
    this.sendStreamStatus(userControl.pingRequest, timestamp >>> 0)
  }

  sendPong(timestamp: number): void {
    this.sendStreamStatus(userControl.pingResponse, timestamp >>> 0)
  }

  announceChunkSize(): void {
    this.setChunkSize(sentChunkSize)
  }

  // --- Called by the engine while it reads chunks. ---

  /** A chunk's header is complete. The engine's own reads 3-byte chunk stream ids wrongly (5.3.1.1). */
  override packetParse(): void {
    const format = byteAt(this.parserBuffer, 0) >> 6
    const id = this.#chunkStreamId()
    let packet = this.inPackets.get(id)
    if (packet === undefined) {
      if (this.inPackets.size >= this.#limits.maxChunkStreams) {
        throw new RtmpProtocolError('too_many_chunk_streams', `more than ${this.#limits.maxChunkStreams} chunk streams`)
      }
      packet = newPacket(id)
      this.inPackets.set(id, packet)
    }
    // A new header inside a message would change its length under it: the engine then runs backwards, for ever.
    if (packet.bytes > 0 && format !== 3) throw new RtmpProtocolError('message_cut', 'message header inside a message')
    packet.header.fmt = format
    this.parserPacket = packet
    this.chunkMessageHeaderRead()
  }

  /** A message begins: its length and timestamp are known. Reserves a buffer that its receiver may keep. */
  override packetAlloc(): void {
    const packet = this.parserPacket
    packet.clock = packet.clock % 2 ** 32 // the engine drops what is beyond; RTMP timestamps wrap (5.3.1.2)
    const { length, type } = packet.header
    const limit = this.#limitOf(type)
    if (length > limit) throw new RtmpProtocolError('message_too_large', `message of ${length} bytes, limit ${limit}`)
    const longest = this.publishing ? this.#limits.maxMessageBytes : this.#limits.maxCommandBytes
    if (this.#reservedBytes + length > 2 * longest) {
      throw new RtmpProtocolError('too_many_open_messages', 'too many bytes in unfinished messages')
    }
    this.#reservedBytes += length
    packet.payload = length === 0 ? empty : Buffer.allocUnsafeSlow(length) // every byte of it is filled before use
    packet.capacity = length
  }

  /** A message is complete. */
  override packetHandler(): void {
    const { header, payload, clock } = this.parserPacket
    this.receivedMessages += 1
    this.#reservedBytes -= payload.length
    this.parserPacket.payload = empty // whoever gets it now owns it
    this.parserPacket.capacity = 0
    switch (header.type) {
      case messageTypes.setChunkSize:
        return this.#setReceivedChunkSize(payload.readUInt32BE(0))
      case messageTypes.abort:
        return this.#abort(payload.readUInt32BE(0))
      case messageTypes.windowAcknowledgementSize:
        this.peerWindowBytes = Math.max(1, payload.readUInt32BE(0))
        return
      case messageTypes.userControl: {
        const event = payload.readUInt16BE(0)
        if (event === userControl.pingRequest) this.#listener.ping(payload.readUInt32BE(2))
        else if (event === userControl.pingResponse) this.#listener.pong?.(payload.readUInt32BE(2))
        return
      }
      case messageTypes.audio:
      case messageTypes.video: {
        const type = header.type === messageTypes.audio ? 'audio' : 'video'
        return this.#listener.media({ type, timestampMs: clock, body: payload })
      }
      case messageTypes.dataAmf0:
      case messageTypes.dataAmf3:
        return this.#data(header.type === messageTypes.dataAmf3 ? payload.subarray(1) : payload, clock)
      case messageTypes.commandAmf0:
      case messageTypes.commandAmf3:
        return this.#command(header.type === messageTypes.commandAmf3 ? payload.subarray(1) : payload, header.stream_id)
      default: // acknowledgements, peer bandwidth, shared objects, aggregates: nothing we act on
    }
  }

  /** Media is long once a publisher was accepted; what is decoded here stays short. */
  #limitOf(type: number): number {
    if (!this.publishing) return this.#limits.maxCommandBytes
    if (type === messageTypes.audio || type === messageTypes.video) return this.#limits.maxMessageBytes
    const isData = type === messageTypes.dataAmf0 || type === messageTypes.dataAmf3
    return isData ? this.#limits.maxDataBytes : this.#limits.maxCommandBytes
  }

  #chunkStreamId(): number {
    const [first, second, third] = this.parserBuffer
    if (this.parserBasicBytes === 2) return 64 + (second ?? 0)
    if (this.parserBasicBytes === 3) return 64 + (second ?? 0) + (third ?? 0) * 256
    return (first ?? 0) & 0x3f
  }

  #setReceivedChunkSize(size: number): void {
    if (size < 1 || size > 0x7fffffff) throw new RtmpProtocolError('bad_chunk_size', `chunk size ${size}`)
    for (const packet of this.inPackets.values()) {
      // The engine finds chunk borders by division, so the size may only change between messages.
      if (packet.bytes > 0) throw new RtmpProtocolError('bad_chunk_size', 'chunk size changed inside a message')
    }
    this.inChunkSize = Math.min(size, maxChunkSize)
  }

  #abort(chunkStreamId: number): void {
    const packet = this.inPackets.get(chunkStreamId)
    if (packet === undefined || packet.bytes === 0) return
    this.#reservedBytes -= packet.payload.length
    packet.bytes = 0
    packet.payload = empty
  }

  #data(body: Buffer, timestampMs: number): void {
    const content = body.subarray(0, setDataFrame.length).equals(setDataFrame)
      ? body.subarray(setDataFrame.length)
      : body
    if (this.#isMetadata(content)) this.#listener.media({ type: 'metadata', timestampMs, body: content })
  }

  /** Cue points and text are not carried; nor is what cannot be decoded, since a picture needs no metadata. */
  #isMetadata(content: Buffer): boolean {
    try {
      if (readAmf0Name(content)?.name !== 'onMetaData') return false
      readAmf0(content, this.#limits.maxAmfDepth) // whoever decodes it later may rely on it
      return true
    } catch (error) {
      if (error instanceof RtmpProtocolError) return false
      throw error
    }
  }

  #command(body: Buffer, streamId: number): void {
    const [name, transactionId, ...values] = readAmf0(body, this.#limits.maxAmfDepth)
    if (typeof name !== 'string') throw new RtmpProtocolError('bad_command', 'command without a name')
    this.#listener.command({
      name,
      transactionId: typeof transactionId === 'number' ? transactionId : 0,
      values,
      streamId,
    })
  }
}

/** A message as chunks of at most 65,535 bytes, ready to be sent on `streamId`; empty for an empty body. */
export function encodeMessage(message: MediaMessage, streamId: number): Buffer {
  const isMetadata = message.type === 'metadata'
  const payload = isMetadata ? Buffer.concat([setDataFrame, message.body]) : message.body
  if (payload.length === 0) return empty // the engine counts its chunks wrongly
  const [cid, type] = isMetadata
    ? [6, messageTypes.dataAmf0]
    : message.type === 'audio'
      ? [4, messageTypes.audio]
      : [5, messageTypes.video]
  const packet = newPacket(cid)
  packet.header = { fmt: 0, cid, timestamp: message.timestampMs, length: payload.length, type, stream_id: streamId }
  packet.payload = payload
  return Rtmp.chunksCreate(packet)
}

const empty = Buffer.alloc(0)

function newPacket(cid: number): ChunkedPacket {
  const header = { fmt: 0, cid, timestamp: 0, length: 0, type: 0, stream_id: 0 }
  return { header, clock: 0, payload: empty, capacity: 0, bytes: 0 }
}

function byteAt(bytes: Buffer, index: number): number {
  return bytes[index] ?? 0
}
