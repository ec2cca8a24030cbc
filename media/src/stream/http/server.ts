/** The Pod's HTTP door: playlists, media and the thumbnail of one stream. Plain node:http: its clients are the edges. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { mediaPlaylist } from '../hls/media-playlist.ts'
import { multivariantPlaylist, type Variant } from '../hls/multivariant-playlist.ts'
import type { RenditionOutput } from '../output.ts'
import type { SegmentSource } from '../store/media-store.ts'
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
  /** Instead of a body. */
  segment?: SegmentSource
  retryAfterSeconds?: number
  /** Of media: how long its rendition keeps it. */
  dvrWindowSeconds?: number
}

const playlistType = 'application/vnd.apple.mpegurl'
const mediaType = 'video/mp4'
const mostConnections = 2048
/** Of a segment's file, at a time. */
const readBytes = 64 * 1024
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
      if (!response.destroyed) await this.#send(answer, request.method === 'HEAD', response)
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
    const { dvrWindowSeconds } = rendition
    const media = { status: 200, cache: 'media' as const, type: mediaType, dvrWindowSeconds }
    if (request.kind === 'segment') {
      const segment = store.find(request.mediaSequenceNumber)
      return segment === undefined ? notFound : { ...media, segment }
    }
    const body =
      request.kind === 'init'
        ? store.init(request.name)
        : await awaitPart(request, { rendition, store, publish, signal: options.signal })
    return body === undefined ? notFound : { ...media, body }
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

  async #send(answer: Answer, headOnly: boolean, response: ServerResponse): Promise<void> {
    const { targetDurationSeconds } = this.#content
    const { segment } = answer
    // Opened before anything is said of it: it may have left the window just now.
    const file =
      segment !== undefined && 'file' in segment ? await open(segment.file).catch(() => undefined) : undefined
    if (segment !== undefined && 'file' in segment && file === undefined)
      return await this.#send(notFound, headOnly, response)
    const body = answer.gzip ?? answer.body ?? Buffer.alloc(0)
    response.writeHead(answer.status, {
      ...corsHeaders,
      'cache-control': cacheControl(answer.cache, {
        targetDurationSeconds,
        dvrWindowSeconds: answer.dvrWindowSeconds ?? 0,
      }),
      'content-length': segment?.byteLength ?? body.length,
      ...(answer.type === undefined ? {} : { 'content-type': answer.type }),
      ...(answer.type === playlistType ? { vary: 'accept-encoding' } : {}),
      ...(answer.gzip === undefined ? {} : { 'content-encoding': 'gzip' }),
      ...(answer.retryAfterSeconds === undefined ? {} : { 'retry-after': String(answer.retryAfterSeconds) }),
    })
    if (file !== undefined && !headOnly) {
      // ends the connection where either side fails: the length has been told
      await sendFile(file, response).catch(() => response.destroy())
      return
    }
    await file?.close()
    if (headOnly) response.end()
    else if (segment !== undefined && 'parts' in segment) {
      for (const part of segment.parts) response.write(part) // no copy: they are in memory anyway
      response.end()
    } else response.end(body)
  }
}

/** As fast as the client takes it, through one buffer: a stream makes a new one of every read, which are garbage by the second. */
async function sendFile(file: FileHandle, response: ServerResponse): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  try {
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, readBytes, position)
      if (bytesRead === 0) break
      position += bytesRead
      await written(response, buffer.subarray(0, bytesRead))
    }
    response.end()
  } finally {
    await file.close()
  }
}

/** Resolves when the bytes are the kernel's. @throws when the client is gone. */
function written(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('The client is gone'))
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.write(bytes, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
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
