/**
 * What the edge's own HTTP reader is measured against: the same edge on node:http, with as little between them as can be.
 * Bounds on connections and on slow readers are left out, which is in its favour.
 */
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Connection, Responder } from '../../src/edge/http/connection.ts'
import type { HttpListener, HttpListenerOptions } from '../../src/edge/http/listener.ts'
import type { RequestFields } from '../../src/edge/http/request-head.ts'
import type { ResponseBytes } from '../../src/edge/http/response-bytes.ts'

const acceptBacklog = 4_096
/** Set by node:http itself. */
const ownFields = /^(?:connection|keep-alive):/i

/** A response as node:http takes it. */
interface Parts {
  readonly status: number
  readonly fields: string[] // names and values by turns
  readonly body: Buffer
}

/** Listens as `listenHttp` does. */
export async function listenPlainly(options: HttpListenerOptions): Promise<HttpListener> {
  const sessions = new WeakMap<Socket, Session>()
  const server = createServer(
    { keepAlive: true, noDelay: true, keepAliveTimeout: options.idleMs },
    (request, response) => {
      const { socket } = request
      let session = sessions.get(socket)
      if (session === undefined) sessions.set(socket, (session = new Session(options, socket)))
      session.take(request, response)
    },
  )
  server.listen({ port: options.port, host: options.host, backlog: acceptBacklog })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    backlogBytes: 0,
    isSent: () => true, // nobody counts, so nothing is written over
    close: async (deadlineMs) => {
      const closed = once(server, 'close')
      server.close()
      const force = setTimeout(() => server.closeAllConnections(), deadlineMs)
      await closed
      clearTimeout(force)
    },
  }
}

class Session implements Connection {
  readonly #socket: Socket
  readonly #responder: Responder
  #response: ServerResponse | undefined
  #fields: RequestFields | undefined

  constructor(options: HttpListenerOptions, socket: Socket) {
    this.#socket = socket
    this.#responder = options.open(this)
    socket.on('close', () => {
      if (this.#response !== undefined) this.#responder.onGone()
      this.#response = undefined
    })
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    this.#response = response
    response.sendDate = false
    this.#responder.onRequest({
      method: request.method ?? '',
      target: request.url ?? '',
      fields: this.#fieldsOf(request),
    })
  }

  respond(bytes: ResponseBytes): void {
    const response = this.#response
    this.#response = undefined
    const { status, fields, body } = partsOf(bytes)
    response?.writeHead(status, fields).end(body)
  }

  /** The same object as long as they are the same, as our own reader has it. */
  #fieldsOf({ headers }: IncomingMessage): RequestFields {
    const known = this.#fields
    const forwardedFor = [headers['x-forwarded-for']].flat()[0]
    if (known !== undefined && known.cookie === headers.cookie && known.forwardedFor === forwardedFor) return known
    return (this.#fields = {
      keepAlive: headers.connection !== 'close',
      takesGzip: (headers['accept-encoding'] ?? '').includes('gzip'),
      cookie: headers.cookie,
      forwardedFor,
      isCounted: headers['x-viewer-counted'] !== undefined,
      secure: headers['x-forwarded-proto'] === 'https',
    })
  }
}

const known = new WeakMap<ResponseBytes, Parts>()

/** Of bytes that are ready for many: read once. */
function partsOf(bytes: ResponseBytes): Parts {
  const before = known.get(bytes)
  if (before !== undefined) return before
  const end = bytes.first.indexOf('\r\n\r\n')
  const [line = '', ...lines] = bytes.first.toString('latin1', 0, end).split('\r\n')
  const parts = {
    status: Number(line.split(' ')[1]),
    fields: lines.filter((field) => !ownFields.test(field)).flatMap((field) => field.split(/: (.*)/, 2)),
    body: bytes.rest ?? bytes.first.subarray(end + 4),
  }
  known.set(bytes, parts)
  return parts
}
