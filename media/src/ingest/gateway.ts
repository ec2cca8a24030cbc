/**
 * Lets encoders in: key check, publisher record, publication. Fed by the watch on Broadcasts.
 *
 * Order of one `publish`: hash the key → find its open Broadcast (a new one has half a second to come by the watch) →
 * claim the publisher record by compare-and-swap → Publish.Start. A wrong key is answered late, and later each time.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { isOpen, keyHashOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'
import type { Authorization, PublishRequest, PublishSession, SessionEnd } from '../rtmp/publishing.ts'
import { BadKeyBackoff } from './bad-key-backoff.ts'
import { KeyTable, hashMatches, hashStreamKey } from './key-table.ts'
import type { IngestMetrics } from './metrics.ts'
import { isForgotten, Publication } from './publication.ts'
import type { PublisherRecord } from './publisher-record.ts'
import { ReplayBudget } from './replay-buffer.ts'

const newBroadcastWaitMs = 500
const claimDeadlineMs = 5_000
const claimAgainMs = 1_000
const settleDeadlineMs = 30_000
const lostClaimMs = 1_000 // a claim that was given up has landed by then, or never will: its request was cancelled
const app = 'live'

export interface GatewayOptions {
  readonly record: PublisherRecord
  readonly podName: string
  readonly replayBytes: number // of one publisher
  readonly replayTotalBytes: number // of all together
  readonly streamRtmpPort: number
  readonly log: Logger
  readonly metrics: IngestMetrics
}

export class Gateway {
  readonly #options: GatewayOptions
  readonly #table = new KeyTable()
  readonly #replayBudget: ReplayBudget
  readonly #backoff = new BadKeyBackoff()
  readonly #publications = new Map<string, Set<Publication>>() // by broadcast name
  readonly #releases = new Map<string, Promise<void>>() // by broadcast name: the last one, which waits for those before it
  readonly #claims = new Set<Promise<unknown>>()
  readonly #settled = new AbortController()
  readonly #claimingAgain = new Set<Publication>()

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#replayBudget = new ReplayBudget(options.replayTotalBytes)
  }

  /** The watch's events. */
  upsert(broadcast: Broadcast): void {
    this.#table.upsert(broadcast)
    for (const publication of this.#of(broadcast.metadata.name)) {
      publication.update(broadcast)
      if (isForgotten(publication.broadcast, publication.sessionId)) void this.#claimAgain(publication) // handles its own errors
    }
  }

  remove({ metadata: { name } }: Broadcast): void {
    this.#table.remove(name)
    for (const publication of this.#of(name)) publication.deleted()
  }

  /** The RTMP server's question. @throws {KubernetesError} the claim could not be written: the encoder may try again. */
  async authorize(request: PublishRequest, session: PublishSession): Promise<Authorization> {
    const { log, metrics } = this.#options
    if (request.app !== app)
      return this.#refuse('app', 'NetStream.Publish.BadName', `Publish to the application /${app}.`)
    const keyHash = hashStreamKey(request.streamName)
    const found = await this.#table.findSoon(keyHash, newBroadcastWaitMs, session.signal)
    if (found.state === 'unknown') {
      await wait(this.#backoff.failed(request.remoteAddress, performance.now()), undefined, { signal: session.signal })
      log.info('ingest.unknown_key', { sessionId: session.id, remoteAddress: request.remoteAddress })
      return this.#refuse('unknown_key', 'NetStream.Publish.Unauthorized', 'Unknown stream key.')
    }
    if (found.state === 'closed') return this.#refuse('closed', 'NetStream.Publish.BadName', noBroadcast)

    const accepts = (broadcast: Broadcast) => isOpen(broadcast) && hashMatches(keyHash, keyHashOf(broadcast))
    const publisher = { sessionId: session.id, ingestPod: this.#options.podName, connectedAt: new Date().toISOString() }
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(claimDeadlineMs)])
    const claimed = await this.#claimed(found.broadcast, publisher, accepts, signal)
    if (claimed === null) return this.#refuse('closed', 'NetStream.Publish.BadName', noBroadcast)
    metrics.accepted.inc()
    return { accept: true, sink: this.#publish(request.streamName, keyHash, claimed, session) }
  }

  /** Waits until every lost publisher is written down, after the sessions were ended; gives up after half a minute. */
  async settle(deadlineMs = settleDeadlineMs): Promise<void> {
    const timer = setTimeout(() => this.#settled.abort(new Error('the process stops')), deadlineMs)
    await Promise.allSettled(this.#claims) // a claim that fails now leaves a release
    await Promise.all(this.#releases.values()) // none rejects
    clearTimeout(timer)
  }

  /** Claims; of a claim that was given up nobody knows whether it was written, so what it may have left is released. */
  async #claimed(...[seen, publisher, accepts, signal]: Parameters<PublisherRecord['claim']>) {
    const claim = this.#options.record.claim(seen, publisher, accepts, signal)
    this.#claims.add(claim)
    try {
      return await claim
    } catch (error) {
      this.#release(seen, publisher.sessionId, lostClaimMs)
      throw error
    } finally {
      this.#claims.delete(claim)
    }
  }

  /**
   * Somebody took the record of a publisher out who goes on: it is written again, until it is there, the session ends or the
   * process stops. Without it the operator would let the reconnect window run.
   */
  async #claimAgain(publication: Publication): Promise<void> {
    const { publisher, sessionId, broadcastName } = publication
    if (publisher === undefined || this.#claimingAgain.has(publication)) return
    this.#claimingAgain.add(publication)
    const goesOn = () => this.#of(broadcastName).has(publication)
    const accepts = (broadcast: Broadcast) => goesOn() && isForgotten(broadcast, sessionId)
    const { signal } = this.#settled
    try {
      while (goesOn() && isForgotten(publication.broadcast, sessionId) && !signal.aborted) {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(claimDeadlineMs)])
        try {
          const written = await this.#options.record.claim(publication.broadcast, publisher, accepts, deadline)
          this.#options.log.warn('ingest.claimed_again', { broadcast: broadcastName, sessionId })
          if (written === null) return
          publication.update(written)
        } catch (error) {
          this.#options.log.warn('ingest.claim_again_failed', { broadcast: broadcastName, error })
          await wait(claimAgainMs, undefined, { signal }).catch(() => undefined) // the loop ends
        }
      }
    } finally {
      this.#claimingAgain.delete(publication)
      // It ended meanwhile, and its release may have come before the record.
      if (!goesOn()) this.#release(publication.broadcast, sessionId, 0)
    }
  }

  /**
   * Writes down that a session is gone, and tries until it is written or the process stops: a publisher that seems to
   * be there keeps its Pod for ever. One at a time for a broadcast, so that an apiserver that is away is not flooded.
   */
  #release(seen: Broadcast, sessionId: string, delayMs: number): void {
    const { name } = seen.metadata
    const { signal } = this.#settled
    const disconnectedAt = new Date().toISOString()
    const dueAt = performance.now() + delayMs
    const previous = this.#releases.get(name)
    const write = async () => {
      await previous
      try {
        await wait(Math.max(0, dueAt - performance.now()), undefined, { signal })
        await this.#options.record.release(seen, sessionId, disconnectedAt, signal)
      } catch (error) {
        this.#options.log.error('ingest.release_failed', { broadcast: name, sessionId, error })
      }
      if (this.#releases.get(name) === release) this.#releases.delete(name)
    }
    const release = write()
    this.#releases.set(name, release)
  }

  #publish(streamKey: string, keyHash: Buffer, claimed: Broadcast, session: PublishSession): Publication {
    const { metrics, replayBytes, streamRtmpPort } = this.#options
    const log = this.#options.log.child({ broadcast: claimed.metadata.name, sessionId: session.id })
    log.info('ingest.publishing')
    const publication = new Publication({
      session,
      claimed,
      keyHash,
      streamKey,
      replayBytes,
      replayBudget: this.#replayBudget,
      streamRtmpPort,
      log,
      onMedia: (bytes) => metrics.bytes.inc(bytes),
      onAttached: (seconds) => metrics.attached.observe(seconds),
      onClosed: (closed, end) => this.#closed(closed, end, log),
    })
    const known = this.#of(publication.broadcastName)
    // Our own claims need no watch: whoever published until now hears at once that it is over …
    for (const other of known) other.update(claimed)
    // … and so does this one, where the watch, or a later claim, was faster than this claim's answer.
    const newer = [this.#table.get(publication.broadcastName), ...[...known].map(({ broadcast }) => broadcast)]
    this.#publications.set(publication.broadcastName, known.add(publication))
    queueMicrotask(() => {
      for (const broadcast of newer) if (broadcast !== undefined) publication.update(broadcast)
    })
    return publication
  }

  #closed(publication: Publication, end: SessionEnd, log: Logger): void {
    log.info('ingest.ended', { code: end.code })
    const known = this.#of(publication.broadcastName)
    known.delete(publication)
    if (known.size === 0) this.#publications.delete(publication.broadcastName)
    if (publication.superseded) return this.#options.metrics.takeovers.inc()
    this.#release(publication.broadcast, publication.sessionId, 0)
  }

  #of(name: string): Set<Publication> {
    return this.#publications.get(name) ?? new Set()
  }

  #refuse(
    reason: string,
    code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Unauthorized',
    description: string,
  ): Authorization {
    this.#options.metrics.refused.inc({ reason })
    return { accept: false, code, description }
  }
}

const noBroadcast = 'No broadcast is open for this stream key.'
