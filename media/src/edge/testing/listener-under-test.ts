/** A listener whose requests a test answers itself, and raw connections to it. */
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import type { TestContext } from 'node:test'
import type { Connection } from '../http/connection.ts'
import { listenHttp } from '../http/listener.ts'
import { responseBytes } from '../http/response-bytes.ts'

/** The head of a response with a body of `length`. */
export const okHead = (length: number) => Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`)
/** A whole small response. */
export const ok = (body: string) => responseBytes(Buffer.concat([okHead(body.length), Buffer.from(body)]))
/** A request, with more header lines. */
export const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`

/** One request and the means to answer it. */
export interface Exchange {
  readonly target: string
  onGone(): void
  readonly respond: Connection['respond']
}

/** Listens until the test ends. A client may `begin` with something; `shed` is what it told of connections that it refused or dropped. */
export async function server(
  t: TestContext,
  onRequest: (exchange: Exchange) => void,
  { idleMs = 60_000, maxConnections = 100, maxBacklogBytes = 1e9 } = {},
) {
  const shed: string[] = []
  const listener = await listenHttp({
    port: 0,
    host: '127.0.0.1',
    maxConnections,
    maxBacklogBytes,
    idleMs,
    open: (connection) => {
      let last: Exchange | undefined
      return {
        onRequest: ({ target }) => {
          last = { target, onGone: () => {}, respond: (response, close) => connection.respond(response, close) }
          onRequest(last)
        },
        onGone: () => last?.onGone(),
      }
    },
    badRequest: (status) => responseBytes(Buffer.from(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)),
    noRoom: () => responseBytes(Buffer.from('HTTP/1.1 503 No room\r\nConnection: close\r\n\r\n')),
    onShed: (reason) => shed.push(reason),
  })
  t.after(() => listener.close(0))
  const client = async (begin = ''): Promise<Socket> => {
    const socket = connect(listener.port, '127.0.0.1')
    t.after(() => socket.destroy())
    const connected = once(socket, 'connect')
    if (begin !== '') socket.write(begin) // with the connection, before any look at who says nothing
    await connected
    return socket
  }
  return { listener, client, shed }
}

/** Resolves when the connection is over, by a reset, too: who is cut off may be writing. Ask for it before it can be. */
export function closed(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.on('error', () => {})
  socket.once('close', () => resolve()).resume()
  return promise
}

/** Everything the peer sends until it closes. */
export async function whole(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** What the peer sends, up to where `until` matches. */
export async function receive(socket: Socket, until: RegExp): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
    if (until.test(text)) resolve(text)
  })
  return promise
}
