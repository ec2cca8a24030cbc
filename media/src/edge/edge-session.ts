/** One connection's requests at the edge: counted, then answered from memory or held. */
import { type Answer, type IsSent, type ResponseShape, refusal } from './answer.ts'
import type { ClientAddresses } from './client-address.ts'
import type { Coalescer, Waiter } from './coalescer.ts'
import { type EdgeRequest, type ParsedTarget, parseTarget } from './edge-request.ts'
import type { Connection, Responder } from './http/connection.ts'
import { ownString } from './http/own-string.ts'
import type { RequestFields, RequestHead } from './http/request-head.ts'
import { responseBytes } from './http/response-bytes.ts'
import type { EdgeMetrics } from './metrics.ts'
import { newViewerCookie, viewerValueIn } from './viewer-cookie.ts'
import type { ViewerCounter } from './viewer-counter.ts'
import type { Sighting, Viewers } from './viewers.ts'

const maxKnownTargets = 8_192
/** Of the requests that may wait, so many may wait for recordings: a slow object store must not take live's places. */
const recordingsShare = 1 / 8

/** What all sessions of a server share. */
export interface EdgeDesk {
  readonly coalescer: Coalescer
  readonly viewers: Viewers
  readonly cookieSecret: string
  readonly addresses: ClientAddresses
  readonly counter: ViewerCounter
  readonly maxHeld: number
  readonly overloaded: () => boolean
  readonly metrics: EdgeMetrics
  readonly isSent: IsSent
  readonly targets: Map<string, EdgeRequest>
  held: number
  heldRecordings: number // of those
  draining: boolean
}

const shapes = {
  plain: { gzip: false, headOnly: false, close: false },
  gzip: { gzip: true, headOnly: false, close: false },
} as const satisfies Record<string, ResponseShape>

export class EdgeSession implements Responder, Waiter {
  readonly #desk: EdgeDesk
  readonly #connection: Connection
  // Of the request that is being answered.
  #method = ''
  #fields: RequestFields | undefined
  #shape: ResponseShape = shapes.plain // of what these fields are answered with, mostly
  #request: EdgeRequest | undefined
  #isNew = false
  #sighting: Sighting | undefined
  heldSince = 0
  // Of the viewer who was counted last by these fields; requests of one connection are mostly one viewer's.
  #lastBroadcast = ''
  #lastSighting: Sighting | undefined

  constructor(desk: EdgeDesk, connection: Connection) {
    this.#desk = desk
    this.#connection = connection
  }

  get client(): string {
    return this.#desk.addresses.clientOf(this.#fields?.forwardedFor, this.#connection.remoteAddress)
  }

