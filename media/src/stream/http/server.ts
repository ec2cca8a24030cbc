/** The Pod's HTTP door: playlists, media and the thumbnail of one stream. Plain node:http: its clients are the edges. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { mediaPlaylist } from '../hls/media-playlist.ts'
import { multivariantPlaylist, type Variant } from '../hls/multivariant-playlist.ts'
import type { RenditionOutput } from '../output.ts'
import { awaitPart, awaitPlaylist } from './blocking-reload.ts'
import { cacheControl, type Cacheable } from './cache-control.ts'
import { parseStreamRequest, type StreamRequest } from './playlist-request.ts'
import type { PublishSignal } from './publish-signal.ts'

/** What the server serves; the pipeline is one. */
export interface StreamContent {
  readonly publish: PublishSignal
  readonly targetDurationSeconds: number
  output(name: string): RenditionOutput | undefined
  outputs(): Iterable<RenditionOutput>
  /** Variants for the multivariant playlist; undefined while they are not all known. */
  variants(): Variant[] | undefined
  thumbnail(): Buffer | undefined
}

interface Answer {
  status: number
  cache: Cacheable
  type?: string
  body?: Buffer
  gzip?: Buffer
  retryAfterSeconds?: number
  /** Of media: how long its rendition keeps it. */
  dvrWindowSeconds?: number
}

const playlistType = 'application/vnd.apple.mpegurl'
const mediaType = 'video/mp4'
const mostConnections = 2048
const gzipAsync = promisify(gzip)

export function createStreamServer(content: StreamContent): Server {
  const handler = new StreamHandler(content)
  const server = createServer(
    { keepAliveTimeout: 75_000, requestTimeout: 30_000, noDelay: true },
    (request, response) => {
      void handler.handle(request, response) // answers every error itself
    },
  )
  server.maxConnections = mostConnections
  return server
}

interface PlaylistBody {
  version: number
  body: Buffer
  gzip?: Promise<Buffer>
}

class StreamHandler {
  readonly #content: StreamContent
  /** One body for everyone who asks for the same state; by rendition and skip. */
  readonly #bodies = new Map<string, PlaylistBody>()

