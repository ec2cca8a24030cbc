/** One accepted encoder: its media goes through a relay to the Pod its Broadcast names; the Broadcast may end it. */
import type { Broadcast, Publisher } from '@mytaek1/contracts/broadcast-resource.ts'
import { isNewer } from '@mytaek1/platform/kubernetes/store.ts'
import { isOpen, keyHashOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import type { MediaSink, PublishSession, SessionEnd } from '../rtmp/publishing.ts'
import { publishRejected } from '../rtmp/status-code.ts'
import { hashMatches } from './key-table.ts'
import { Relay, type RelayTarget } from './relay.ts'
import { type ReplayBudget, ReplayBuffer } from './replay-buffer.ts'

export interface PublicationOptions {
  readonly session: PublishSession
  readonly claimed: Broadcast // as the claim left it
  readonly keyHash: Buffer
  readonly streamKey: string // secret
  readonly replayBytes: number
  readonly replayBudget: ReplayBudget
  readonly streamRtmpPort: number
  readonly log: Logger
  onMedia(bytes: number): void
  onAttached(awaySeconds: number): void
  onClosed(publication: Publication, end: SessionEnd): void
}

/** Why a newer state of its Broadcast ends a publication; undefined while it may go on. */
export function endedBy(broadcast: Broadcast, sessionId: string, keyHash: Buffer): SessionEnd | undefined {
  if (broadcast.unread !== undefined) return undefined // a later version wrote it: what cannot be read ends nothing
  if (!isOpen(broadcast)) return { code: 'NetStream.Publish.BadName', description: 'The broadcast has ended.' }
  if (!hashMatches(keyHash, keyHashOf(broadcast))) {
    return { code: 'NetStream.Publish.Unauthorized', description: 'The stream key was replaced.' }
  }
  const { publisher } = broadcast.status ?? {}
  if (!publisher || publisher.sessionId === sessionId) return undefined
  return { code: 'NetStream.Publish.BadName', description: 'Another encoder took over this stream key.' }
}

/** Whether the record of a session that goes on was taken out, or says that its encoder is gone: it is to be written again. */
export function isForgotten(broadcast: Broadcast, sessionId: string): boolean {
  const { publisher } = broadcast.status ?? {}
  if (broadcast.unread !== undefined || !isOpen(broadcast)) return false
  return !publisher || (publisher.sessionId === sessionId && publisher.disconnectedAt !== undefined)
}

export class Publication implements MediaSink {
  readonly broadcastName: string
  readonly sessionId: string
  #broadcast: Broadcast
  readonly #options: PublicationOptions
  readonly #relay: Relay
  readonly #replay: ReplayBuffer
  #awaySince = performance.now()
  #superseded = false

  constructor(options: PublicationOptions) {
    this.#options = options
    this.#broadcast = options.claimed
    this.broadcastName = options.claimed.metadata.name
    this.sessionId = options.session.id
    this.#replay = new ReplayBuffer({ maxBytes: options.replayBytes, budget: options.replayBudget })
    this.#relay = new Relay({
      app: 'live',
      streamKey: options.streamKey,
      replay: this.#replay,
      log: options.log,
      onWritable: () => options.session.resume(),
      onAttached: () => options.onAttached((performance.now() - this.#awaySince) / 1_000),
      onDetached: () => {
        this.#awaySince = performance.now()
      },
      onRejected: (description) => options.session.end({ code: publishRejected, description }),
    })
    this.#relay.setTarget(targetOf(options.claimed, options.streamRtmpPort))
  }

  /** A newer session of the same key is the publisher now. */
  get superseded(): boolean {
    return this.#superseded
  }

  get broadcast(): Broadcast {
    return this.#broadcast
  }

  /** Its record, as the claim wrote it. */
  get publisher(): Publisher | undefined {
    return this.#options.claimed.status?.publisher ?? undefined
  }

  write(message: MediaMessage): boolean {
    this.#options.onMedia(message.body.length)
    return this.#relay.write(message)
  }

  close(end: SessionEnd): void {
    this.#relay.close()
    this.#replay.close()
    this.#options.onClosed(this, end)
  }

  /** The watch showed the Broadcast: follow its Pod, or end. What is older than our own claim says nothing of us. */
  update(broadcast: Broadcast): void {
    const { resourceVersion } = this.#broadcast.metadata
    if (
      broadcast.metadata.resourceVersion !== resourceVersion &&
      !isNewer(broadcast.metadata.resourceVersion, resourceVersion)
    )
      return
    this.#broadcast = broadcast
    const end = endedBy(broadcast, this.sessionId, this.#options.keyHash)
    this.#superseded = (broadcast.status?.publisher?.sessionId ?? this.sessionId) !== this.sessionId
    if (end !== undefined) return this.#options.session.end(end)
    this.#relay.setTarget(targetOf(broadcast, this.#options.streamRtmpPort))
  }

  /** The Broadcast is gone. */
  deleted(): void {
    this.#options.session.end({ code: 'NetStream.Publish.BadName', description: 'The broadcast was deleted.' })
  }
}

function targetOf({ status }: Broadcast, port: number): RelayTarget | undefined {
  if (!status?.podIP) return undefined
  return { host: status.podIP, port, uid: status.podUID ?? '' }
}
