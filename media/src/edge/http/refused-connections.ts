/**
 * Connections for which there is no room. Each is told so once its request has begun to come: an ingress makes 502 of a
 * connection that ends without a word, and of an answer to what it has not asked yet. Then it reads to the end: closed
 * with bytes unread, a connection is reset and the answer lost.
 */
import type { Socket } from 'node:net'
import type { Reader } from './accept.ts'

const mostAtOnce = 256 // beyond it they are closed without a word: to refuse must cost less than to serve
const lingerMs = 1_000

export class RefusedConnections {
  readonly #answer: () => Buffer
  readonly #sockets = new Set<Socket>()

  constructor(answer: () => Buffer) {
    this.#answer = answer
  }

  /** Answers what is refused, and closes it at once where there are too many of those, too. */
  newReader(): Reader {
    let refused: Socket | undefined
    return {
      onSocket: (socket) => {
        if (this.#sockets.size >= mostAtOnce) return false
        this.#add((refused = socket))
        return true
      },
      onRead: () => {
        refused?.end(this.#answer())
        refused = undefined
        return true
      },
    }
  }

  #add(socket: Socket): void {
    this.#sockets.add(socket)
    const deadline = setTimeout(() => socket.destroy(), lingerMs)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(deadline)
      this.#sockets.delete(socket)
    })
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
