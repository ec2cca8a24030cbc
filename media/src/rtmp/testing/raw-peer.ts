/** A peer for tests that says what it likes over a TCP socket, in or out of order, and keeps what it hears. */
import { EventEmitter, once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { isAmfObject } from '../amf0.ts'
import { type RtmpCommand, RtmpEngine } from '../engine.ts'
import { defaultRtmpLimits } from '../limits.ts'

const deadlineMs = 60_000

/** A whole message in one type 0 chunk, `length` as announced in its header; `body` may be shorter. */
export function rawChunk(type: number, body: Buffer, options: { cid?: number; length?: number } = {}): Buffer {
  const header = Buffer.alloc(12)
  header[0] = options.cid ?? 4
  header.writeUIntBE(options.length ?? body.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(1, 8)
  return Buffer.concat([header, body])
}

/** Connected, hands not yet shaken. */
export class RawPeer extends EventEmitter<{ command: [RtmpCommand]; closed: [] }> {
  readonly socket: Socket
  readonly heard: RtmpCommand[] = []
  readonly engine: RtmpEngine
  closed = false
  #handshakeLeft = 3073

  constructor(port: number) {
    super()
    this.socket = connect({ port, host: '127.0.0.1' })
    this.engine = new RtmpEngine(defaultRtmpLimits, {
      output: (bytes) => void this.socket.write(bytes),
      media: () => {},
      ping: () => {},
      command: (command) => {
        this.heard.push(command)
        this.emit('command', command)
      },
    })
    this.socket.on('data', (bytes) => {
      const skipped = Math.min(this.#handshakeLeft, bytes.length)
      this.#handshakeLeft -= skipped
      if (skipped > 0 && this.#handshakeLeft === 0)
        this.emit('command', { name: 'handshake', transactionId: 0, values: [], streamId: 0 })
      if (skipped < bytes.length) this.engine.parseChunks(bytes.subarray(skipped))
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.emit('closed')
    })
  }

  /** Status codes heard, in order. */
  get statuses(): string[] {
    return this.heard.filter(({ name }) => name === 'onStatus').map(statusCode)
  }

  async shakeHands(): Promise<void> {
    const done = this.hears((command) => command.name === 'handshake')
    this.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]))
    await done
    this.socket.write(Buffer.alloc(1536))
    this.engine.announceChunkSize()
  }

  say(cmd: string, transId: number, rest: Record<string, unknown>, streamId = 0): void {
    this.engine.sendInvokeMessage(streamId, { cmd, transId, ...rest })
  }

  async connectTo(app: string, tcUrl = `rtmp://127.0.0.1/${app}`): Promise<void> {
    const done = this.hears((command) => command.name === '_result')
    this.say('connect', 1, { cmdObj: { app, tcUrl } })
    await done
  }

  publish(streamName: string): void {
    this.say('publish', 3, { cmdObj: null, streamName, type: 'live' }, 1)
  }

  /** Waits for a command that fits. @throws when the connection closes first, or nothing fits in time. */
  async hears(fits: (command: RtmpCommand) => boolean): Promise<RtmpCommand> {
    const { promise, resolve, reject } = Promise.withResolvers<RtmpCommand>()
    const listen = (command: RtmpCommand) => fits(command) && resolve(command)
    const close = () => reject(new Error(`closed; heard ${this.statuses.join(', ')}`))
    const timer = setTimeout(() => reject(new Error('nothing heard in time')), deadlineMs)
    this.on('command', listen).once('closed', close)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.off('command', listen).off('closed', close)
    }
  }

  async hearsStatus(code: string): Promise<RtmpCommand> {
    return (
      this.heard.find((command) => statusCode(command) === code) ??
      (await this.hears((command) => statusCode(command) === code))
    )
  }

  async isClosed(): Promise<void> {
    if (!this.closed) await once(this, 'closed', { signal: AbortSignal.timeout(deadlineMs) })
  }
}

function statusCode({ name, values }: RtmpCommand): string {
  const info = values.find((value) => isAmfObject(value))
  const code = isAmfObject(info) ? info['code'] : undefined
  return name === 'onStatus' && typeof code === 'string' ? code : ''
}
