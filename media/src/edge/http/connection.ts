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

/** What a responder may do with its connection. */
export interface Connection {
  readonly remoteAddress: string
  /** Sends a whole response, where one is owed. `close`: it is the connection's last one, and says so. */
  respond(response: Buffer, close: boolean): void
}

/**
 * Answers one connection's requests, one at a time. An object a connection and not a function a request: thousands wait
 * at once, and whatever is made for a request that waits is copied by every collection of young memory meanwhile.
 */
export interface Responder {
  /** Owes one `respond`, now or later. */
  onRequest(head: RequestHead): void
  /** The peer left; nothing is owed any more. */
  onGone(): void
}

export interface ConnectionHandlers {
  /** Called once for every connection. */
  open(connection: Connection): Responder
  /** Makes the response to a head that was no good. */
  badRequest(status: number): Buffer
  onClosed(connection: HttpConnection): void
}

export class HttpConnection implements Connection {
  /** Whether a response is owed; and how often the listener has looked since anything moved. */
  busy = false
  looksSinceMoved = 0
  readonly #socket: Socket
  readonly #handlers: ConnectionHandlers
  readonly #responder: Responder
  #received = ''
  #closing = false
  // A player's heads differ in their targets only: the fields are read once a connection.
  #lastBlock = ''
  #lastFields: RequestFields | undefined

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    this.#responder = handlers.open(this)
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
    const parsed = this.#parse(head)
    if (parsed instanceof BadRequestError) return this.#refuse(parsed.status)
    this.busy = true
    this.#responder.onRequest(parsed)
  }

  #parse(head: string): RequestHead | BadRequestError {
    try {
      return this.#parseHead(head)
    } catch (error) {
      if (error instanceof BadRequestError) return error
      throw error
    }
  }

  #parseHead(head: string): RequestHead {
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
    if (this.busy) this.#responder.onGone()
    this.busy = false
    this.#handlers.onClosed(this)
  }
}
