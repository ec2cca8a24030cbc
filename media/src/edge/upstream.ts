/** Asks stream Pods, over kept-alive connections, and reads whole answers. */
import { Agent } from 'undici'
import { Answer } from './answer.ts'
import type { EdgeRequest } from './edge-request.ts'

const maxBodyBytes = 32 * 1024 * 1024
const connectTimeoutMs = 1_000
const headersTimeoutMs = 30_000 // a held request takes three target durations at most
const bodyTimeoutMs = 5_000
const connectionsPerPod = 128

/** One Pod's address. */
export interface Origin {
  readonly host: string
  readonly port: number
}

export class Upstream {
  readonly #agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    connections: connectionsPerPod,
    pipelining: 1,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveTimeout: 30_000,
  })

  /** @throws the connection's error; RangeError for a body beyond all bounds. */
  async fetch({ host, port }: Origin, { path, query }: EdgeRequest): Promise<Answer> {
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    const { statusCode, headers, body } = await this.#agent.request({ origin, path: path + query, method: 'GET' })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > maxBodyBytes) throw new RangeError(`the body is larger than ${maxBodyBytes} bytes`)
      chunks.push(chunk)
    }
    const header = (name: string) => String(headers[name] ?? '')
    const retryAfter = Number.parseInt(header('retry-after'), 10)
    return new Answer({
      status: statusCode,
      contentType: header('content-type') || 'application/octet-stream',
      cacheControl: header('cache-control') || 'no-store',
      body: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks),
      storedAt: performance.now(),
      date: new Date(),
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    })
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}
