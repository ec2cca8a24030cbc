/**
 * One upstream request for each distinct thing, whoever many ask for it.
 *
 * Whoever asks first causes the request, whoever asks meanwhile waits for it, whoever asks later gets it from the
 * cache. While a Pod is being replaced the request is held and asked of the next one, `holdMs` at most. The part that a
 * playlist announces is asked for with it: it is here when the next playlist lists it, even if its Pod is no longer.
 * A Pod that says nothing is given up when the broadcast has another one, or when the hold is over. Numbers that the
 * playlists have left, or cannot have reached, are refused without asking; others that a Pod does not have are known as
 * absent for a second.
 */
import type { Logger } from '@mytaek1/platform/logger.ts'
import { type Answer, refusal } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import { type Asking, AskedPlaces } from './asked-places.ts'
import type { EdgeRequest } from './edge-request.ts'
import { hintedPart } from './hinted-part.ts'
import { MediaWindows, type Place } from './media-window.ts'
import { type Route, type RouteTable, sameRoute } from './route-table.ts'
import type { Origin } from './upstream.ts'
import type { EdgeMetrics } from './metrics.ts'

const retryMs = 100
const undirectedPlaylistMs = 200 // a playlist state that nobody named is old soon; a CDN in front may keep it longer
const pastSegments = 2 // so far behind, and no playlist that is kept undirected can lack it
const maxKnownPlaylists = 16_384
const absentMs = 1_000
const absentBytes = 1_024 * 1_024 // of their own: made-up numbers push out nothing that exists

/** Told the answer once. Objects that live longer than a request, and not promises: ten thousand are released at once. */
export interface Waiter {
  readonly client: string // whom the request is put down to, if it is the first for its thing: an address
  readonly heldSince: number // milliseconds, monotonic
  onAnswer(answer: Answer): void
}

const nobody: Waiter = { client: '', heldSince: Infinity, onAnswer: () => {} }

export interface CoalescerOptions {
  readonly routes: RouteTable
  readonly cache: AnswerCache
  /** Recordings' answers, and what keeps them: apart, so that nobody who watches old ones takes the room of live parts. */
  readonly recordings?: { answer(request: EdgeRequest): Promise<Answer>; readonly cache: AnswerCache }
  readonly fetch: (origin: Origin, request: EdgeRequest, signal: AbortSignal) => Promise<Answer>
  readonly streamPort: number
  readonly holdMs: number // longer than a Pod holds a request: three target durations
  readonly log: Logger
  readonly metrics: Pick<EdgeMetrics, 'upstream' | 'shed' | 'released' | 'heldFor'>
}

export class Coalescer {
  readonly #options: CoalescerOptions
  readonly #waiting = new Map<string, Set<Waiter>>()
  readonly #places = new AskedPlaces()
  readonly #windows = new MediaWindows()
  readonly #absent = new AnswerCache({ maxBytes: absentBytes })
  readonly #reached = new Map<string, number>() // newest segment seen in each playlist, by the key without directives
  #closed = false

  constructor(options: CoalescerOptions) {
    this.#options = options
  }

  /** Whether somebody may be watching the broadcast live. */
  isOn(broadcast: string): boolean {
    return this.#options.routes.isOn(broadcast)
  }

  /**
   * What has the same answer and is asked for by more viewers: a wait for what came long ago is no wait. Each number of the
   * past would else be a question to the Pod and a body in the cache of its own.
   */
  simplest(request: EdgeRequest): EdgeRequest {
    const { waitsFor } = request
    if (waitsFor === undefined) return request
    const reached = this.#reached.get(waitsFor.now.key)
    return reached !== undefined && waitsFor.mediaSequence <= reached - pastSegments ? waitsFor.now : request
  }

  /** What is there now, without waiting. */
  cached(request: EdgeRequest, now: number): Answer | undefined {
    return this.#cacheOf(request).get(request.key, now) ?? this.#absent.get(request.key, now)
  }

  /** Answers `waiter` later, once. One waiter waits for one thing at a time. */
  wait(request: EdgeRequest, waiter: Waiter): void {
    const known = this.#waiting.get(request.key)
    if (known !== undefined) return void known.add(waiter)
    const refused = this.#outside(request)
    if (refused !== undefined) return waiter.onAnswer(refused)
    const waiters = new Set([waiter])
    this.#waiting.set(request.key, waiters)
    void this.#resolve(request, waiters, waiter.client) // never rejects
  }

