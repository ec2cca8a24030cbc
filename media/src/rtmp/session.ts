/**
 * One encoder's connection, from its first byte to its last.
 *
 *   handshake    C0 C1 C2 are read by the engine. → connected, by `connect`
 *   connected    `createStream` and what encoders say around it. → authorizing, by `publish`
 *   authorizing  nothing is read from the socket; what came in the same read as `publish`, from encoders that wait for no
 *                answer, is kept unread; the owner decides. → publishing (Publish.Start is sent now, not earlier) or
 *                closed (an error status, then FIN)
 *   publishing   media goes to the owner's sink. → closed, by deleteStream, FIN, the owner, idleness
 *   closed       whatever arrives is thrown away; the socket is destroyed after a second at most
 *
 * Metadata before `publish` is thrown away. From every state a broken protocol, an exceeded limit or the time to publish leads to closed. Media in any state
 * but publishing is a broken protocol: nobody who was not accepted has a byte forwarded.
 */
import type { Socket } from 'node:net'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { type AmfValue, isAmfObject } from './amf0.ts'
import { RtmpEngine, type RtmpCommand } from './engine.ts'
import { isPlayable, readFlvTag } from './flv-tag.ts'
import type { RtmpLimits } from './limits.ts'
import type { MediaMessage } from './media-message.ts'
import { RtmpProtocolError } from './protocol-error.ts'
import { type PublishTarget, appOf, publishTarget } from './publish-target.ts'
import type { Authorization, MediaSink, PublishRequest, PublishSession, SessionEnd } from './publishing.ts'

const windowBytes = 2_500_000
const lingerMs = 1_000 // an error status needs this to reach the encoder before the socket is gone
const maxUnsentBytes = 64 * 1024 // answers a peer may leave unread
const maxCreatedStreams = 16
const maxNameLength = 512
const pingIntervalMs = 30_000
const burstSeconds = 5 // an encoder that was cut off sends what it held all at once

export interface RtmpSessionOptions {
  readonly id: string
  readonly socket: Socket
  readonly remoteAddress: string
  readonly limits: RtmpLimits
  readonly log: Logger
  readonly now: () => number // milliseconds, monotonic
  authorize(request: PublishRequest, session: PublishSession): Promise<Authorization>
  onClosed(session: RtmpSession, end: SessionEnd): void
}

/** Drives one socket; the server calls `check` every second for what depends on time. */
export class RtmpSession implements PublishSession {
  readonly id: string
  readonly #options: RtmpSessionOptions
  readonly #engine: RtmpEngine
  readonly #abort = new AbortController()
  readonly #startedAt: number
  #state: 'handshake' | 'connected' | 'authorizing' | 'publishing' | 'closed' = 'handshake'
  #sink: MediaSink | undefined
  #app = ''
  #streamId = 0
  #createdStreams = 0
  #receivedBytes = 0
  #acknowledgedBytes = 0
  #lastReadAt: number
  #lastPingAt: number
  #lastCheckAt: number
  #allowedMessages: number // as a count since the beginning
  #held = false // the sink asked to stop reading

