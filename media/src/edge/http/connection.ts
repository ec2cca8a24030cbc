/**
 * One viewer's (or the ingress's) connection: heads in, prebuilt responses out, one request at a time.
 *
 * Why not node:http: it costs three times as much CPU a request as nginx does, this 1.0 to 1.4 times, the more the cheaper
 * the machine's system calls are (bench: fanout). What it leaves out is bodies, trailers, upgrades, Expect: nothing a player sends.
 *
 *   idle     nothing asked, or not all of a head is here. → busy, when a head is complete
 *   busy     the handler owes a response; what the peer sends meanwhile waits, 16 KiB at most. → idle, or closed
 *   closed   after an answer to a head that was no good, after `Connection: close`, or when the peer is gone
 */
import { Socket } from 'node:net'
import { type Reader, received } from './accept.ts'
import { type ByteWords, byteWords, endsAt } from './byte-words.ts'
import { KnownTargets } from './known-targets.ts'
import { ownString } from './own-string.ts'
import { BadRequestError, type RequestFields, type RequestHead, parseFields, parseRequestLine } from './request-head.ts'
import type { ResponseBytes } from './response-bytes.ts'
import type { SendBacklog } from './send-backlog.ts'

const maxHeadBytes = 16 * 1024
const headEnd = '\r\n\r\n'
const lineTail = ' HTTP/1.1'
const receivedView = new DataView(received.buffer)
const targets = new KnownTargets()
const noSocket = new Socket() // a connection's, until it is told its own

/** What a responder may do with its connection. */
export interface Connection {
  readonly remoteAddress: string
  /** Sends a whole response, where one is owed. `close`: it is the connection's last one, and says so. */
  respond(response: ResponseBytes, close: boolean): void
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
  badRequest(status: number): ResponseBytes
  /** Counts what the peers have not taken yet. */
  readonly backlog: SendBacklog
  onClosed(connection: HttpConnection): void
}

export class HttpConnection implements Connection, Reader {
  /** Whether a response is owed; and how often the listener has looked since a head began or a response was given. */
  busy = false
  looksSinceMoved = 0
  #socket = noSocket
  readonly #handlers: ConnectionHandlers
  readonly #responder: Responder
  #received = ''
  #closing = false
  #takesHeads = false
  #lags = false // the peer has not taken all, as far as the backlog knows
  // A player's heads differ in their targets only: the fields are read once a connection.
  #lastBlock = ''
  #lastFields: RequestFields | undefined
  #lastTail: ByteWords | undefined // that block, from the target's end to the head's; once it came again

  constructor(handlers: ConnectionHandlers) {
    this.#handlers = handlers
    this.#responder = handlers.open(this)
  }

  onSocket(socket: Socket): boolean {
    this.#socket = socket
    socket.on('drain', () => this.#onDrain())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#gone())
    return true
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }

  /** True while the peer has not taken all of the last response. */
  get sending(): boolean {
    return this.#socket.writableLength > 0
  }

  respond(response: ResponseBytes, close: boolean): void {
    if (!this.busy) return
    this.busy = false
    this.looksSinceMoved = 0
    if (close) this.#closing = true
    this.#write(response)
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

  /** Takes what came from the peer. Only a head's first byte restarts the clock: byte by byte none would ever be late. */
  onRead(length: number): boolean {
    if (this.#closing && !this.busy) return true
    if (this.#takeAlike(length)) return true
    const text = received.toString('latin1', 0, length)
    if (this.#received === '') {
      this.looksSinceMoved = 0
      this.#received = text
    } else this.#received += text
    this.#next()
    if (this.#received.length > maxHeadBytes) this.#refuse(431)
    return true
  }

  /** Takes what nearly every read is: one whole head that differs from the last one in its target only. */
  #takeAlike(length: number): boolean {
    const tail = this.#lastTail
    if (tail === undefined || this.#lastFields === undefined) return false
    if (this.#received !== '' || this.busy || this.#closing || this.#takesHeads || this.#lags) return false
    if (!endsAt(tail, length, receivedView)) return false
    const target = targets.read(received, receivedView, length - (tail[0] ?? 0))
    if (target === undefined) return false
    this.looksSinceMoved = 0
    this.busy = true
    this.#responder.onRequest({ method: 'GET', target, fields: this.#lastFields })
    return true
  }

  /**
   * Takes the heads that are here until one's response has to be waited for. A loop, and never within itself: thousands of
   * pipelined requests that are answered at once would else be thousands of calls deep.
   */
  #next(): void {
    if (this.#takesHeads) return
    this.#takesHeads = true
    try {
      while (this.#takeHead());
    } finally {
      this.#takesHeads = false
    }
  }

  /** Once the last response is on its way: a peer that reads nothing gets nothing prepared. @returns whether there was one. */
  #takeHead(): boolean {
    if (this.busy || this.#closing || this.#received === '' || this.#socket.writableNeedDrain) return false
    const end = this.#received.indexOf(headEnd)
    if (end === -1) return false
    const head = this.#received.slice(0, end)
    this.#received = this.#received.length === end + headEnd.length ? '' : this.#received.slice(end + headEnd.length)
    const parsed = this.#parse(head)
    if (parsed instanceof BadRequestError) {
      this.#refuse(parsed.status)
      return false
    }
    this.busy = true
    this.#responder.onRequest(parsed)
    return true
  }

  /** One system call, whether it is one piece or two. */
  #write({ first, rest }: ResponseBytes): void {
    const socket = this.#socket
    const { backlog } = this.#handlers
    if (this.#lags && socket.writableLength === 0) this.#caughtUp()
    if (rest === undefined) socket.write(first)
    else {
      socket.cork()
      socket.write(first)
      socket.write(rest)
      socket.uncork()
    }
    if (socket.writableLength === 0) return
    this.#lags = true
    backlog.add(this, rest ?? first)
  }

  #onDrain(): void {
    if (!this.sending) this.#caughtUp()
    this.#next()
  }

  #caughtUp(): void {
    if (!this.#lags) return
    this.#lags = false
    this.#handlers.backlog.remove(this)
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
      this.#lastBlock = ownString(block)
      this.#lastFields = parseFields(this.#lastBlock)
      this.#lastTail = undefined
    } else this.#lastTail ??= byteWords(`${lineTail}\r\n${block}${headEnd}`)
    return { method, target, fields: this.#lastFields }
  }

  #refuse(status: number): void {
    const owed = this.busy // then no second response may come before the first
    this.#closing = true
    if (owed) this.#socket.destroy()
    else this.#socket.end(this.#handlers.badRequest(status).first)
  }

  #gone(): void {
    this.#closing = true
    this.#received = ''
    this.#caughtUp()
    if (this.busy) this.#responder.onGone()
    this.busy = false
    this.#handlers.onClosed(this)
  }
}
