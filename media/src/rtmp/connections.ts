/**
 * The sockets of one listener, from accept to close, whether or not they have come as far as a session.
 *
 * When there are too many, the oldest that does not publish is closed for the newcomer: whoever only holds a socket
 * must not keep an encoder out. Where everybody publishes, the newcomer is closed. So there are never more than
 * `maxSessions`, nor more than `maxSessionsPerAddress` of one IPv4 address or IPv6 /64. A connection that a trusted proxy
 * passed on is its proxy's until that has said whose.
 */
import type { Socket } from 'node:net'
import { addressBlock } from './address-block.ts'
import type { RtmpLimits } from './limits.ts'
import type { SessionEnd } from './publishing.ts'

interface Session {
  readonly publishing: boolean
  end(status: SessionEnd): void
}

interface Connection {
  readonly socket: Socket // TCP, also below TLS
  address: string
  block: string
  session: Session | undefined
}

const full: SessionEnd = { code: 'NetConnection.Connect.Rejected', description: 'Too many connections; try again.' }

export class Connections {
  readonly #limits: Pick<RtmpLimits, 'maxSessions' | 'maxSessionsPerAddress'>
  readonly #all = new Map<string, Connection>() // by the peer's endpoint, oldest first
  readonly #perBlock = new Map<string, number>()

  constructor(limits: Pick<RtmpLimits, 'maxSessions' | 'maxSessionsPerAddress'>) {
    this.#limits = limits
  }

  /** Counts an accepted TCP socket; closes it, or another one, where that is one too many. */
  admit(socket: Socket): void {
    socket.on('error', () => {}) // its session, if it gets one, hears the error too
    const endpoint = endpointOf(socket)
    const address = socket.remoteAddress ?? ''
    const connection = { socket, address, block: addressBlock(address), session: undefined }
    this.#makeRoom(connection.block)
    if (this.#isFull(connection.block)) return void socket.destroy()
    this.#all.set(endpoint, connection)
    this.#count(connection.block, 1)
    socket.on('close', () => this.#forget(endpoint, connection))
  }

  /** Notes whose connection it is that a proxy passed on: from now on it counts as that one's. */
  passedOn(socket: Socket, address: string): void {
    const connection = this.#all.get(endpointOf(socket))
    if (connection === undefined) return
    const block = addressBlock(address)
    // it has its place among all of them already
    if (block !== connection.block && this.#of(block) >= this.#limits.maxSessionsPerAddress) this.#makeRoom(block)
    this.#count(connection.block, -1)
    connection.address = address
    connection.block = block
    this.#count(block, 1)
    if (this.#of(block) <= this.#limits.maxSessionsPerAddress) return
    socket.destroy()
    this.#forget(endpointOf(socket), connection)
  }

  /** Whose an admitted connection is. `socket` may be the TLS over it. */
  addressOf(socket: Socket): string {
    return this.#all.get(endpointOf(socket))?.address ?? socket.remoteAddress ?? ''
  }

  /** Notes the session of an admitted connection; `socket` may be the TLS over it. */
  begin(socket: Socket, session: Session): void {
    const connection = this.#all.get(endpointOf(socket))
    if (connection === undefined) return void socket.destroy()
    connection.session = session
  }

  /** Ends every session with `end`; a connection without one has nobody to be told. */
  endAll(end: SessionEnd): void {
    for (const { socket, session } of this.#all.values()) {
      if (session === undefined) socket.destroy()
      else session.end(end)
    }
  }

  #makeRoom(block: string): void {
    if (!this.#isFull(block)) return
    const perBlock = this.#of(block) >= this.#limits.maxSessionsPerAddress
    for (const [endpoint, connection] of this.#all) {
      if (connection.session?.publishing === true || (perBlock && connection.block !== block)) continue
      connection.session?.end(full)
      connection.socket.destroy() // no lingering: its place is taken
      return this.#forget(endpoint, connection)
    }
  }

  #isFull(block: string): boolean {
    return this.#all.size >= this.#limits.maxSessions || this.#of(block) >= this.#limits.maxSessionsPerAddress
  }

  #of(block: string): number {
    return this.#perBlock.get(block) ?? 0
  }

  #forget(endpoint: string, connection: Connection): void {
    if (this.#all.get(endpoint) !== connection) return // forgotten before; its port may be in use again
    this.#all.delete(endpoint)
    this.#count(connection.block, -1)
  }

  #count(block: string, more: 1 | -1): void {
    const count = this.#of(block) + more
    if (count === 0) this.#perBlock.delete(block)
    else this.#perBlock.set(block, count)
  }
}

function endpointOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
