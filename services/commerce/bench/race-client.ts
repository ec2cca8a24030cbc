/** An HTTP client thin enough to race ten thousand buyers from one core: prepared requests over kept-alive sockets. */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

const answerWithinMs = 60_000

/** One answer; `status` 0: the connection broke before it came. */
export interface RaceAnswer {
  status: number
  body: string
  milliseconds: number
}

/** The bytes of a JSON POST. */
export function postRequest(path: string, headers: Record<string, string>, body: string): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, '', body)
  return Buffer.from(lines.join('\r\n'))
}

/**
 * Sends all requests as fast as `connections` sockets, spread over the ports, take them: each socket sends its next
 * request when its last one is answered. The sockets are open before the clock starts.
 */
export async function race(
  ports: readonly number[],
  requests: readonly Buffer[],
  connections: number,
): Promise<{ answers: RaceAnswer[]; wallSeconds: number }> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async (_, n) => {
      const socket = connect(ports[n % ports.length] ?? 0, '127.0.0.1')
      socket.setNoDelay(true)
      await once(socket, 'connect')
      return socket
    }),
  )
  const answers: RaceAnswer[] = []
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    sockets.map(async (socket) => {
      const reader = new AnswerReader(socket)
      while (next < requests.length) {
        const index = next
        next += 1
        const sentAt = performance.now()
        socket.write(requests[index] ?? '')
        const { status, body } = await reader.next()
        answers[index] = { status, body, milliseconds: performance.now() - sentAt }
        if (status === 0) return
      }
    }),
  )
  const wallSeconds = (performance.now() - startedAt) / 1_000
  for (const socket of sockets) socket.destroy()
  return { answers, wallSeconds }
}

/** Reads answers that carry Content-Length, one at a time. */
export class AnswerReader {
  #text = ''
  #waiting: ((answer: { status: number; body: string }) => void) | undefined

  constructor(socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      this.#text += chunk
      this.#take()
    })
    socket.setTimeout(answerWithinMs, () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => this.#waiting?.({ status: 0, body: '' }))
  }

  next(): Promise<{ status: number; body: string }> {
    return new Promise((resolve) => (this.#waiting = resolve))
  }

  #take(): void {
    const headEnd = this.#text.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1] ?? 0)
    if (this.#text.length < headEnd + 4 + length) return
    const answer = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(headEnd + 4) }
    this.#text = ''
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(answer)
  }
}
