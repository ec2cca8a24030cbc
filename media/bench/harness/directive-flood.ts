/** Viewers nobody wants: random and broken delivery directives, thrown at a server over raw sockets. */
import { connect, type Socket } from 'node:net'
import { seededRandom } from '../../src/rtmp/testing/mutated-messages.ts'

const answerDeadlineMs = 20_000
/** What the server documents for playlist requests: the playlist, a bad directive, no such path, ask again. */
const documented: readonly number[] = [200, 400, 404, 503]
const garbage = [
  '_HLS_',
  '&',
  '=',
  '%00',
  '%',
  '..',
  '/',
  '?',
  '\u00ff',
  'YES',
  'NaN',
  '-1',
  '1e9',
  '9'.repeat(40),
  '+1',
  '_HLS_msn',
  ';',
]

export interface FloodOptions {
  /** Media playlists, absolute. */
  playlists: readonly URL[]
  count: number
  connections: number
  seed: number
  /** Where the playlist is now. */
  edge: () => number
}

export interface FloodReport {
  statuses: Record<number, number>
  /** Answers with another status, and requests without an answer. */
  undocumented: number
  examples: string[]
}

/** Sends `count` queries. @returns what came back. */
export async function floodDirectives(options: FloodOptions): Promise<FloodReport> {
  const { playlists, count, connections, seed, edge } = options
  const random = seededRandom(seed)
  const report: FloodReport = { statuses: {}, undocumented: 0, examples: [] }
  let sent = 0
  const work = async () => {
    const peer = new RawClient()
    while (sent < count) {
      sent += 1
      const url = playlists[random(playlists.length)]
      if (url === undefined) break
      const query = randomQuery(random, edge())
      const status = await peer.get(url, `${url.pathname}?${query}`)
      report.statuses[status] = (report.statuses[status] ?? 0) + 1
      if (documented.includes(status)) continue
      report.undocumented += 1
      if (report.examples.length < 10) report.examples.push(`${status} for ${query}`)
    }
    peer.close()
  }
  await Promise.all(Array.from({ length: connections }, work))
  return report
}

function randomQuery(random: (limit: number) => number, edge: number): string {
  const near = edge + random(6) - 2
  const anywhere = random(10) === 0 ? random(2 ** 31) * 4 : random(edge + 10)
  const directives = [
    `_HLS_msn=${random(20) === 0 ? near : anywhere}`,
    random(2) === 0 ? `_HLS_part=${random(5) === 0 ? random(100_000) : random(6)}` : '',
    random(3) === 0 ? `_HLS_skip=${['YES', 'v2', 'no', ''][random(4)]}` : '',
  ].filter((directive) => directive !== '')
  const kind = random(4)
  if (kind === 0) return Array.from({ length: random(8) }, () => garbage[random(garbage.length)] ?? '').join('')
  if (kind === 1) directives.splice(random(directives.length + 1), 0, garbage[random(garbage.length)] ?? '')
  return directives.join(random(12) === 0 ? '&&' : '&')
}

/** HTTP/1.1 without anything that would correct what it is told to send. */
class RawClient {
  #socket: Socket | undefined

  /** @returns the status; 0 when none came. */
  async get(url: URL, target: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    const socket = this.#connected(url)
    let text = ''
    let status = 0
    const finish = () => {
      clearTimeout(timer)
      for (const event of ['data', 'close', 'error']) socket.removeAllListeners(event)
      socket.on('error', () => undefined)
      resolve(status)
    }
    const timer = setTimeout(() => {
      this.close()
      finish()
    }, answerDeadlineMs)
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      this.#socket = undefined
      finish()
    })
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      if (head === -1) return
      status = Number(text.slice(9, 12))
      const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1]
      if (length === undefined || text.length < head + 4 + Number(length)) return
      if (/connection: close/i.test(text.slice(0, head))) this.close()
      finish()
    })
    socket.write(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`, 'latin1'))
    return promise
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #connected(url: URL): Socket {
    const key = `${url.hostname}:${url.port}`
    if (this.#socket !== undefined && (this.#socket.destroyed || this.#key !== key)) this.close()
    this.#key = key
    this.#socket ??= connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    return this.#socket
  }

  #key = ''
}
