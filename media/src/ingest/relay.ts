/**
 * One publisher's way to its stream Pod, whichever that is at the moment.
 *
 *   away        no Pod is named, or it does not answer: messages only go to the replay buffer. → connecting
 *   connecting  RTMP to the Pod, tried again with growing pauses. → attached, or away when the Pod's name changes
 *   attached    the replay buffer was written, live messages follow. → away, when the connection is lost, the Pod is
 *               replaced by another, or it takes nothing for five seconds
 *   closed      the encoder is gone
 *
 * The encoder's connection is untouched by all of it; it is only held back while an attached Pod is slow.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { type RtmpPublisher, connectRtmpPublisher } from '../rtmp/client.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import type { ReplayBuffer } from './replay-buffer.ts'

const connectDeadlineMs = 3_000
const stuckMs = 5_000
const gatherSoundMs = 50 // longer than a picture lasts at 24 a second; the picture itself never waits
const firstRetryMs = 50
const retryGrowth = 1.25 // so a pause is about a quarter of the time that the Pod was away by then
const maxRetryMs = 500

/** The Pod to relay to; another `uid` is another Pod even at the same address. */
export interface RelayTarget {
  readonly host: string
  readonly port: number
  readonly uid: string
}

export interface RelayOptions {
  readonly app: string
  readonly streamKey: string // secret
  readonly replay: ReplayBuffer
  readonly log: Logger
  /** The Pod takes messages again after `write` returned false. */
  onWritable(): void
  onAttached(): void
  onDetached(): void
}

export class Relay {
  readonly #options: RelayOptions
  readonly #closed = new AbortController()
  #target: RelayTarget | undefined
  #retarget = new AbortController() // aborted when the target changes
  #publisher: RtmpPublisher | undefined
  #stuckTimer: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    void this.#run() // ends with close(); it catches what connecting throws
  }

  get attached(): boolean {
    return this.#publisher !== undefined
  }

  /** Names the Pod; undefined while there is none. */
  setTarget(target: RelayTarget | undefined): void {
    if (target?.uid === this.#target?.uid && target?.host === this.#target?.host) return
    this.#target = target
    this.#retarget.abort()
    this.#retarget = new AbortController()
  }

  /** Takes the encoder's next message. @returns false when the encoder should be held back until `onWritable`. */
  write(message: MediaMessage): boolean {
    this.#options.replay.add(message, this.attached)
    const publisher = this.#publisher
    if (publisher === undefined || publisher.write(message)) return true
    this.#stuckTimer ??= setTimeout(() => {
      this.#options.log.warn('relay.pod_stuck', { stuckMs })
      this.#detach(publisher)
    }, stuckMs)
    return false
  }

  close(): void {
    this.#closed.abort()
    if (this.#publisher !== undefined) this.#detach(this.#publisher)
  }

  async #run(): Promise<void> {
    const closed = this.#closed.signal
    let retryMs = firstRetryMs
    let told: RelayTarget | undefined // one line for each Pod that does not answer, not one a try
    while (!closed.aborted) {
      const changed = AbortSignal.any([closed, this.#retarget.signal])
      const target = this.#target
      if (target === undefined) {
        await aborted(changed)
        continue
      }
      try {
        const publisher = await this.#connect(target, changed)
        retryMs = firstRetryMs
        told = undefined
        await this.#attach(publisher, target, changed)
      } catch (error) {
        if (!changed.aborted && told !== target)
          this.#options.log.info('relay.connect_failed', { host: target.host, error })
        told = target
      }
      if (changed.aborted) continue
      await wait(retryMs, undefined, { signal: changed }).catch(() => {}) // aborted: there is a newer target
      retryMs = Math.min(maxRetryMs, retryMs * retryGrowth)
    }
  }

  #connect({ host, port }: RelayTarget, signal: AbortSignal): Promise<RtmpPublisher> {
    const { app, streamKey: streamName } = this.#options
    const deadlineMs = connectDeadlineMs
    return connectRtmpPublisher({ host, port, app, streamName, signal, deadlineMs, gatherSoundMs })
  }

  /** Replays, then passes live messages until the connection is over. */
  async #attach(publisher: RtmpPublisher, target: RelayTarget, changed: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<Error | undefined>()
    publisher.once('close', (error) => over.resolve(error))
    publisher.on('drain', () => this.#writable())
    changed.addEventListener('abort', () => over.resolve(undefined), { once: true })
    for (const message of this.#options.replay.messages()) publisher.write(message)
    this.#publisher = publisher
    this.#options.log.info('relay.attached', { host: target.host, podUID: target.uid })
    this.#options.onAttached()
    const error = await over.promise
    this.#detach(publisher)
    this.#options.onDetached()
    if (!this.#closed.signal.aborted) this.#options.log.info('relay.detached', { host: target.host, error })
  }

  #detach(publisher: RtmpPublisher): void {
    if (this.#publisher === publisher) this.#publisher = undefined
    publisher.close()
    this.#writable() // from here on the replay buffer takes everything
  }

  #writable(): void {
    clearTimeout(this.#stuckTimer)
    this.#stuckTimer = undefined
    this.#options.onWritable()
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}
