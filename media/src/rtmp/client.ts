/** An RTMP publisher: connects to a server and pushes messages to it, with backpressure. */
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { isAmfObject } from './amf0.ts'
import { type RtmpCommand, RtmpEngine, encodeMessage } from './engine.ts'
import { defaultRtmpLimits } from './limits.ts'
import type { MediaMessage } from './media-message.ts'

const handshakeBytes = 1536
const maxUnsentBytes = 4 * 1024 * 1024 // some seconds of a stream: the peer is slow, not dead
const transaction = Object.freeze({ connect: 1, createStream: 2, publish: 3 })

/** The server answered with an error status, kept in `code` and `description`. */
export class RtmpRefusedError extends Error {
  override readonly name = 'RtmpRefusedError'
  readonly code: string
  readonly description: string
  constructor(code: string, description: string) {
    super(`${code}: ${description}`)
    this.code = code
    this.description = description
  }
}

export interface RtmpPublisherOptions {
  readonly host: string
  readonly port: number
  readonly app: string
  readonly streamName: string // secret
  readonly signal: AbortSignal // aborts the connecting, and closes the publisher afterwards
  readonly deadlineMs: number // for connection and NetStream.Publish.Start together
  /** Sound waits so long for the picture that follows it, and both are one write: fewer wake-ups for the peer. */
  readonly gatherSoundMs?: number
}

interface PublisherEvents {
  drain: [] // after `write` returned false
  pong: [] // the peer's process has read everything written before the ping
  close: [Error?] // once, with the error if there was one
}

/** A connection that was accepted. */
export interface RtmpPublisher extends EventEmitter<PublisherEvents> {
  /** Bytes that ever came from the peer. */
  readonly receivedBytes: number
  /** Queues one message. @returns false when the peer is slow: wait for 'drain'. After 'close' it is ignored. */
  write(message: MediaMessage): boolean
  /** Asks the peer for a sign of life behind all that was written (RTMP 7.1.7, user control ping). */
  ping(): void
  /** Ends the stream in order: deleteStream, then FIN. */
  close(): void
  /** Drops the connection and what is unsent. */
  destroy(): void
}

/** Connects and publishes. @throws {RtmpRefusedError} the server refused; any socket error as it is; AbortError, TimeoutError. */
export async function connectRtmpPublisher(options: RtmpPublisherOptions): Promise<RtmpPublisher> {
  const { host, port } = options
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)])
  deadline.throwIfAborted()
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 })
  const connection = new Connection(socket, options.gatherSoundMs ?? 0)
  const abandon = () => socket.destroy(deadline.reason as Error)
  deadline.addEventListener('abort', abandon)
  try {
    await connection.publish(options)
  } catch (error) {
    socket.destroy()
    throw deadline.aborted ? deadline.reason : error
  } finally {
    deadline.removeEventListener('abort', abandon)
  }
  const stop = () => connection.close()
  options.signal.addEventListener('abort', stop, { once: true })
  connection.once('close', () => options.signal.removeEventListener('abort', stop))
  return connection
}

/** One socket: handshake, the three commands, then media. */
class Connection extends EventEmitter<PublisherEvents> implements RtmpPublisher {
  readonly #socket: Socket
  readonly #engine: RtmpEngine
  readonly #replies = new EventEmitter<Record<string, [RtmpCommand]>>()
  #handshake: Buffer[] = []
  #handshakeDone: (() => void) | undefined
  #streamId = 0
  #receivedBytes = 0
  #acknowledgedBytes = 0
  #failure: Error | undefined
  #closed = false
  readonly #gatherSoundMs: number
  #gathering: NodeJS.Timeout | undefined // while sound waits in the corked socket
  #picturesCome = false

