/** The HTTP server of viewers: parses, counts, answers from memory or holds the request; no framework in the way. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { type Answer, refusal } from './answer.ts'
import type { Coalescer } from './coalescer.ts'
import { type EdgeRequest, parseTarget } from './edge-request.ts'
import type { EdgeMetrics } from './metrics.ts'
import { isViewerValue, newViewerCookie, viewerValueIn } from './viewer-cookie.ts'
import type { Viewers } from './viewers.ts'

const keepAliveMs = 75_000 // longer than an ingress keeps idle connections, so that it is the one who closes
const headersTimeoutMs = 10_000
const maxHeaderBytes = 16 * 1024
const maxRequestsPerSocket = 0 // no limit: viewers keep one connection for hours
const preflightSeconds = 86_400

export interface EdgeServerOptions {
  readonly coalescer: Coalescer
  readonly viewers: Viewers
  readonly cookieSecret: string
  readonly maxConnections: number
  readonly maxHeld: number
  /** True while this process cannot keep up: new viewers are sent away, so that those who watch go on. */
  readonly overloaded: () => boolean
  readonly metrics: EdgeMetrics
}

/** State that metrics and shutdown look at. */
export interface EdgeServer {
  readonly http: Server
  readonly held: number
  /** From now on every answer closes its connection. */
  readonly drain: () => void
}

/** Makes the server; the caller listens and closes. */
export function createEdgeServer(options: EdgeServerOptions): EdgeServer {
  const { coalescer, metrics, viewers } = options
  let held = 0
  let draining = false

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '' } = request
    if (method === 'OPTIONS') return preflight(response)
    if (method !== 'GET' && method !== 'HEAD')
      return send(request, response, methodNotAllowed, { allow: 'GET, HEAD, OPTIONS' })
    const target = parseTarget(url)
    if ('refused' in target) return send(request, response, target.refused === 'not_found' ? notFound : badDirectives)
    const extra = draining ? { connection: 'close' } : undefined
    const isNew = count(request, target)
    if (isNew && options.overloaded()) {
      metrics.shed.inc({ reason: 'overload' })
      return reply(request, response, target, tooBusy(), extra)
    }
    const cached = coalescer.cached(target)
    if (cached !== undefined) return reply(request, response, target, cached, extra, isNew)
    if (held >= options.maxHeld) {
      metrics.shed.inc({ reason: 'held' })
      return reply(request, response, target, tooBusy(), extra)
    }
    held += 1
    let waiting = true
    const forget = coalescer.wait(target, (found) => {
      if (!waiting) return
      waiting = false
      held -= 1
      reply(request, response, target, found, extra, isNew)
    })
    response.once('close', () => {
      if (!waiting) return
      waiting = false
      held -= 1
      forget()
    })
  }

  /** Notes the viewer. @returns whether this is somebody's first request for a broadcast, who needs a cookie. */
  const count = (request: IncomingMessage, { broadcast, kind }: EdgeRequest): boolean => {
    const now = performance.now()
    const value = request.headers.cookie === undefined ? undefined : viewerValueIn(request.headers.cookie)
    if (value !== undefined) {
      if (viewers.knows(broadcast, value) || isViewerValue(value, broadcast, options.cookieSecret)) {
        viewers.seen(broadcast, value, now)
        return false
      }
    } else if (kind !== 'multivariant') {
      viewers.seen(broadcast, anonymousViewer(request), now) // takes no cookies: one of its address and kind
    }
    return kind === 'multivariant'
  }

  const reply = (
    request: IncomingMessage,
    response: ServerResponse,
    { broadcast, kind }: EdgeRequest,
    found: Answer,
    extra?: Record<string, string>,
    isNew = false,
  ) => {
    metrics.requests.inc({ kind, status: `${Math.floor(found.status / 100)}xx` })
    metrics.sentBytes.inc(found.body.length)
    if (!isNew || found.status !== 200) return send(request, response, found, extra)
    const secure = request.headers['x-forwarded-proto'] === 'https'
    send(request, response, found, { ...extra, 'set-cookie': newViewerCookie(broadcast, options.cookieSecret, secure) })
  }

  const http = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersTimeoutMs,
      requestTimeout: headersTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      noDelay: true,
    },
    answer,
  )
  http.maxRequestsPerSocket = maxRequestsPerSocket
  http.maxConnections = options.maxConnections
  http.on('clientError', (_error, socket) => void socket.destroy())
  return {
    http,
    get held() {
      return held
    },
    drain: () => {
      draining = true
    },
  }
}

const now = performance.now()
const notFound = refusal(404, 'not_found', 'Nothing is served under this path.', { now })
const badDirectives = refusal(400, 'bad_directives', '_HLS_msn and _HLS_part are decimal integers, given once.', {
  now,
})
const methodNotAllowed = refusal(405, 'method_not_allowed', 'Only GET and HEAD are served here.', { now })
const tooBusy = () =>
  refusal(503, 'overloaded', 'This server has no room now; ask again.', {
    now: performance.now(),
    retryAfterSeconds: 2,
  })

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': 'range',
    'access-control-max-age': String(preflightSeconds),
  })
  response.end()
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  extra?: Record<string, string>,
): void {
  if (response.destroyed) return
  const takesGzip = answer.compressible && (request.headers['accept-encoding'] ?? '').includes('gzip')
  const body = takesGzip ? answer.compressed : answer.body
  const headers: string[] = [
    'Content-Type',
    answer.contentType,
    'Content-Length',
    String(body.length),
    'Cache-Control',
    answer.cacheControl,
    'Access-Control-Allow-Origin',
    '*',
  ]
  if (answer.compressible) headers.push('Vary', 'Accept-Encoding')
  if (takesGzip) headers.push('Content-Encoding', 'gzip')
  const ageSeconds = Math.floor((performance.now() - answer.storedAt) / 1_000)
  if (ageSeconds > 0 && answer.maxAgeSeconds > 0) headers.push('Age', String(ageSeconds)) // RFC 9111 section 5.1
  if (answer.retryAfterSeconds !== undefined) headers.push('Retry-After', String(answer.retryAfterSeconds))
  for (const name in extra) headers.push(name, extra[name] ?? '')
  response.writeHead(answer.status, headers)
  if (request.method === 'HEAD') response.end()
  else response.end(body)
}

/** Behind the ingress the first X-Forwarded-For is the viewer's address. */
function anonymousViewer({ headers, socket }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for']
  const address = typeof forwarded === 'string' ? forwarded.split(',')[0] : socket.remoteAddress
  return `${address ?? ''} ${headers['user-agent'] ?? ''}`.slice(0, 200)
}
