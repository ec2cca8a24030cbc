/**
 * Accepts connections whose reads all go to one buffer. A Socket of node:net's own server gets 64 KiB of fresh memory
 * for every read, which costs more than all else of a small request. `onread` does without, but a Server cannot be
 * told to use it: the accepted handle is moved into a Socket that does.
 */
import { type Server, type ServerOpts, Socket, type SocketConstructorOpts, createServer } from 'node:net'

const bufferBytes = 64 * 1024

/** Reads of all connections: what is in it is good until the reader returns. */
export const received = Buffer.allocUnsafeSlow(bufferBytes)

/** A connection that is being accepted. */
export interface Reader {
  /** Told first. @returns whether it wants the connection; if not, that is closed. */
  onSocket(socket: Socket): boolean
  /** Takes the first `length` bytes of `received`. @returns true: go on reading. */
  onRead(length: number): boolean
}

/**
 * A server that hands every connection to a reader of its own. The server itself counts no connections: neither
 * `maxConnections` nor `close` knows those that were handed over.
 *
 * Each object that a read passes through is in no cache by the time its connection is read again: hence a bound method,
 * and no closure in a closure.
 */
export function acceptShared(options: ServerOpts, newReader: () => Reader): Server {
  return createServer({ ...options, pauseOnConnect: true }, (accepted) => {
    const reader = newReader()
    const onread = { buffer: received, callback: reader.onRead.bind(reader) }
    const moved = { handle: takeHandle(accepted), onread }
    const socket = new Socket(moved as SocketConstructorOpts) // its types know another kind of handle only
    if (!reader.onSocket(socket)) socket.destroy()
  })
}

/** The socket loses its connection, and goes. */
function takeHandle(socket: Socket & { _handle?: unknown }): unknown {
  const handle = socket._handle
  socket._handle = null
  socket.destroy()
  return handle
}
