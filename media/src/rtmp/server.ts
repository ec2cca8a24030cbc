/** The RTMP(S) listener: accepts encoders, asks the owner who may publish, and hands over their media. */
import { randomUUID } from 'node:crypto'
import { type AddressInfo, type BlockList, type Server, type Socket, createServer as createTcpServer } from 'node:net'
import { type TlsOptions, createServer as createTlsServer } from 'node:tls'
import { isWithin } from '@mytaek1/platform/address-blocks.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { Connections } from './connections.ts'
import type { RtmpLimits } from './limits.ts'
import type { Authorization, PublishRequest, PublishSession, SessionEnd } from './publishing.ts'
import { takeProxyHeader } from './proxy-header-reader.ts'
import { RtmpSession } from './session.ts'

export interface RtmpServerOptions {
  readonly port: number // 0: any free port
  readonly host?: string
  readonly tls?: TlsOptions // present: RTMPS
  /** From these each connection begins with a header of the PROXY protocol, and is of whom that says; from elsewhere none does. */
  readonly trustedProxies?: BlockList
  readonly limits: RtmpLimits
  readonly log: Logger
  /** Decides before the encoder hears NetStream.Publish.Start; a throw refuses with NetStream.Publish.Failed. */
  authorize(request: PublishRequest, session: PublishSession): Promise<Authorization>
  /** Told of every connection that ended, for metrics. */
  onSessionEnd?(end: SessionEnd): void
}

export interface RtmpServer {
  readonly port: number
  /** Connections now, and how many of them are accepted publishers. */
  readonly sessions: number
  readonly publishers: number
  /** Takes a renewed certificate for connections from now on; RTMPS only. @throws on a bad one, the old one stays. */
  renewTls(tls: TlsOptions): void
  /** Stops accepting connections; the sessions that are there go on. */
  stopListening(): void
  /** Ends every session with `end`, closes the listener, and waits until all sockets are gone. */
  close(end: SessionEnd): Promise<void>
}

const checkIntervalMs = 500
const keepAliveInitialDelayMs = 10_000

/** Listens. @throws the system's error where the port is taken or forbidden. */
export async function startRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const sessions = new Set<RtmpSession>()
  const connections = new Connections(options.limits)
  const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveInitialDelayMs }
  const server = createTcpServer(socketOptions)
  // does not listen: it is given connections, for what a proxy says of one comes before TLS
  const secure = options.tls && createTlsServer({ ...options.tls, handshakeTimeout: options.limits.timeToPublishMs })

  const begin = (socket: Socket) => {
    if (socket.destroyed) return
    const session = new RtmpSession({
      id: randomUUID(),
      socket,
      remoteAddress: connections.addressOf(socket),
      limits: options.limits,
      log: options.log,
      now: () => performance.now(),
      authorize: (request, handle) => options.authorize(request, handle),
      onClosed: (closed, end) => {
        sessions.delete(closed)
        options.onSessionEnd?.(end)
      },
    })
    sessions.add(session)
    connections.begin(socket, session)
  }
  const enter = (socket: Socket) => {
    if (socket.destroyed) return
    if (secure) secure.emit('connection', socket)
    else begin(socket)
  }
  // Plain RTMP to the TLS port, scanners, and who says nothing in time: Node leaves the socket of the last open.
  secure?.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  secure?.on('secureConnection', begin)
  server.on('connection', (socket: Socket) => {
    connections.admit(socket)
    const address = socket.remoteAddress ?? ''
    if (options.trustedProxies === undefined || !isWithin(options.trustedProxies, address)) return enter(socket)
    void passOn(address, socket, { ...options, connections }).then(() => enter(socket)) // never rejects
  })
  await listen(server, options)
  const timer = setInterval(() => {
    const now = performance.now()
    for (const session of sessions) session.check(now)
  }, checkIntervalMs)

  const { port } = server.address() as AddressInfo
  return {
    port,
    get sessions() {
      return sessions.size
    },
    get publishers() {
      return [...sessions].filter((session) => session.publishing).length
    },
    renewTls: (tls) => {
      secure?.setSecureContext(tls)
    },
    stopListening: () => void server.close(),
    close: (end) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve()) // called also when it was closed before
      connections.endAll(end)
      return promise.finally(() => clearInterval(timer))
    },
  }
}

/** Learns from a trusted proxy whose connection it is; one of which it says nothing is closed. */
async function passOn(
  proxy: string,
  socket: Socket,
  options: Pick<RtmpServerOptions, 'limits' | 'log' | 'onSessionEnd'> & { connections: Connections },
): Promise<void> {
  if (socket.destroyed) return
  try {
    const source = await takeProxyHeader(socket, options.limits.proxyHeaderMs)
    if (socket.readableEnded) socket.destroy()
    else if (source !== undefined) options.connections.passedOn(socket, source)
  } catch (error) {
    socket.destroy()
    const reason = error instanceof Error ? error.message : String(error)
    options.log.warn('rtmp.proxy_header_refused', { proxy, reason })
    options.onSessionEnd?.({ code: 'proxy_header', description: reason })
  }
}

function listen(server: Server, options: RtmpServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, options.host, () => {
    server.removeListener('error', reject)
    server.on('error', (error) => options.log.error('rtmp.listener_error', { error }))
    resolve()
  })
  return promise
}
