/** Accepts connections, ends those that do nothing, and refuses with a word those that are too many. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { acceptShared } from './accept.ts'
import { type Connection, type ConnectionHandlers, HttpConnection, type Responder } from './connection.ts'
import { RefusedConnections } from './refused-connections.ts'
import type { ResponseBytes } from './response-bytes.ts'
import { SendBacklog } from './send-backlog.ts'

const acceptBacklog = 4_096 // a broadcast begins for all its viewers at once
const maxLookEveryMs = 5_000
const slowReaderFactor = 4 // a long segment on a bad line is no idle connection

export interface HttpListenerOptions {
  readonly port: number // 0: any free port
  readonly host?: string
  readonly maxConnections: number
  readonly idleMs: number // without a request or within a head; four times as long to take a response
  readonly maxBacklogBytes: number // sent, and not yet taken by slow readers, over all connections
  /** Who answers a new connection's requests. */
  open(connection: Connection): Responder
  badRequest(status: number): ResponseBytes
  /** Makes the response to whoever comes when there are `maxConnections`. */
  noRoom(): ResponseBytes
  /** A connection was refused, or taken from a slow reader, to protect the others. */
  onShed(reason: 'connections' | 'slow_reader'): void
}

export interface HttpListener {
  readonly port: number
  readonly connections: number
  readonly backlogBytes: number
  /** Whether some of this memory, given to a connection, may not be sent yet. */
  isSent(memory: ArrayBufferLike): boolean
  /** Refuses new connections, ends idle ones; resolves when all are gone, after `deadlineMs` by force. */
  close(deadlineMs: number): Promise<void>
}

/** Listens. @throws the system's error where the port is taken or forbidden. */
export async function listenHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const connections = new Set<HttpConnection>()
  let closing = false
  const empty = Promise.withResolvers<void>()
  const refused = new RefusedConnections(() => options.noRoom().first)
  const backlog = new SendBacklog({
    maxBytes: options.maxBacklogBytes,
    onDropped: () => options.onShed('slow_reader'),
  })
  const handlers: ConnectionHandlers = {
    open: (connection) => options.open(connection),
    badRequest: (status) => options.badRequest(status),
    backlog,
    onClosed: (connection) => {
      connections.delete(connection)
      if (closing && connections.size === 0) empty.resolve()
    },
  }
  const server = acceptShared({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, () => {
    if (connections.size >= options.maxConnections) {
      options.onShed('connections')
      return refused.newReader()
    }
    const connection = new HttpConnection(handlers)
    connections.add(connection)
    return connection
  })
  server.listen({ port: options.port, host: options.host, backlog: acceptBacklog })
  await once(server, 'listening') // rejects with what 'error' says
  const lookEveryMs = Math.min(maxLookEveryMs, options.idleMs)
  const timer = setInterval(() => endIdle(connections, options.idleMs / lookEveryMs), lookEveryMs)

  const { port } = server.address() as AddressInfo
  return {
    port,
    get connections() {
      return connections.size
    },
    get backlogBytes() {
      return backlog.bytes
    },
    isSent: (memory) => backlog.holds(memory),
    close: async (deadlineMs) => {
      clearInterval(timer)
      server.close()
      closing = true
      refused.close()
      if (connections.size === 0) empty.resolve()
      for (const connection of connections) connection.close()
      const force = setTimeout(() => {
        for (const connection of connections) connection.destroy()
      }, deadlineMs)
      await empty.promise
      clearTimeout(force)
    },
  }
}

/** A request that is held counts as active: whoever holds it has its own deadline. */
function endIdle(connections: ReadonlySet<HttpConnection>, allowedLooks: number): void {
  for (const connection of connections) {
    connection.looksSinceMoved += 1
    const allowed = connection.sending ? slowReaderFactor * allowedLooks : allowedLooks
    if (!connection.busy && connection.looksSinceMoved > allowed) connection.destroy()
  }
}