  constructor(socket: Socket, gatherSoundMs: number) {
    super()
    this.#socket = socket
    this.#gatherSoundMs = gatherSoundMs
    this.#engine = new RtmpEngine(defaultRtmpLimits, {
      output: (bytes) => void (socket.writable && socket.write(bytes)),
      command: (command) => this.#command(command),
      media: () => {},
      ping: (timestamp) => this.#engine.sendPong(timestamp),
      pong: () => this.emit('pong'),
    })
    socket.on('data', (bytes) => this.#read(bytes))
    socket.on('drain', () => this.emit('drain'))
    socket.on('error', (error) => {
      this.#failure ??= error
    })
    socket.on('close', () => {
      clearTimeout(this.#gathering)
      this.#closed = true
      this.emit('close', this.#failure)
    })
  }

  write(message: MediaMessage): boolean {
    if (this.#closed || !this.#socket.writable) return true
    if (message.type === 'audio' && this.#picturesCome) this.#gather()
    this.#socket.write(encodeMessage(message, this.#streamId))
    if (message.type === 'video') this.#picturesCome = this.#gatherSoundMs > 0
    if (message.type !== 'audio') this.#release()
    return this.#socket.writableLength < maxUnsentBytes
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  ping(): void {
    if (!this.#closed) this.#engine.sendPing(performance.now())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  close(): void {
    if (this.#closed || !this.#socket.writable) return
    this.#engine.sendInvokeMessage(0, { cmd: 'deleteStream', transId: 0, cmdObj: null, streamId: this.#streamId })
    this.#socket.end()
    setTimeout(() => this.#socket.destroy(), 1_000).unref()
  }

  #gather(): void {
    if (this.#gathering !== undefined) return
    this.#socket.cork()
    this.#gathering = setTimeout(() => {
      this.#picturesCome = false // sound alone is not held back again
      this.#release()
    }, this.#gatherSoundMs)
  }

  #release(): void {
    if (this.#gathering === undefined) return
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    this.#socket.uncork()
  }

  /** Handshake to Publish.Start; rejects as soon as the socket closes or the server says no. */
  async publish({ host, port, app, streamName }: RtmpPublisherOptions): Promise<void> {
    const lost = Promise.withResolvers<never>()
    const onClose = (error?: Error) => lost.reject(error ?? new Error('the server closed the connection'))
    this.once('close', onClose)
    lost.promise.catch(() => {}) // awaited through the races below
    try {
      await Promise.race([once(this.#socket, 'connect'), lost.promise])
      await Promise.race([this.#shakeHands(), lost.promise])
      this.#engine.announceChunkSize()
      const properties = {
        app,
        type: 'nonprivate',
        flashVer: 'FMLE/3.0 (compatible; MyTaek1)',
        tcUrl: `rtmp://${host}:${port}/${app}`,
      }
      await Promise.race([this.#ask('connect', transaction.connect, { cmdObj: properties }), lost.promise])
      const created = await Promise.race([
        this.#ask('createStream', transaction.createStream, { cmdObj: null }),
        lost.promise,
      ])
      this.#streamId = typeof created.values[1] === 'number' ? created.values[1] : 1
      const started = this.#reply('onStatus')
      const publish = { cmd: 'publish', transId: transaction.publish, cmdObj: null, streamName, type: 'live' }
      this.#engine.sendInvokeMessage(this.#streamId, publish)
      const { code, description } = statusOf(await Promise.race([started, lost.promise]))
      if (code !== 'NetStream.Publish.Start') throw new RtmpRefusedError(code, description)
    } finally {
      this.removeListener('close', onClose)
    }
  }

  #shakeHands(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#handshakeDone = resolve
    const hello = randomBytes(1 + handshakeBytes)
    hello[0] = 3
    hello.fill(0, 1, 9) // time and zero: a simple handshake (5.2.3)
    this.#socket.write(hello)
    return promise
  }

  async #ask(cmd: string, transId: number, rest: Record<string, unknown>): Promise<RtmpCommand> {
    const answer = this.#reply(`_result ${transId}`)
    this.#engine.sendInvokeMessage(0, { cmd, transId, ...rest })
    return await answer
  }

  async #reply(name: string): Promise<RtmpCommand> {
    const { promise, resolve } = Promise.withResolvers<RtmpCommand>()
    this.#replies.once(name, resolve)
    return await promise
  }

  #command(command: RtmpCommand): void {
    if (command.name === '_result') return void this.#replies.emit(`_result ${command.transactionId}`, command)
    const { level, code, description } = statusOf(command)
    if (command.name !== '_error' && level !== 'error') return void this.#replies.emit(command.name, command)
    this.#failure = new RtmpRefusedError(code, description)
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    this.#receivedBytes += bytes.length
    try {
      if (this.#handshakeDone !== undefined) return this.#readHandshake(bytes)
      this.#engine.parseChunks(bytes)
      if (this.#receivedBytes - this.#acknowledgedBytes < this.#engine.peerWindowBytes / 2) return
      this.#acknowledgedBytes = this.#receivedBytes
      this.#engine.sendACK(this.#receivedBytes % 2 ** 32)
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#socket.destroy()
    }
  }

  /** S0 S1 S2 are 3,073 bytes; C2 repeats S1 (5.2.4). */
  #readHandshake(bytes: Buffer): void {
    this.#handshake.push(bytes)
    const received = Buffer.concat(this.#handshake)
    if (received.length < 1 + 2 * handshakeBytes) return
    this.#socket.write(received.subarray(1, 1 + handshakeBytes))
    this.#handshake = []
    const done = this.#handshakeDone
    this.#handshakeDone = undefined
    done?.()
    if (received.length > 1 + 2 * handshakeBytes) this.#engine.parseChunks(received.subarray(1 + 2 * handshakeBytes))
  }
}

function statusOf({ values }: RtmpCommand): { level: string; code: string; description: string } {
  const info = values.find((value) => isAmfObject(value)) ?? {}
  const field = (name: string) => (isAmfObject(info) && typeof info[name] === 'string' ? info[name] : '')
  return { level: field('level'), code: field('code') || 'unknown', description: field('description').slice(0, 200) }
}
