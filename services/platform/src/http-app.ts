import { randomUUID } from 'node:crypto'
import {
  createServer,
  ServerResponse,
  STATUS_CODES,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import Koa, { type Context, type Middleware } from 'koa'
import type { Registry } from 'prom-client'
import type { Problem } from '@mytaek1/contracts/problem.ts'
import { clientBlock } from './client-address.ts'
import { AppError, statusOfKind } from './errors.ts'
import { listen } from './health.ts'
import type { Logger } from './logger.ts'
import { httpDuration } from './metrics.ts'

const headersTimeoutMs = 10_000
const requestTimeoutMs = 60_000 // a body slower than this is cut; uploads set their own lower bound on rate
const timeoutsCheckedMs = 2_000 // Node's own half a minute would let a slow head live three times its time
const slowRequestSeconds = 1
// Longer than a proxy keeps its side (Traefik 90 s, others up to 600 s), which so never sends into a closing socket.
const keepAliveMs = 620_000
const quietMs = 1_500
const lameDuckMs = 8_000
const sweptEveryMs = 50

/**
 * A Koa application with what every service of ours has: a request id, problem+json errors, one metric and, for
 * failed or slow requests, one log line a request. Query strings are never logged.
 *
 * `ctx.ip` is what limits count by: see client-address.ts.
 *
 * @param options.trustedProxies how many proxies in front add to X-Forwarded-For, so that the caller's address is that
 *   many entries from its end; 1 behind an ingress controller, 0: the connection's own
 */
export function createHttpApp(options: {
  log: Logger
  registry: Registry
  middleware: readonly Middleware[]
  trustedProxies?: number
}): Koa {
  const { trustedProxies = 1 } = options
  const app = new Koa({ proxy: trustedProxies > 0, maxIpsCount: trustedProxies })
  app.use((ctx, next) => {
    ctx.request.ip = clientBlock(ctx.request.ip)
    return next()
  })
  app.use(observe(options.log, httpDuration(options.registry)))
  app.use(renderProblems(options.log))
  for (const middleware of options.middleware) app.use(middleware)
  app.on('error', (error: unknown) => {
    if (isClientGone(error)) return // the viewer closed the page
    options.log.error('http.stream_failed', { error })
  })
  return app
}

// An answer is what its Content-Type says, and never part of a page of another site.
const saferAnswers = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

type OutgoingHead = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** A listening HTTP server. */
export interface HttpServer {
  port: number
  /**
   * Goes on serving, each answer with `Connection: close`, until no request has come for 1.5 s, at most 8 s: a proxy may
   * hear late that this process leaves, and what it sends meanwhile would meet a closed port.
   */
  lameDuck(): Promise<void>
  /** Stops listening, lets running requests end for `drainMs`, then cuts what is left. */
  close(drainMs?: number): Promise<void>
}

/**
 * Starts a Koa application on a port (0: any free one).
 *
 * Once `lameDuck` or `close` was called every answer says `Connection: close` (RFC 9112 section 9.6): a proxy that kept
 * the connection for its next request would send that into a closing socket.
 */
export async function startHttpServer(app: Koa, options: { port: number; host?: string }): Promise<HttpServer> {
  const handle = app.callback()
  let closing = false
  let lastRequestAt = 0
  class Answer extends ServerResponse {
    override writeHead(status: number, message?: string | OutgoingHead, head?: OutgoingHead): this {
      if (closing) this.shouldKeepAlive = false
      return typeof message === 'string' ? super.writeHead(status, message, head) : super.writeHead(status, message)
    }
  }
  const answers = new WeakMap<Duplex, Answer>()
  const server = createServer(
    { ServerResponse: Answer, connectionsCheckingInterval: timeoutsCheckedMs },
    (request, response) => {
      lastRequestAt = Date.now()
      answers.set(request.socket, response)
      void handle(request, response) // Koa answers its own failures
    },
  )
  server.headersTimeout = headersTimeoutMs
  server.requestTimeout = requestTimeoutMs
  server.keepAliveTimeout = keepAliveMs
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket)
    const isMidAnswer = answer !== undefined && answer.headersSent && !answer.writableFinished
    if (isMidAnswer || !socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else socket.end(refusalOf(error.code))
  })
  await listen(server, options.port, options.host)
  return {
    port: (server.address() as AddressInfo).port,
    lameDuck: async () => {
      closing = true
      const since = Date.now()
      const isOver = () => Date.now() - Math.max(lastRequestAt, since) > quietMs || Date.now() - since > lameDuckMs
      while (!isOver()) await delay(sweptEveryMs)
    },
    close: (drainMs = 10_000) =>
      new Promise((resolve) => {
        closing = true
        const cut = setTimeout(() => server.closeAllConnections(), drainMs)
        // a kept-alive connection that becomes idle later would otherwise hold the end up for the whole drain
        const sweep = setInterval(() => server.closeIdleConnections(), sweptEveryMs)
        server.close(() => {
          clearTimeout(cut)
          clearInterval(sweep)
          resolve()
        })
      }),
  }
}