  onRequest({ method, target, fields }: RequestHead): void {
    this.#method = method
    if (fields !== this.#fields) this.#take(fields)
    this.#request = undefined
    this.#isNew = false
    this.#sighting = undefined
    if (method === 'OPTIONS') return this.#connection.respond(preflight, !fields.keepAlive)
    const now = performance.now()
    if (method !== 'GET' && method !== 'HEAD') return this.#send(methodNotAllowed, now)
    const parsed = this.#parse(target)
    if ('refused' in parsed) return this.#send(refusals[parsed.refused], now)
    const request = this.#desk.coalescer.simplest(parsed)
    this.#request = request
    this.#count(request, now)
    const { coalescer, overloaded, metrics } = this.#desk
    if (this.#isNew && overloaded()) return this.#shed('overload', now)
    const cached = coalescer.cached(request, now)
    metrics.lookedUp(cached !== undefined)
    if (cached !== undefined) return this.#reply(request, cached, now)
    if (!this.#mayWait(request)) return this.#shed('held', now)
    this.#held(request, 1)
    this.heldSince = now
    coalescer.wait(request, this)
  }

  onAnswer(answer: Answer): void {
    if (this.#request === undefined) return
    const now = performance.now()
    this.#desk.viewers.seenStill(this.#sighting, now) // before it stops counting as held, which may have been for long
    this.#held(this.#request, -1)
    this.#reply(this.#request, answer, now)
  }

  onGone(): void {
    if (this.#request !== undefined && this.#desk.coalescer.forget(this.#request, this)) this.#held(this.#request, -1)
  }

  #take(fields: RequestFields): void {
    this.#fields = fields
    const shape = fields.takesGzip ? shapes.gzip : shapes.plain
    this.#shape = fields.keepAlive ? shape : { ...shape, close: true }
    this.#lastSighting = undefined
  }

  #mayWait({ kind }: EdgeRequest): boolean {
    const { held, heldRecordings, maxHeld } = this.#desk
    return held < maxHeld && (kind !== 'recording' || heldRecordings < Math.max(1, maxHeld * recordingsShare))
  }

  #held({ kind }: EdgeRequest, change: 1 | -1): void {
    this.#desk.held += change
    if (this.#sighting !== undefined) this.#sighting.held += change
    if (kind === 'recording') this.#desk.heldRecordings += change
  }

  /** Notes the viewer of a live broadcast, or that this is somebody's first request for it, who needs a cookie. */
  #count(request: EdgeRequest, now: number): void {
    const { broadcast } = request
    const { viewers, counter, coalescer } = this.#desk
    const last = this.#lastSighting
    const isUsual = request.kind !== 'recording' && request.kind !== 'thumbnail'
    if (isUsual && broadcast === this.#lastBroadcast && viewers.seenStill(last, now)) {
      this.#sighting = last
      return
    }
    if (this.#fields?.isCounted === true) return
    if (!coalescer.isOn(broadcast)) return // whoever asks for what is not there makes no broadcast's count
    const cookie = this.#fields?.cookie
    const cookieValue = cookie === undefined ? undefined : viewerValueIn(cookie)
    const { sighting, isNamed, needsCookie } = counter.count(request, { client: this.client, cookieValue }, now)
    this.#sighting = sighting
    this.#isNew = needsCookie
    this.#lastBroadcast = broadcast
    this.#lastSighting = isNamed ? sighting : undefined
  }

  #reply({ broadcast }: EdgeRequest, answer: Answer, now: number): void {
    if (!this.#isNew || answer.status !== 200) return this.#send(answer, now)
    this.#send(answer, now, newViewerCookie(broadcast, this.#desk.cookieSecret, this.#fields?.secure ?? false))
  }

  #shed(reason: string, now: number): void {
    this.#desk.metrics.shed.inc({ reason })
    this.#send(noRoom, now)
  }

  #send(answer: Answer, now: number, setCookie?: string): void {
    const { draining, metrics, isSent } = this.#desk
    const headOnly = this.#method === 'HEAD'
    const isUsual = !draining && !headOnly && setCookie === undefined
    const shape = isUsual ? this.#shape : { ...this.#shape, headOnly, close: draining || this.#shape.close, setCookie }
    const response = answer.response(shape, now, isSent)
    metrics.answered(this.#request?.kind ?? 'none', answer.status, response.length)
    this.#connection.respond(response, shape.close)
  }

  /** Viewers of one broadcast ask for the same few targets. */
  #parse(target: string): ParsedTarget {
    const { targets } = this.#desk
    const known = targets.get(target)
    if (known !== undefined) return known
    const own = ownString(target)
    const parsed = parseTarget(own)
    if ('refused' in parsed) return parsed // there is no end of them
    if (targets.size >= maxKnownTargets) targets.clear()
    targets.set(own, parsed)
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
const preflight = responseBytes(
  Buffer.from(
    [
      'HTTP/1.1 204 No Content',
      'Access-Control-Allow-Origin: *',
      'Access-Control-Allow-Methods: GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers: range',
      'Access-Control-Expose-Headers: Age, Content-Length, Date, Retry-After',
      'Access-Control-Max-Age: 86400',
      'Timing-Allow-Origin: *',
      '\r\n',
    ].join('\r\n'),
    'latin1',
  ),
)