  constructor(content: StreamContent) {
    this.#content = content
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      if (request.method === 'OPTIONS') {
        response.writeHead(204, { ...corsHeaders, 'access-control-max-age': '86400' }).end()
        return
      }
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { ...corsHeaders, allow: 'GET, HEAD, OPTIONS', 'cache-control': 'no-store' }).end()
        return
      }
      const parsed = parseStreamRequest(request.url ?? '/')
      const wantsGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      const answer = await this.#answer(parsed, { wantsGzip, signal: gone.signal })
      if (!response.destroyed) this.#send(answer, request.method === 'HEAD', response)
    } catch {
      if (!response.headersSent) response.writeHead(500, { 'cache-control': 'no-store' })
      response.end()
    }
  }

  async #answer(request: StreamRequest, options: { wantsGzip: boolean; signal: AbortSignal }): Promise<Answer> {
    if (request.kind === 'not-found') return notFound
    if (request.kind === 'bad-request') return refusal(400, request.reason)
    if (request.kind === 'multivariant') return this.#multivariant(options)
    if (request.kind === 'thumbnail') {
      const body = this.#content.thumbnail()
      return body ? { status: 200, cache: 'thumbnail', type: 'image/jpeg', body } : notFound
    }
    if (request.kind === 'playlist' && !(await this.#hasBegun(options.signal))) return unavailable
    const output = this.#content.output(request.rendition)
    if (output === undefined) return notFound
    if (request.kind === 'playlist') return this.#playlist(output, request, options)
    const { rendition, store } = output
    const { publish } = this.#content
    let body: Buffer | undefined
    if (request.kind === 'init') body = store.init(request.name)
    else if (request.kind === 'segment') body = await store.segment(request.mediaSequenceNumber)
    else body = await awaitPart(request, { rendition, store, publish, signal: options.signal })
    if (body === undefined) return notFound
    return { status: 200, cache: 'media', type: mediaType, body, dvrWindowSeconds: rendition.dvrWindowSeconds }
  }

  /** Players may come before the stream, or before its next Pod has it: their first requests wait for it. */
  async #hasBegun(signal: AbortSignal): Promise<boolean> {
    const timeoutMs = 3000 * this.#content.targetDurationSeconds
    const begun = () => (this.#content.output('source') === undefined ? undefined : true)
    return (await this.#content.publish.until(begun, { timeoutMs, signal })) ?? false
  }

  async #multivariant({ wantsGzip, signal }: { wantsGzip: boolean; signal: AbortSignal }): Promise<Answer> {
    const timeoutMs = 3000 * this.#content.targetDurationSeconds
    const variants = await this.#content.publish.until(() => this.#content.variants(), { timeoutMs, signal })
    if (variants === undefined) return unavailable
    const body = Buffer.from(multivariantPlaylist(variants))
    const answer: Answer = { status: 200, cache: 'multivariant', type: playlistType, body }
    return wantsGzip ? { ...answer, gzip: await gzipAsync(body) } : answer
  }

  async #playlist(
    output: RenditionOutput,
    request: StreamRequest & { kind: 'playlist' },
    { wantsGzip, signal }: { wantsGzip: boolean; signal: AbortSignal },
  ): Promise<Answer> {
    const outcome = await awaitPlaylist(output.rendition, request.directives, {
      publish: this.#content.publish,
      signal,
    })
    if (outcome === 'late') return unavailable
    if (outcome === 'refused') return refusal(400, 'The requested part is too far ahead of the playlist')
    const built = this.#body(output, request.skip)
    const isBlocking = request.directives.mediaSequenceNumber !== undefined
    const cache = output.rendition.ended ? 'ended-playlist' : isBlocking ? 'blocking-playlist' : 'live-playlist'
    const answer: Answer = { status: 200, cache, type: playlistType, body: built.body }
    if (!wantsGzip) return answer
    built.gzip ??= gzipAsync(built.body, { level: 5 })
    return { ...answer, gzip: await built.gzip }
  }

  #body(output: RenditionOutput, skip: boolean): PlaylistBody {
    const { name } = output.rendition
    const { version } = this.#content.publish
    const cached = this.#bodies.get(`${name} ${skip}`)
    if (cached?.version === version) return cached
    const reports = []
    for (const { rendition } of this.#content.outputs()) {
      if (rendition.name !== name && rendition.last !== undefined)
        reports.push({ name: rendition.name, last: rendition.last })
    }
    const body = Buffer.from(mediaPlaylist({ rendition: output.rendition, reports, skip }))
    const built: PlaylistBody = { version, body }
    this.#bodies.set(`${name} ${skip}`, built)
    return built
  }

  #send(answer: Answer, headOnly: boolean, response: ServerResponse): void {
    const { targetDurationSeconds } = this.#content
    const body = answer.gzip ?? answer.body ?? Buffer.alloc(0)
    response.writeHead(answer.status, {
      ...corsHeaders,
      'cache-control': cacheControl(answer.cache, {
        targetDurationSeconds,
        dvrWindowSeconds: answer.dvrWindowSeconds ?? 0,
      }),
      'content-length': body.length,
      ...(answer.type === undefined ? {} : { 'content-type': answer.type }),
      ...(answer.type === playlistType ? { vary: 'accept-encoding' } : {}),
      ...(answer.gzip === undefined ? {} : { 'content-encoding': 'gzip' }),
      ...(answer.retryAfterSeconds === undefined ? {} : { 'retry-after': String(answer.retryAfterSeconds) }),
    })
    response.end(headOnly ? undefined : body)
  }
}

const corsHeaders = Object.freeze({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Range, If-None-Match, If-Modified-Since',
  'access-control-expose-headers': 'Age, Content-Length, Date, Retry-After',
  'timing-allow-origin': '*',
})

const notFound: Answer = Object.freeze({ status: 404, cache: 'error' as const })
const unavailable: Answer = Object.freeze({ status: 503, cache: 'error' as const, retryAfterSeconds: 1 })

function refusal(status: number, reason: string): Answer {
  return { status, cache: 'error', type: 'text/plain; charset=utf-8', body: Buffer.from(`${reason}\n`) }
}
