/** A low-latency client for measuring: holds a request for the hinted part and notes when its first byte comes. */
import { Agent, get } from 'node:http'
import { parsePlaylist } from '../../src/stream/testing/parse-playlist.ts'
import { wallClock } from './stamped-encoder.ts'

/** One part as it arrived. */
export interface ArrivedPart {
  uri: string
  /** Wall clock in ms of the first byte of the body. */
  firstByteAt: number
  /** True if the request was there before the part was. */
  held: boolean
  body: Buffer
}

export interface ReaderOptions {
  playlistUrl: string
  signal: AbortSignal
  onPart: (part: ArrivedPart) => void
  onError: (message: string) => void
}

/** Follows one rendition until `signal` aborts. */
export async function readParts({ playlistUrl, signal, onPart, onError }: ReaderOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const base = playlistUrl.slice(0, playlistUrl.lastIndexOf('/') + 1)
  let query = ''
  try {
    while (!signal.aborted) {
      const answer = await fetchTimed(playlistUrl + query, agent, signal)
      if (answer.status !== 200) {
        onError(`${answer.status} for ${playlistUrl}${query}`)
        query = ''
        continue
      }
      const playlist = parsePlaylist(answer.body.toString('utf8'))
      if (playlist.ended) return
      const hint = playlist.hints[0]?.['URI']
      const [, sequence, index] = /part-(\d+)\.(\d+)\.m4s/.exec(hint ?? '') ?? []
      if (hint === undefined) continue
      const askedAt = wallClock()
      const part = await fetchTimed(base + hint, agent, signal)
      if (part.status === 200)
        onPart({ uri: hint, firstByteAt: part.firstByteAt, held: part.firstByteAt - askedAt > 30, body: part.body })
      else if (part.status !== 404) onError(`${part.status} for ${hint}`)
      query = `?_HLS_msn=${sequence}&_HLS_part=${index}`
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    agent.destroy()
  }
}

function fetchTimed(
  url: string,
  agent: Agent,
  signal: AbortSignal,
): Promise<{ status: number; firstByteAt: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { agent, signal, timeout: 20_000 }, (response) => {
      let firstByteAt = 0
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        if (firstByteAt === 0) firstByteAt = wallClock()
        chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, firstByteAt, body: Buffer.concat(chunks) }))
    }).on('error', reject)
  })
}
