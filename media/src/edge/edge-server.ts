/** The HTTP server of viewers. */
import { refusal } from './answer.ts'
import { ClientAddresses } from './client-address.ts'
import type { Coalescer } from './coalescer.ts'
import type { DoorLine } from './door-log.ts'
import { parseTarget } from './edge-request.ts'
import { type EdgeDesk, EdgeSession } from './edge-session.ts'
import { type HttpListener, listenHttp } from './http/listener.ts'
import type { EdgeMetrics } from './metrics.ts'
import { ViewerCounter } from './viewer-counter.ts'
import type { Viewers } from './viewers.ts'

const idleMs = 75_000 // longer than an ingress keeps idle connections, so that it is the one who closes

export interface EdgeServerOptions {
  readonly port: number
  readonly host?: string
  readonly coalescer: Coalescer
  readonly viewers: Viewers
  readonly cookieSecret: string
  /** Absent: no proxy is known by its address. */
  readonly addresses?: ClientAddresses
  readonly maxConnections: number
  readonly maxHeld: number
  /** Bytes that slow readers may keep, over all connections. */
  readonly maxBacklogBytes: number
  /** True while this process cannot keep up: new viewers are sent away, so that those who watch go on. */
  readonly overloaded: () => boolean
  readonly metrics: EdgeMetrics
  /** What reads HTTP: our own reader, unless a bench compares it with another. */
  readonly listen?: typeof listenHttp
}

export class EdgeServer {
  readonly #options: EdgeServerOptions
  readonly #desk: EdgeDesk
  readonly #addresses: ClientAddresses
  #listener: HttpListener | undefined

  constructor(options: EdgeServerOptions) {
    this.#options = options
    const {
      coalescer,
      viewers,
      cookieSecret,
      addresses = new ClientAddresses(),
      maxHeld,
      overloaded,
      metrics,
    } = options
    this.#addresses = addresses
    const counter = new ViewerCounter({ viewers, cookieSecret, addresses })
    const shared = { coalescer, viewers, counter, cookieSecret, addresses, maxHeld, overloaded, metrics }
    const isSent = (memory: ArrayBufferLike) => this.#listener?.isSent(memory) ?? true
    this.#desk = { ...shared, isSent, targets: new Map(), held: 0, heldRecordings: 0, draining: false }
  }

  get port(): number {
    return this.#listener?.port ?? 0
  }

  get connections(): number {
    return this.#listener?.connections ?? 0
  }

  /** Bytes that are kept for slow readers. */
  get backlogBytes(): number {
    return this.#listener?.backlogBytes ?? 0
  }

  /** Requests waiting for what is not there yet. */
  get held(): number {
    return this.#desk.held
  }

  /** Counts a viewer whom a door's cache answered, or who waits at a door. */
  countElsewhere({ target, cookieValue, forwardedFor, waitingTick }: DoorLine): void {
    const { coalescer, counter } = this.#desk
    const asked = parseTarget(target)
    if ('refused' in asked || !coalescer.isOn(asked.broadcast)) return
    // who is told of again has asked for nothing again
    const request = waitingTick === undefined ? asked : { ...asked, key: `${asked.key} ${waitingTick}` }
    counter.count(request, { client: this.#addresses.clientOf(forwardedFor, ''), cookieValue }, performance.now())
  }

  /** @throws the system's error where the port is taken. */
  async listen(): Promise<void> {
    const { port, host, maxConnections, maxBacklogBytes, metrics, listen = listenHttp } = this.#options
    const last = { gzip: false, headOnly: false, close: true }
    this.#listener = await listen({
      port,
      host,
      maxConnections,
      maxBacklogBytes,
      idleMs,
      open: (connection) => new EdgeSession(this.#desk, connection),
      badRequest: (status) =>
        refusal(status, 'bad_request', 'This is no request for a stream.').response(last, performance.now()),
      noRoom: () => noRoom.response(last, performance.now()),
      onShed: (reason) => metrics.shed.inc({ reason }),
    })
  }

  /** Every answer closes its connection from now on; resolves when none is left. */
  async close(deadlineMs: number): Promise<void> {
    this.#desk.draining = true
    await this.#listener?.close(deadlineMs)
  }
}

const noRoom = refusal(503, 'overloaded', 'This server has no room for more connections; ask again.', {
  retryAfterSeconds: 2,
})
