/** The RTMP(S) listener: accepts encoders, asks the owner who may publish, and hands over their media. */
import { randomUUID } from 'node:crypto'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Server as TlsServer, type TlsOptions, createServer as createTlsServer } from 'node:tls'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { Connections } from './connections.ts'
import type { RtmpLimits } from './limits.ts'
import type { Authorization, PublishRequest, PublishSession, SessionEnd } from './publishing.ts'
import { RtmpSession } from './session.ts'

export interface RtmpServerOptions {
  readonly port: number // 0: any free port
  readonly host?: string
  readonly tls?: TlsOptions // present: RTMPS
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
  const server = options.tls
    ? createTlsServer({ ...options.tls, ...socketOptions, handshakeTimeout: options.limits.timeToPublishMs })
    : createTcpServer(socketOptions)

  server.on('connection', (socket: Socket) => connections.admit(socket))
  // Plain RTMP to the TLS port, scanners, and who says nothing in time: Node leaves the socket of the last open.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    if (socket.destroyed) return
    const session = new RtmpSession({
      id: randomUUID(),
      socket,
      remoteAddress: socket.remoteAddress ?? '',
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
      if (server instanceof TlsServer) server.setSecureContext(tls)
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
