/** The HTTP server of viewers: parses, counts, answers from memory or holds the request. */
import { type Answer, refusal } from './answer.ts'
import type { Coalescer } from './coalescer.ts'
import { type EdgeRequest, type ParsedTarget, parseTarget } from './edge-request.ts'
import type { Exchange } from './http/connection.ts'
import { type HttpListener, listenHttp } from './http/listener.ts'
import type { EdgeMetrics } from './metrics.ts'
import { isViewerValue, newViewerCookie, viewerValueIn } from './viewer-cookie.ts'
import type { Viewers } from './viewers.ts'

const maxKnownTargets = 8_192
const idleMs = 75_000 // longer than an ingress keeps idle connections, so that it is the one who closes

type Kind = EdgeRequest['kind'] | 'none'

export interface EdgeServerOptions {
  readonly port: number
  readonly host?: string
  readonly coalescer: Coalescer
  readonly viewers: Viewers
  readonly cookieSecret: string
  readonly maxConnections: number
  readonly maxHeld: number
  /** True while this process cannot keep up: new viewers are sent away, so that those who watch go on. */
  readonly overloaded: () => boolean
  readonly metrics: EdgeMetrics
}

export class EdgeServer {
  readonly #options: EdgeServerOptions
  #listener: HttpListener | undefined
  readonly #targets = new Map<string, ParsedTarget>()
  #held = 0
  #draining = false

  constructor(options: EdgeServerOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#listener?.port ?? 0
  }

  get connections(): number {
    return this.#listener?.connections ?? 0
  }

  /** Requests waiting for what is not there yet. */
  get held(): number {
    return this.#held
  }

  /** @throws the system's error where the port is taken. */
  async listen(): Promise<void> {
    const { port, host, maxConnections } = this.#options
    this.#listener = await listenHttp({
      port,
      host,
      maxConnections,
      idleMs,
      onRequest: (exchange) => this.#answer(exchange),
      badRequest: (status) =>
        refusal(status, 'bad_request', 'This is no request for a stream.').response(
          { gzip: false, headOnly: false, close: true },
          performance.now(),
        ),
    })
  }

  /** Every answer closes its connection from now on; resolves when none is left. */
  async close(deadlineMs: number): Promise<void> {
    this.#draining = true
    await this.#listener?.close(deadlineMs)
  }

  #answer(exchange: Exchange): void {
    const { method, target } = exchange.head
    if (method === 'OPTIONS') return exchange.respond(preflight, !exchange.head.fields.keepAlive)
    if (method !== 'GET' && method !== 'HEAD') return this.#send(exchange, 'none', methodNotAllowed, performance.now())
    const request = this.#parse(target)
    const now = performance.now()
    if ('refused' in request) return this.#send(exchange, 'none', refusals[request.refused], now)
    const { coalescer, maxHeld, overloaded } = this.#options
    const isNew = this.#count(exchange, request, now)
    if (isNew && overloaded()) return this.#shed(exchange, request, 'overload')
    const cached = coalescer.cached(request, now)
    if (cached !== undefined) return this.#reply(exchange, request, cached, isNew, now)
    if (this.#held >= maxHeld) return this.#shed(exchange, request, 'held')
    this.#held += 1
    const forget = coalescer.wait(request, (answer) => {
      this.#held -= 1
      this.#reply(exchange, request, answer, isNew, performance.now())
    })
    exchange.onGone = () => {
      if (forget()) this.#held -= 1
    }
  }

  /** Notes the viewer. @returns whether this is somebody's first request for a broadcast, who needs a cookie. */
  #count({ head: { fields }, remoteAddress }: Exchange, { broadcast, kind }: EdgeRequest, now: number): boolean {
    const { viewers, cookieSecret } = this.#options
    const value = fields.cookie === undefined ? undefined : viewerValueIn(fields.cookie)
    if (value !== undefined) {
      if (viewers.seenAgain(broadcast, value, now)) return false
      if (isViewerValue(value, broadcast, cookieSecret)) {
        viewers.seen(broadcast, value, now)
        return false
      }
    } else if (kind !== 'multivariant') {
      // Takes no cookies: one of its address (behind the ingress the first forwarded one) and kind of player.
      const address = fields.forwardedFor?.split(',')[0] ?? remoteAddress
      viewers.seen(broadcast, `${address} ${fields.userAgent}`.slice(0, 200), now)
    }
    return kind === 'multivariant'
  }

  #reply(exchange: Exchange, { broadcast, kind }: EdgeRequest, answer: Answer, isNew: boolean, now: number): void {
    if (!isNew || answer.status !== 200) return this.#send(exchange, kind, answer, now)
    const { secure } = exchange.head.fields
    this.#send(exchange, kind, answer, now, newViewerCookie(broadcast, this.#options.cookieSecret, secure))
  }

  #shed(exchange: Exchange, { kind }: EdgeRequest, reason: string): void {
    this.#options.metrics.shed.inc({ reason })
    this.#send(exchange, kind, noRoom, performance.now())
  }

  #send(exchange: Exchange, kind: Kind, answer: Answer, now: number, setCookie?: string): void {
    const { method, fields } = exchange.head
    const close = this.#draining || !fields.keepAlive
    const shape = { gzip: fields.takesGzip, headOnly: method === 'HEAD', close, setCookie }
    const response = answer.response(shape, now)
    this.#options.metrics.answered(kind, answer.status, response.length)
    exchange.respond(response, close)
  }

  /** Viewers of one broadcast ask for the same few targets. */
  #parse(target: string): ParsedTarget {
    const known = this.#targets.get(target)
    if (known !== undefined) return known
    const parsed = parseTarget(target)
    if (this.#targets.size >= maxKnownTargets) this.#targets.clear()
    this.#targets.set(target, parsed)
    return parsed
  }
}

const refusals = {
  not_found: refusal(404, 'not_found', 'Nothing is served under this path.'),
  bad_directives: refusal(400, 'bad_directives', '_HLS_msn and _HLS_part are decimal integers, given once.'),
}
const noRoom = refusal(503, 'overloaded', 'This server has no room now; ask again.', { retryAfterSeconds: 2 })
const methodNotAllowed = refusal(405, 'method_not_allowed', 'Only GET and HEAD are served here.', {
  allow: 'GET, HEAD, OPTIONS',
})
const preflight = Buffer.from(
  [
    'HTTP/1.1 204 No Content',
    'Access-Control-Allow-Origin: *',
    'Access-Control-Allow-Methods: GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers: range',
    'Access-Control-Max-Age: 86400',
    '\r\n',
  ].join('\r\n'),
  'latin1',
)
