/**
 * The network between an encoder and the platform: a TCP proxy that can cut its connections. It reads the RTMP that passes,
 * so it knows when which key frame reached the platform.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { RtmpEngine } from '../../src/rtmp/engine.ts'
import { defaultRtmpLimits } from '../../src/rtmp/limits.ts'
import { serialsIn } from './stamped-clip.ts'
import { wallClock } from './stamped-encoder.ts'

/** FIN in order, RST, or a black hole: nothing passes in either direction, and nobody is told. */
export type CutKind = 'fin' | 'rst' | 'hole'

/** A key frame that passed: its serial, and the wall clock in ms. */
export interface PassedKeyFrame {
  serial: number
  atMs: number
}

interface Pair {
  client: Socket
  server: Socket
  /** The black hole swallowed it: the platform is not told of the client's end. */
  lost: boolean
}

export class CutProxy {
  readonly keyFrames: PassedKeyFrame[] = []
  /** Serials of all pictures that passed. */
  readonly pictures: number[] = []
  /** Connections that the platform closed while the network was whole. */
  closedByServer = 0
  readonly #server: Server
  readonly #target: { host: string; port: number }
  readonly #pairs = new Set<Pair>()
  #cut = false

  constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = createServer((client) => this.#accept(client))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Cuts what is connected; new connections are refused until `heal`. */
  cut(kind: CutKind): void {
    this.#cut = true
    for (const { client, server } of this.#pairs) {
      if (kind === 'hole') for (const socket of [client, server]) socket.pause()
      else if (kind === 'rst') for (const socket of [client, server]) socket.resetAndDestroy()
      else for (const socket of [client, server]) socket.end()
    }
  }

  /** The network is whole again: what a black hole held back goes on, unless `lost` (a new address after a roaming). */
  heal(options: { lost: boolean }): void {
    this.#cut = false
    for (const pair of this.#pairs) {
      pair.lost ||= options.lost
      if (pair.lost) continue
      for (const socket of [pair.client, pair.server]) socket.resume()
    }
  }

  close(): void {
    this.#server.close()
    for (const { client, server } of this.#pairs) for (const socket of [client, server]) socket.destroy()
  }

  #accept(client: Socket): void {
    if (this.#cut) {
      client.destroy()
      return
    }
    const server = connect({ ...this.#target, noDelay: true })
    const pair: Pair = { client, server, lost: false }
    this.#pairs.add(pair)
    const sniff = this.#sniffer()
    client.on('data', (bytes) => {
      sniff(bytes)
      if (!server.write(bytes)) client.pause()
    })
    server.on('drain', () => {
      if (!this.#cut && !pair.lost) client.resume()
    })
    server.on('data', (bytes) => client.write(bytes))
    for (const socket of [client, server]) socket.on('error', () => undefined) // 'close' follows
    client.on('close', () => {
      if (!this.#cut && !pair.lost) server.end()
    })
    server.on('close', () => {
      if (!this.#cut && !pair.lost && !client.destroyed) this.closedByServer += 1
      client.destroy()
      this.#pairs.delete(pair)
    })
  }

  /** Reads along; what it cannot parse it leaves to the platform to judge. */
  #sniffer(): (bytes: Buffer) => void {
    const engine = new RtmpEngine(defaultRtmpLimits, {
      output: () => undefined,
      command: () => undefined,
      ping: () => undefined,
      media: ({ type, body }) => {
        if (type !== 'video' || body[1] !== 1) return
        const [serial] = serialsIn(body)
        if (serial !== undefined) this.pictures.push(serial)
        if (serial !== undefined && body[0] === 0x17) this.keyFrames.push({ serial, atMs: wallClock() })
      },
    })
    engine.publishing = true
    return (bytes) => {
      try {
        engine.parse(bytes)
      } catch (error) {
        console.log(`the proxy cannot read along: ${String(error)}`)
      }
    }
  }
}
