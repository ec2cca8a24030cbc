/**
 * Accepts connections whose reads all go to one buffer. A Socket of node:net's own server gets 64 KiB of fresh memory
 * for every read, which costs more than all else of a small request. `onread` does without, but a Server cannot be
 * told to use it: the accepted handle is moved into a Socket that does.
 */
import { type Server, type ServerOpts, Socket, type SocketConstructorOpts, createServer } from 'node:net'

const bufferBytes = 64 * 1024

/** Reads of all connections: what is in it is good until the reader returns. */
const shared = Buffer.allocUnsafe(bufferBytes)

/** What takes a connection's bytes, the first `length` of `bytes`; they are good until it returns. */
export type Reader = (bytes: Buffer, length: number) => void

/**
 * A server that hands every connection to `onAccepted`, which gives back who reads it; nobody, and it is closed. The
 * server itself counts no connections: neither `maxConnections` nor `close` knows those that were handed over.
 */
export function acceptShared(options: ServerOpts, onAccepted: (socket: Socket) => Reader | undefined): Server {
  return createServer({ ...options, pauseOnConnect: true }, (accepted) => {
    const callback = (length: number): boolean => {
      reader?.(shared, length) // no view of them: to make one costs as much as to read them
      return true
    }
    const moved = { handle: takeHandle(accepted), onread: { buffer: shared, callback } }
    const socket = new Socket(moved as SocketConstructorOpts) // its types know another kind of handle only
    const reader = onAccepted(socket)
    if (reader === undefined) socket.destroy()
  })
}

/** The socket loses its connection, and goes. */
function takeHandle(socket: Socket & { _handle?: unknown }): unknown {
  const handle = socket._handle
  socket._handle = null
  socket.destroy()
  return handle
}
