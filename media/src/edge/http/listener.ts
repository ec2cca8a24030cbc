/** Accepts connections and ends those that do nothing. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type ConnectionHandlers, type Exchange, HttpConnection } from './connection.ts'

const backlog = 4_096 // a broadcast begins for all its viewers at once
const sweepEveryMs = 5_000
const slowReaderFactor = 4 // a long segment on a bad line is no idle connection

export interface HttpListenerOptions {
  readonly port: number // 0: any free port
  readonly host?: string
  readonly maxConnections: number
  readonly idleMs: number // without a request or within a head; four times as long to take a response
  onRequest(exchange: Exchange): void
  badRequest(status: number): Buffer
}

export interface HttpListener {
  readonly port: number
  readonly connections: number
  /** Refuses new connections, ends idle ones; resolves when all are gone, after `deadlineMs` by force. */
  close(deadlineMs: number): Promise<void>
}

/** Listens. @throws the system's error where the port is taken or forbidden. */
export async function listenHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const connections = new Set<HttpConnection>()
  const handlers: ConnectionHandlers = {
    onRequest: (exchange) => options.onRequest(exchange),
    badRequest: (status) => options.badRequest(status),
    onClosed: (connection) => connections.delete(connection),
  }
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => {
    const connection = new HttpConnection(socket, handlers)
    connection.lastActiveAt = performance.now()
    connections.add(connection)
  })
  server.maxConnections = options.maxConnections
  server.listen({ port: options.port, host: options.host, backlog })
  await once(server, 'listening') // rejects with what 'error' says
  const timer = setInterval(() => sweep(connections, options.idleMs), Math.min(sweepEveryMs, options.idleMs))

  const { port } = server.address() as AddressInfo
  return {
    port,
    get connections() {
      return connections.size
    },
    close: async (deadlineMs) => {
      clearInterval(timer)
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve()) // called at once where it was closed before
      for (const connection of connections) connection.close()
      const force = setTimeout(() => {
        for (const connection of connections) connection.destroy()
      }, deadlineMs)
      await closed
      clearTimeout(force)
    },
  }
}

/** A request that is held counts as active: whoever holds it has its own deadline. */
function sweep(connections: ReadonlySet<HttpConnection>, idleMs: number): void {
  const now = performance.now()
  for (const connection of connections) {
    const allowedMs = connection.sending ? slowReaderFactor * idleMs : idleMs
    if (!connection.busy && now - connection.lastActiveAt > allowedMs) connection.destroy()
  }
}