  constructor(options: RtmpSessionOptions) {
    this.id = options.id
    this.#options = options
    this.#startedAt = this.#lastReadAt = this.#lastPingAt = this.#lastCheckAt = options.now()
    this.#allowedMessages = options.limits.maxMessagesPerSecond * burstSeconds
    const { socket } = options
    this.#engine = new RtmpEngine(options.limits, {
      output: (bytes) => this.#send(bytes),
      command: (command) => this.#command(command),
      media: (message) => this.#media(message),
      ping: (timestamp) => this.#engine.sendPong(timestamp),
    })
    socket.on('data', (bytes) => this.#read(bytes))
    socket.on('error', (error) => this.#close({ code: 'socket_error', description: error.message }))
    socket.on('end', () => this.#close({ code: 'disconnected', description: 'the encoder closed the connection' }))
    socket.on('close', () => this.#close({ code: 'disconnected', description: 'the connection is gone' }))
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get publishing(): boolean {
    return this.#state === 'publishing'
  }

  end(status: SessionEnd): void {
    this.#close(status, { tellPeer: true })
  }

  resume(): void {
    if (!this.#held || this.#state !== 'publishing') return
    this.#held = false
    this.#lastReadAt = this.#options.now()
    this.#options.socket.resume()
  }

  /** Ends the session if its time is over; pings the encoder now and then. */
  check(now: number): void {
    const { timeToPublishMs, idleMs } = this.#options.limits
    if (this.#state === 'closed') return
    this.#allowMessages(now)
    if (this.#state !== 'publishing') {
      if (now - this.#startedAt <= timeToPublishMs) return
      return this.end({ code: 'NetConnection.Connect.Closed', description: 'Nothing was published in time.' })
    }
    if (!this.#held && now - this.#lastReadAt > idleMs) {
      return this.end({ code: 'NetConnection.Connect.IdleTimeOut', description: 'No media came in time.' })
    }
    if (now - this.#lastPingAt < pingIntervalMs) return
    this.#lastPingAt = now
    this.#engine.sendPing(now)
  }

  /** Fills the token bucket: as many more as the time since the last check allows, never more than the burst. */
  #allowMessages(now: number): void {
    const perSecond = this.#options.limits.maxMessagesPerSecond
    if (!Number.isFinite(perSecond)) return
    const more = (perSecond * (now - this.#lastCheckAt)) / 1_000
    this.#lastCheckAt = now
    this.#allowedMessages = Math.min(
      this.#allowedMessages + more,
      this.#engine.receivedMessages + perSecond * burstSeconds,
    )
  }

  #read(bytes: Buffer): void {
    this.#lastReadAt = this.#options.now()
    this.#parse(bytes.length, () => this.#engine.parse(bytes))
  }

  #parse(count: number, parse: () => void): void {
    if (this.#state === 'closed') return
    try {
      parse()
      if (this.#engine.receivedMessages > this.#allowedMessages) {
        throw new RtmpProtocolError('too_many_messages', 'more messages a second than any encoder sends')
      }
      this.#acknowledge(count)
    } catch (error) {
      const code = error instanceof RtmpProtocolError ? error.code : 'malformed'
      this.#options.log.debug('rtmp.protocol_error', { sessionId: this.id, code, error })
      this.#close({ code, description: 'Malformed or oversized RTMP.' }, { tellPeer: true, asCode: failed })
    }
  }

  /** RTMP 5.4.3: the peer may stop sending when its window is unacknowledged. */
  #acknowledge(count: number): void {
    this.#receivedBytes += count
    if (!this.#engine.handshakeFinished || this.#state === 'closed') return
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#engine.peerWindowBytes / 2) return
    this.#acknowledgedBytes = this.#receivedBytes
    this.#engine.sendACK(this.#receivedBytes % 2 ** 32)
  }

  #command(command: RtmpCommand): void {
    if (this.#state === 'closed') return
    switch (command.name) {
      case 'connect':
        return this.#connect(command)
      case 'createStream':
        return this.#createStream(command)
      case 'publish':
        return this.#publish(command)
      case 'play':
      case 'play2':
        this.#streamId = command.streamId
        return this.end({ code: 'NetStream.Play.Failed', description: 'Play over HLS; RTMP is for publishing.' })
      case 'deleteStream':
      case 'closeStream':
        if (this.#state !== 'publishing') return
        return this.end({ code: 'NetStream.Unpublish.Success', description: 'Unpublished.' })
      case 'releaseStream':
      case 'FCPublish':
      case 'FCUnpublish':
        return this.#answerFlash(command)
      default: // _checkbw, getStreamLength …: encoders go on without an answer
    }
  }

  #connect({ transactionId, values: [properties] }: RtmpCommand): void {
    if (this.#state !== 'handshake') throw new RtmpProtocolError('connected_twice', 'second connect')
    const { app, tcUrl } = isAmfObject(properties) ? properties : {}
    this.#app = typeof app === 'string' ? app : typeof tcUrl === 'string' ? appOf(tcUrl) : ''
    if (this.#app === '' && app !== '') throw new RtmpProtocolError('bad_connect', 'connect without app')
    if (this.#app.length > maxNameLength) throw new RtmpProtocolError('bad_connect', 'connect with too long an app')
    this.#state = 'connected'
    this.#engine.sendWindowACK(windowBytes)
    this.#engine.setPeerBandwidth(windowBytes, 2)
    this.#engine.announceChunkSize()
    this.#engine.objectEncoding = 0
    this.#engine.respondConnect(transactionId)
  }

  #createStream({ transactionId }: RtmpCommand): void {
    if (this.#state === 'handshake') throw new RtmpProtocolError('bad_state', 'createStream out of order')
    if (++this.#createdStreams > maxCreatedStreams) throw new RtmpProtocolError('too_many_streams', 'too many streams')
    this.#engine.respondCreateStream(transactionId)
  }

  /** What Flash Media Live Encoder says around `publish`: some encoders wait for these answers. */
  #answerFlash({ name, transactionId, streamId }: RtmpCommand): void {
    if (this.#state !== 'connected' && this.#state !== 'publishing') return
    if (transactionId > 0) this.#engine.sendInvokeMessage(0, { cmd: '_result', transId: transactionId, cmdObj: null })
    if (name !== 'FCPublish') return
    const info = { level: 'status', code: 'NetStream.Publish.Start', description: 'FCPublish.' }
    this.#engine.sendInvokeMessage(streamId, { cmd: 'onFCPublish', transId: 0, cmdObj: null, info })
  }

  #publish({ values: [, name], streamId }: RtmpCommand): void {
    if (this.#state !== 'connected') throw new RtmpProtocolError('bad_state', 'publish out of order')
    this.#streamId = streamId
    const target = targetOf(this.#app, name)
    if (target === undefined) {
      return this.end({ code: 'NetStream.Publish.BadName', description: 'A stream key is needed.' })
    }
    this.#state = 'authorizing'
    this.#options.socket.pause() // what the encoder sends meanwhile stays in the kernel, which bounds it
    this.#engine.hold()
    const { id, remoteAddress } = { id: this.id, remoteAddress: this.#options.remoteAddress }
    void this.#authorize({ sessionId: id, remoteAddress, ...target }) // never rejects
  }

  async #authorize(request: PublishRequest): Promise<void> {
    let decision: Authorization
    try {
      decision = await this.#options.authorize(request, this)
    } catch (error) {
      if (!this.signal.aborted) this.#options.log.error('rtmp.authorize_failed', { sessionId: this.id, error })
      return this.end({ code: failed, description: 'The stream key could not be checked; try again.' })
    }
    if (!decision.accept) return this.end(decision)
    if (this.#state !== 'authorizing') {
      return decision.sink.close({ code: 'disconnected', description: 'the encoder left while it was checked' })
    }
    this.#sink = decision.sink
    this.#state = 'publishing'
    this.#engine.publishing = true
    this.#lastReadAt = this.#options.now()
    this.#engine.sendStreamBegin(this.#streamId)
    this.#engine.sendStatusMessage(this.#streamId, 'status', 'NetStream.Publish.Start', 'Publishing.')
    this.#options.socket.resume()
    this.#parse(0, () => this.#engine.release())
  }

  #media(message: MediaMessage): void {
    if (this.#state === 'closed') return
    if (this.#state === 'connected' && message.type === 'metadata') return // early, and of nobody who was accepted
    if (this.#state !== 'publishing' || this.#sink === undefined) {
      throw new RtmpProtocolError('media_before_publish', 'media from one who was not accepted')
    }
    if (message.body.length === 0) return
    const tag = readFlvTag(message)
    if (!isPlayable(tag)) {
      return this.end({ code: failed, description: `${tag.codec} is not supported; send H.264 video and AAC audio.` })
    }
    if (tag.role === 'header' && message.body.length > this.#options.limits.maxDataBytes) {
      throw new RtmpProtocolError('header_too_large', `sequence header of ${message.body.length} bytes`)
    }
    if (this.#sink.write(message) !== false || this.#held) return
    this.#held = true
    this.#options.socket.pause()
  }

  #send(bytes: Buffer): void {
    const { socket } = this.#options
    if (!socket.writable) return
    socket.write(bytes)
    if (socket.writableLength > maxUnsentBytes) socket.destroy() // reads nothing: nothing more can be told
  }

  #close(end: SessionEnd, how: { tellPeer?: boolean; asCode?: string } = {}): void {
    if (this.#state === 'closed') return
    const { socket, log } = this.#options
    this.#state = 'closed'
    if (how.tellPeer && this.#engine.handshakeFinished) {
      const code = how.asCode ?? end.code
      const level = code.endsWith('Success') ? 'status' : 'error'
      this.#engine.sendStatusMessage(this.#streamId, level, code, end.description)
    }
    this.#abort.abort(new Error(end.code))
    try {
      this.#sink?.close(end)
    } catch (error) {
      log.error('rtmp.sink_close_failed', { sessionId: this.id, error })
    }
    this.#sink = undefined
    socket.end()
    socket.resume() // unread bytes at close would turn FIN into RST and swallow the status
    setTimeout(() => socket.destroy(), lingerMs).unref()
    this.#options.onClosed(this, end)
  }
}

const failed = 'NetStream.Publish.Failed'

function targetOf(app: string, name: AmfValue): PublishTarget | undefined {
  if (name !== undefined && name !== null && typeof name !== 'string') return undefined
  return (name ?? '').length > maxNameLength ? undefined : publishTarget(app, name ?? '')
}