// The answer to what Node's parser refuses, before there is a request that Koa could answer.
function refusalOf(errorCode: string | undefined): string {
  const [status, code, detail] =
    errorCode === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [
          408,
          'request_too_slow',
          `The request did not arrive within ${requestTimeoutMs / 1_000} s, its head within ${headersTimeoutMs / 1_000} s`,
        ]
      : errorCode === 'HPE_HEADER_OVERFLOW'
        ? [431, 'headers_too_large', 'The headers are too large']
        : [400, 'malformed_http', 'The request is not HTTP as RFC 9112 has it']
  const title = STATUS_CODES[status] ?? 'Error'
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail } satisfies Problem)
  return [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** Sends an error answer: `application/problem+json`, RFC 9457. */
export function sendProblem(ctx: Context, problem: Omit<Problem, 'type' | 'title' | 'requestId'>): void {
  const body: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    ...problem,
    requestId: ctx.state.requestId,
  }
  ctx.status = problem.status
  ctx.type = 'application/problem+json' // before the body: Koa would guess a type for it
  ctx.body = JSON.stringify(body)
}

function observe(log: Logger, duration: ReturnType<typeof httpDuration>): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id')
    const requestId = /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
    ctx.state.requestId = requestId
    ctx.set('x-request-id', requestId)
    ctx.set(saferAnswers)
    const startedAt = performance.now()
    await next()
    const elapsed = (performance.now() - startedAt) / 1_000
    const route = typeof ctx.state.route === 'string' ? ctx.state.route : 'unmatched'
    duration.observe({ method: ctx.method, route, status: `${Math.floor(ctx.status / 100)}xx` }, elapsed)
    const fields = {
      requestId,
      method: ctx.method,
      route,
      status: ctx.status,
      seconds: Math.round(elapsed * 1e4) / 1e4,
    }
    if (ctx.status >= 500 || elapsed > slowRequestSeconds) log.warn('http.request', fields)
    else log.debug('http.request', fields)
  }
}

function renderProblems(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) {
        sendProblem(ctx, { status: 404, code: 'no_such_route', detail: `Nothing answers ${ctx.method} at this path` })
      }
    } catch (error) {
      renderError(ctx, error, log)
    }
  }
}

function renderError(ctx: Context, error: unknown, log: Logger): void {
  if (error instanceof AppError) {
    if (error.retryAfterSeconds !== undefined) ctx.set('retry-after', String(Math.ceil(error.retryAfterSeconds)))
    if (error.kind === 'unauthenticated') ctx.set('www-authenticate', 'Bearer')
    if (error.kind === 'unavailable') log.warn('http.unavailable', { requestId: ctx.state.requestId, error })
    const errors = error.fields?.length ? [...error.fields] : undefined
    const { code, message: detail, facts } = error
    sendProblem(ctx, { ...facts, status: statusOfKind[error.kind], code, detail, errors })
    return
  }
  if (isClientGone(error)) {
    ctx.status = 400 // nobody reads it
    return
  }
  log.error('http.bug', { requestId: ctx.state.requestId, route: ctx.state.route, error })
  sendProblem(ctx, { status: 500, code: 'internal', detail: 'The service failed; give the request id to its operator' })
}

function isClientGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const type = error instanceof Error && 'type' in error ? error.type : undefined
  return (
    code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || type === 'request.aborted'
  )
}
