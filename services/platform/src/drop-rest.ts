import type { IncomingMessage } from 'node:http'

const checkedEveryMs = 50

/**
 * Reads and drops what the caller of a refused request still sends, then cuts the connection if it sends for ever.
 *
 * A connection that is closed with bytes unread is reset, and a reset may overtake the refusal: a proxy then answers 502
 * where we said 413. So the rest is read, as RFC 9112 section 9.6 advises, but only so much of it and for so long.
 */
export function dropRest(request: IncomingMessage, { bytes, ms }: { bytes: number; ms: number }): void {
  if (request.complete) return
  const { socket } = request
  const limit = socket.bytesRead + bytes
  let looksLeft = Math.ceil(ms / checkedEveryMs) // counted, not timed: what came while this process stood still is still unread
  request.resume()
  const timer = setInterval(() => {
    looksLeft -= 1
    const isEndless = socket.bytesRead > limit || looksLeft < 0
    if (isEndless && !request.complete) socket.destroy()
    if (request.complete || socket.destroyed) clearInterval(timer)
  }, checkedEveryMs)
  timer.unref()
}
