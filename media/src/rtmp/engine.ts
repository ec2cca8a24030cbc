/**
 * node-media-server's RTMP engine, bounded: the only importer of that package.
 *
 * The engine does the handshake and writes messages. What a peer says is read by our own ChunkReader and acted on here,
 * because as shipped the engine answers `publish` before anybody was asked, throws on bad URLs and missing names, decodes
 * AMF by unbounded recursion, reserves whatever length a peer announces, loses count where encoders write type 3 chunks
 * without their extended timestamp, and drops every message after timestamps pass 32 bits. A throw from `parse` means: this
 * peer broke the protocol or a limit; end it.
 *
 * @see Adobe's Real Time Messaging Protocol specification 1.0, sections 5 to 7
 */
import Rtmp, { type ChunkedPacket } from 'node-media-server/src/protocol/rtmp.js'
import { readAggregate } from './aggregate.ts'
import { type AmfValue, readAmf0, readAmf0Name } from './amf0.ts'
import { ChunkReader, type ChunkedMessage } from './chunk-reader.ts'
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
  'maxMessageBytes' | 'maxCommandBytes' | 'maxDataBytes' | 'maxHeldBytes' | 'maxChunkStreams' | 'maxAmfDepth'
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
  aggregate: 22,
})
const userControl = Object.freeze({ streamBegin: 0, pingRequest: 6, pingResponse: 7 })
const rtmpVersion = 3
const handshakeBytes = 1536 // 5.2.3
const handshakeDone = 3 // the engine's name: RTMP_HANDSHAKE_2
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
  readonly #chunks: ChunkReader
  #versionSeen = false

  constructor(limits: EngineLimits, listener: EngineListener) {
    super()
    this.handshakePayload = Buffer.alloc(handshakeBytes)
    this.handshakeState = this.handshakeBytes = 0
    this.outChunkSize = sentChunkSize
    this.streams = 0
    this.#limits = limits
    this.#listener = listener
    this.#chunks = new ChunkReader({
      maxChunkStreams: limits.maxChunkStreams,
      admit: (type, length, openBytes) => this.#admit(type, length, openBytes),
      message: (message) => this.#take(message),
    })
    this.onOutputCallback = (bytes) => listener.output(bytes)
  }

  /** Reads what came from a client. @throws {RtmpProtocolError} or RangeError; the session is then over. */
  parse(bytes: Buffer): void {
    if (!this.#versionSeen && bytes.length > 0) {
      if (bytes[0] !== rtmpVersion) throw new RtmpProtocolError('bad_version', 'not an RTMP handshake')
      this.#versionSeen = true
    }
    this.parserData(bytes)
    if (this.#chunks.heldBytes > this.#limits.maxHeldBytes) {
      throw new RtmpProtocolError('too_much_unasked', 'too much sent before the answer to publish')
    }
  }

  /** Reads what came from a server, after a handshake done elsewhere. @throws as parse. */
  parseChunks(bytes: Buffer): void {
    this.#chunks.read(bytes)
  }

  /** Reads no further message until `release`; to be called while the listener is told of one. */
  hold(): void {
    this.#chunks.hold()
  }

  /** Reads what came meanwhile. @throws as parse. */
  release(): void {
    this.#chunks.release()
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

  /** Called by the engine with all that follows the handshake. */
  override chunkRead(bytes: Buffer, offset: number, length: number): null {
    this.#chunks.read(bytes.subarray(offset, offset + length))
    return null
  }

  #admit(type: number, length: number, openBytes: number): void {
    const limit = this.#limitOf(type)
    if (length > limit) throw new RtmpProtocolError('message_too_large', `message of ${length} bytes, limit ${limit}`)
    const longest = this.publishing ? this.#limits.maxMessageBytes : this.#limits.maxCommandBytes
    if (openBytes + length > 2 * longest) {
      throw new RtmpProtocolError('too_many_open_messages', 'too many bytes in unfinished messages')
    }
  }

  /** Media is long once a publisher was accepted; what is decoded here stays short. */
  #limitOf(type: number): number {
    if (!this.publishing) return this.#limits.maxCommandBytes
    if (isMedia(type) || type === messageTypes.aggregate) return this.#limits.maxMessageBytes
    const isData = type === messageTypes.dataAmf0 || type === messageTypes.dataAmf3
    return isData ? this.#limits.maxDataBytes : this.#limits.maxCommandBytes
  }

  #take({ type, streamId, timestampMs, payload }: ChunkedMessage): void {
    this.receivedMessages += 1
    switch (type) {
      case messageTypes.setChunkSize:
        return this.#chunks.setChunkSize(payload.readUInt32BE(0))
      case messageTypes.abort:
        return this.#chunks.abort(payload.readUInt32BE(0))
      case messageTypes.windowAcknowledgementSize: {
        const window = payload.readUInt32BE(0)
        if (window > 0) this.peerWindowBytes = window // 0: it wants none, and those of before do no harm
        return
      }
      case messageTypes.userControl: {
        const event = payload.readUInt16BE(0)
        if (event === userControl.pingRequest) this.#listener.ping(payload.readUInt32BE(2))
        else if (event === userControl.pingResponse) this.#listener.pong?.(payload.readUInt32BE(2))
        return
      }
      case messageTypes.audio:
      case messageTypes.video:
        return this.#listener.media({ type: mediaType(type), timestampMs, body: payload })
      case messageTypes.dataAmf0:
      case messageTypes.dataAmf3:
        return this.#data(type === messageTypes.dataAmf3 ? amf0In(payload) : payload, timestampMs)
      case messageTypes.commandAmf0:
      case messageTypes.commandAmf3:
        return this.#command(type === messageTypes.commandAmf3 ? amf0In(payload) : payload, streamId)
      case messageTypes.aggregate:
        return this.#aggregate(payload, timestampMs)
      default: // acknowledgements, peer bandwidth, shared objects: nothing we act on
    }
  }

  #aggregate(payload: Buffer, timestampMs: number): void {
    for (const { type, timestampMs: at, body } of readAggregate(payload, timestampMs)) {
      this.receivedMessages += 1
      if (isMedia(type)) this.#listener.media({ type: mediaType(type), timestampMs: at, body })
      else if (type === messageTypes.dataAmf0) this.#data(body, at)
    }
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

/** Messages for AMF3 begin with a zero, which some encoders leave out; what follows is AMF0 in either case. */
function amf0In(payload: Buffer): Buffer {
  return payload[0] === 0 ? payload.subarray(1) : payload
}

function isMedia(type: number): boolean {
  return type === messageTypes.audio || type === messageTypes.video
}

function mediaType(type: number): 'audio' | 'video' {
  return type === messageTypes.audio ? 'audio' : 'video'
}
