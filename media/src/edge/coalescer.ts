/**
 * One upstream request for each distinct thing, whoever many ask for it.
 *
 * Whoever asks first causes the request, whoever asks meanwhile waits for it, whoever asks later gets it from the
 * cache. While a Pod is being replaced the request is held and asked of the next one, `holdMs` at most. The part that a
 * playlist announces is asked for with it: it is here when the next playlist lists it, even if its Pod is no longer.
 */
import type { Logger } from '@mytaek1/platform/logger.ts'
import { type Answer, refusal } from './answer.ts'
import type { AnswerCache } from './answer-cache.ts'
import type { EdgeRequest } from './edge-request.ts'
import { hintedPart } from './hinted-part.ts'
import type { RouteTable } from './route-table.ts'
import type { Origin } from './upstream.ts'

const retryMs = 100
const undirectedPlaylistMs = 200 // a playlist state that nobody named is old soon; a CDN in front may keep it longer
const maxUpstreamRequests = 4_096
const maxUpstreamRequestsPerBroadcast = 96
const pastSegments = 2 // so far behind, and no playlist that is kept undirected can lack it
const maxKnownPlaylists = 16_384

/** Told the answer once. Objects that live longer than a request, and not promises: ten thousand are released at once. */
export interface Waiter {
  onAnswer(answer: Answer): void
}

const nobody: Waiter = { onAnswer: () => {} }

export interface CoalescerOptions {
  readonly routes: RouteTable
  readonly cache: AnswerCache
  /** Recordings' answers, and what keeps them: apart, so that nobody who watches old ones takes the room of live parts. */
  readonly recordings?: { answer(request: EdgeRequest): Promise<Answer>; readonly cache: AnswerCache }
  readonly fetch: (origin: Origin, request: EdgeRequest) => Promise<Answer>
  readonly streamPort: number
  readonly holdMs: number
  readonly log: Logger
  onUpstream(kind: EdgeRequest['kind'], status: number): void
}

export class Coalescer {
  readonly #options: CoalescerOptions
  readonly #waiting = new Map<string, Set<Waiter>>()
  readonly #perBroadcast = new Map<string, number>()
  readonly #reached = new Map<string, number>() // newest segment seen in each playlist, by the key without directives
  #closed = false

  constructor(options: CoalescerOptions) {
    this.#options = options
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
    return this.#cacheOf(request).get(request.key, now)
  }

  /** Answers `waiter` later, once. One waiter waits for one thing at a time. */
  wait(request: EdgeRequest, waiter: Waiter): void {
    const known = this.#waiting.get(request.key)
    if (known !== undefined) return void known.add(waiter)
    const waiters = new Set([waiter])
    this.#waiting.set(request.key, waiters)
    void this.#resolve(request, waiters) // never rejects
  }

  /** Takes a waiter back. @returns whether it still waited. */
  forget(request: EdgeRequest, waiter: Waiter): boolean {
    return this.#waiting.get(request.key)?.delete(waiter) ?? false
  }

  /** Answers what is held as soon as it can: nothing is asked again. */
  close(): void {
    this.#closed = true
  }

  async #resolve(request: EdgeRequest, waiters: Set<Waiter>): Promise<void> {
    const answer = await this.#ask(request)
    const lifeMs = answer.maxAgeSeconds * 1_000
    const isUndirected = request.kind === 'playlist' && request.waitsFor === undefined
    const keptMs = isUndirected ? Math.min(lifeMs, undirectedPlaylistMs) : lifeMs
    if (keptMs > 0) this.#cacheOf(request).set(request.key, answer, answer.storedAt + keptMs)
    this.#waiting.delete(request.key)
    if (answer.status === 200 && request.waitsFor !== undefined) this.#reach(request.waitsFor)
    if (request.kind === 'playlist' && answer.status === 200 && waiters.size > 0) this.#askAhead(request, answer)
    for (const waiter of waiters) waiter.onAnswer(answer)
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

  async #ask(request: EdgeRequest): Promise<Answer> {
    const { broadcast } = request
    if (request.kind === 'recording') return (await this.#options.recordings?.answer(request)) ?? noPod('unknown')
    const count = this.#perBroadcast.get(broadcast) ?? 0
    if (count >= maxUpstreamRequestsPerBroadcast || this.#waiting.size > maxUpstreamRequests) return overloaded()
    this.#perBroadcast.set(broadcast, count + 1)
    try {
      return await this.#askHeld(request)
    } catch (error) {
      this.#options.log.error('edge.request_failed', { broadcast, path: request.path, error })
      return refusal(502, 'bad_gateway', 'The stream answered badly.')
    } finally {
      const left = (this.#perBroadcast.get(broadcast) ?? 1) - 1
      if (left > 0) this.#perBroadcast.set(broadcast, left)
      else this.#perBroadcast.delete(broadcast)
    }
  }

  /** Asks the Pod that is there; waits for one while it is being made or replaced. */
  async #askHeld(request: EdgeRequest): Promise<Answer> {
    const { routes, fetch, streamPort, holdMs, log } = this.#options
    const until = performance.now() + holdMs
    for (;;) {
      const route = routes.get(request.broadcast)
      const leftMs = until - performance.now()
      if (route.state === 'live') {
        try {
          const answer = await fetch({ host: route.host, port: streamPort }, request)
          this.#options.onUpstream(request.kind, answer.status)
          if (!isTransient(answer.status) || performance.now() + retryMs > until) return answer
        } catch (error) {
          if (error instanceof RangeError) throw error
          this.#options.onUpstream(request.kind, 0)
          log.debug('edge.upstream_failed', { broadcast: request.broadcast, error })
        }
        if (this.#closed || performance.now() + retryMs > until) return comingBack()
        await routes.changed(request.broadcast, retryMs)
      } else if (route.state === 'pending' && leftMs > 0) await routes.changed(request.broadcast, leftMs)
      else return noPod(route.state)
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

function overloaded(): Answer {
  return refusal(503, 'overloaded', 'Too many requests are waiting; ask again.', { retryAfterSeconds: 1 })
}