  /** Takes a waiter back. @returns whether it still waited. */
  forget(request: EdgeRequest, waiter: Waiter): boolean {
    return this.#waiting.get(request.key)?.delete(waiter) ?? false
  }

  /** Answers what is held as soon as it can: nothing is asked again. */
  close(): void {
    this.#closed = true
  }

  async #resolve(request: EdgeRequest, waiters: Set<Waiter>, client: string): Promise<void> {
    const answer = await this.#ask(request, waiters, client)
    const { metrics } = this.#options
    const lifeMs = answer.maxAgeSeconds * 1_000
    const isUndirected = request.kind === 'playlist' && request.waitsFor === undefined
    const keptMs = isUndirected ? Math.min(lifeMs, undirectedPlaylistMs) : lifeMs
    if (keptMs > 0) this.#cacheOf(request).set(request.key, answer, answer.storedAt + keptMs)
    if (answer.status === 404) this.#noteAbsent(request, answer)
    this.#waiting.delete(request.key)
    if (answer.status === 200 && request.waitsFor !== undefined) this.#reach(request.waitsFor)
    if (request.kind === 'playlist' && answer.status === 200 && waiters.size > 0) this.#askAhead(request, answer)
    const [first] = waiters // who waited longest
    const heldSince = first?.heldSince ?? Infinity // the next request may begin below
    const releasedAt = performance.now()
    for (const waiter of waiters) waiter.onAnswer(answer)
    if (heldSince <= releasedAt) metrics.heldFor(releasedAt - heldSince)
    if (answer.status === 200 && waiters.size > 0) metrics.released(performance.now() - answer.storedAt)
  }

  /** The refusal of a number that no Pod can have now: of a segment or part, or to wait for. */
  #outside({ broadcast, kind, mediaSequence, waitsFor }: EdgeRequest): Answer | undefined {
    const number = mediaSequence ?? waitsFor?.mediaSequence
    if (number === undefined || kind === 'recording') return undefined
    const place = this.#placeOf(broadcast, number)
    if (waitsFor !== undefined) return place === 'not_yet' ? tooFarAhead : undefined // of the past: the playlist of now
    return place === 'gone' || place === 'not_yet' ? notListed : undefined
  }

  /** Whoever asks for what a playlist has listed long since, and a Pod does not have, gets the same answer for a while. */
  #noteAbsent(request: EdgeRequest, answer: Answer): void {
    const { broadcast, mediaSequence, key } = request
    if (mediaSequence === undefined || this.#placeOf(broadcast, mediaSequence) !== 'past') return
    this.#absent.set(key, answer, answer.storedAt + absentMs)
  }

  #placeOf(broadcast: string, number: number): Place {
    const route = this.#options.routes.get(broadcast)
    return this.#windows.place(broadcast, route, number, { now: performance.now(), wallMs: Date.now() })
  }

  #reach({ mediaSequence, now }: NonNullable<EdgeRequest['waitsFor']>): void {
    if (mediaSequence <= (this.#reached.get(now.key) ?? -1)) return
    if (this.#reached.size >= maxKnownPlaylists) this.#reached.clear() // they are known again within a segment
    this.#reached.set(now.key, mediaSequence)
  }

  #askAhead(playlist: EdgeRequest, answer: Answer): void {
    const part = hintedPart(playlist, answer.body)
    if (part === undefined || this.#closed || this.cached(part, answer.storedAt) !== undefined) return
    this.wait(part, nobody)
  }

  #cacheOf({ kind }: EdgeRequest): AnswerCache {
    const { cache, recordings } = this.#options
    return kind === 'recording' && recordings !== undefined ? recordings.cache : cache
  }

  async #ask(request: EdgeRequest, waiters: ReadonlySet<Waiter>, client: string): Promise<Answer> {
    const { recordings, log, metrics } = this.#options
    if (request.kind === 'recording') return (await recordings?.answer(request)) ?? noPod('unknown')
    const stop = new AbortController()
    const asking: Asking = { request, client, waiters, giveUp: () => stop.abort() }
    const shed = () => {
      metrics.shed.inc({ reason: 'places' }, waiters.size)
      return overloaded()
    }
    if (!this.#places.take(asking)) return shed()
    try {
      const answer = await this.#askHeld(request, stop.signal)
      return answer ?? shed()
    } catch (error) {
      log.error('edge.request_failed', { broadcast: request.broadcast, path: request.path, error })
      return refusal(502, 'bad_gateway', 'The stream answered badly.')
    } finally {
      this.#places.free(asking)
    }
  }

  /** Asks the Pod that is there; waits for one while it is being made or replaced. @returns nothing where `stop` aborts. */
  async #askHeld(request: EdgeRequest, stop: AbortSignal): Promise<Answer | undefined> {
    const { routes, holdMs, log, metrics } = this.#options
    const until = performance.now() + holdMs
    for (;;) {
      if (stop.aborted) return undefined
      const route = routes.get(request.broadcast)
      const leftMs = until - performance.now()
      if (route.state === 'live') {
        try {
          const answer = await this.#fetchFrom(route, request, { leftMs, stop })
          if (request.kind === 'playlist' && answer.status === 200)
            this.#windows.hear(request.broadcast, route, answer.body, answer.storedAt)
          metrics.upstream.inc({ kind: request.kind, status: answer.status })
          if (!isTransient(answer.status) || performance.now() + retryMs > until) return answer
        } catch (error) {
          if (error instanceof RangeError) throw error
          metrics.upstream.inc({ kind: request.kind, status: 0 })
          log.debug('edge.upstream_failed', { broadcast: request.broadcast, error })
        }
        if (stop.aborted) return undefined
        if (this.#closed || performance.now() + retryMs > until) return comingBack()
        if (sameRoute(routes.get(request.broadcast), route)) await routes.changed(request.broadcast, retryMs, stop)
      } else if (route.state === 'pending' && leftMs > 0) await routes.changed(request.broadcast, leftMs, stop)
      else return noPod(route.state)
    }
  }

  /** Asks one Pod. @throws the connection's error; that it was given up for another Pod, the deadline or `stop`. */
  async #fetchFrom(
    route: Route & { state: 'live' },
    request: EdgeRequest,
    { leftMs, stop }: { leftMs: number; stop: AbortSignal },
  ): Promise<Answer> {
    const { routes, fetch, streamPort } = this.#options
    const given = new AbortController()
    const giveUp = () => given.abort()
    const deadline = setTimeout(giveUp, leftMs)
    const unwatch = routes.watch(request.broadcast, () => {
      // A Pod that only leaves may still answer what it was asked.
      const next = routes.get(request.broadcast)
      if (next.state === 'live' && !sameRoute(next, route)) giveUp()
    })
    stop.addEventListener('abort', giveUp, { once: true })
    try {
      return await fetch({ host: route.host, port: streamPort }, request, given.signal)
    } finally {
      clearTimeout(deadline)
      unwatch()
      stop.removeEventListener('abort', giveUp)
    }
  }
}

/** A Pod that starts or stops says these. */
const isTransient = (status: number) => status === 502 || status === 503 || status === 504

function noPod(state: 'pending' | 'idle' | 'ended' | 'unknown'): Answer {
  if (state === 'ended') return refusal(410, 'broadcast_ended', 'The broadcast is over.')
  if (state === 'idle') return refusal(404, 'broadcast_not_live', 'Nobody is publishing yet.', { retryAfterSeconds: 2 })
  if (state === 'unknown') return refusal(404, 'broadcast_unknown', 'There is no such broadcast.')
  return comingBack()
}

function comingBack(): Answer {
  return refusal(503, 'stream_starting', 'The stream is coming; ask again.', { retryAfterSeconds: 1 })
}

/** As a Pod says it, and in the words of the draft's section 6.2.5.2. */
const tooFarAhead = refusal(400, 'too_far_ahead', 'The playlist is more than two segments away from _HLS_msn.')
const notListed = refusal(404, 'not_listed', 'No playlist of this broadcast lists this segment now.')

function overloaded(): Answer {
  return refusal(503, 'overloaded', 'Too many requests are waiting; ask again.', { retryAfterSeconds: 1 })
}
