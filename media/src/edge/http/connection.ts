/**
 * One viewer's (or the ingress's) connection: heads in, prebuilt responses out, one request at a time.
 *
 * Why not node:http: it costs three times as much CPU a request as nginx does, this costs about as much as nginx
 * (bench: fanout). What it leaves out is bodies, trailers, upgrades, Expect: nothing a player sends.
 *
 *   idle     nothing asked, or not all of a head is here. → busy, when a head is complete
 *   busy     the handler owes a response; what the peer sends meanwhile waits, 16 KiB at most. → idle, or closed
 *   closed   after an answer to a head that was no good, after `Connection: close`, or when the peer is gone
 */
import type { Socket } from 'node:net'
import { BadRequestError, type RequestFields, type RequestHead, parseFields, parseRequestLine } from './request-head.ts'

const maxHeadBytes = 16 * 1024
const headEnd = '\r\n\r\n'

/** Answers a request, now or later, once. */
export interface Exchange {
  readonly head: RequestHead
  readonly remoteAddress: string
  /** Set by whoever answers later: called when the peer left before that. */
  onGone: (() => void) | undefined
  /** Sends a whole response. `close`: it is the connection's last one, and says so. */
  respond(response: Buffer, close: boolean): void
}

export interface ConnectionHandlers {
  onRequest(exchange: Exchange): void
  /** Makes the response to a head that was no good. */
  badRequest(status: number): Buffer
  onClosed(connection: HttpConnection): void
}

export class HttpConnection implements Exchange {
  head: RequestHead
  onGone: (() => void) | undefined
  /** Whether a response is owed; and how often the listener has looked since anything moved. */
  busy = false
  looksSinceMoved = 0
  readonly #socket: Socket
  readonly #handlers: ConnectionHandlers
  #received = ''
  #closing = false
  // A player's heads differ in their targets only: the fields are read once a connection.
  #lastBlock = ''
  #lastFields: RequestFields | undefined

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    this.head = noHead
    socket.on('drain', () => this.#next())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#gone())
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  /** True while the peer has not taken all of the last response. */
  get sending(): boolean {
    return this.#socket.writableLength > 0
  }

  respond(response: Buffer, close: boolean): void {
    if (!this.busy) return
    this.busy = false
    this.onGone = undefined
    this.looksSinceMoved = 0
    if (close) this.#closing = true
    this.#socket.write(response)
    if (this.#closing) this.#socket.end()
    else if (this.#received !== '') this.#next()
  }

  /** After the response that is owed, or now, the connection ends. */
  close(): void {
    this.#closing = true
    if (!this.busy) this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Takes what came from the peer. */
  read(bytes: Buffer): void {
    if (this.#closing && !this.busy) return
    this.looksSinceMoved = 0
    const text = bytes.toString('latin1')
    this.#received = this.#received === '' ? text : this.#received + text
    this.#next()
    if (this.#received.length > maxHeadBytes) this.#refuse(431)
  }

  /** Takes the next head, once the last response is on its way: a peer that reads nothing gets nothing prepared. */
  #next(): void {
    if (this.busy || this.#closing || this.#received === '' || this.#socket.writableNeedDrain) return
    const end = this.#received.indexOf(headEnd)
    if (end === -1) return
    const head = this.#received.slice(0, end)
    this.#received = this.#received.length === end + headEnd.length ? '' : this.#received.slice(end + headEnd.length)
    try {
      this.head = this.#parse(head)
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error
      return this.#refuse(error.status)
    }
    this.busy = true
    this.#handlers.onRequest(this)
  }

  #parse(head: string): RequestHead {
    const lineEnd = head.indexOf('\r\n')
    const line = lineEnd === -1 ? head : head.slice(0, lineEnd)
    const block = lineEnd === -1 ? '' : head.slice(lineEnd + 2)
    const { method, target, isOld } = parseRequestLine(line)
    if (isOld) return { method, target, fields: parseFields(block, isOld) }
    if (this.#lastFields === undefined || block !== this.#lastBlock) {
      this.#lastFields = parseFields(block)
      this.#lastBlock = block
    }
    return { method, target, fields: this.#lastFields }
  }

  #refuse(status: number): void {
    const owed = this.busy // then no second response may come before the first
    this.#closing = true
    if (owed) this.#socket.destroy()
    else this.#socket.end(this.#handlers.badRequest(status))
  }

  #gone(): void {
    this.#closing = true
    this.busy = false
    this.onGone?.()
    this.onGone = undefined
    this.#handlers.onClosed(this)
  }
}

const noHead: RequestHead = Object.freeze({
  method: '',
  target: '',
  fields: Object.freeze({
    keepAlive: true,
    takesGzip: false,
    cookie: undefined,
    userAgent: '',
    forwardedFor: undefined,
    secure: false,
  }),
})
