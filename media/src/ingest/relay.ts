/**
 * One publisher's way to its stream Pod, whichever that is at the moment.
 *
 *   away        no Pod is named, or it does not answer: messages only go to the replay buffer. → connecting
 *   connecting  RTMP to the Pod, tried again with growing pauses. → attached, or away when the Pod's name changes
 *   attached    the replay buffer is written, as fast as the Pod takes it; then live messages follow. → away, when the
 *               connection is lost, the Pod is replaced, it answers no ping for three seconds, or takes nothing for five
 *   closed      the encoder is gone
 *
 * The encoder's connection is untouched by all of it; it is only held back while an attached Pod is slow. It ends where
 * a Pod says that this media cannot be played: every other Pod would say the same.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { type RtmpPublisher, RtmpRefusedError, connectRtmpPublisher } from '../rtmp/client.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { publishBadName, publishRejected } from '../rtmp/status-code.ts'
import { Heartbeat, heartbeatMs } from './heartbeat.ts'
import type { ReplayBuffer } from './replay-buffer.ts'

const connectDeadlineMs = 3_000
const stuckMs = 5_000
const gatherSoundMs = 50 // longer than a picture lasts at 24 a second; the picture itself never waits
const firstRetryMs = 50
const retryGrowth = 1.25 // so a pause is about a quarter of the time that the Pod was away by then
const maxRetryMs = 500
const steadyMs = 5_000 // attached for so long, a Pod was well: what ends it is a new event
const badNamePauseMs = 2_000 // another session has the Pod, and the watch is about to end ours: no fight for it

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
  /** A Pod will not have this media; `reason` is what it said, for the encoder. */
  onRejected(reason: string): void
}

export class Relay {
  readonly #options: RelayOptions
  readonly #closed = new AbortController()
  #target: RelayTarget | undefined
  #retarget = new AbortController() // aborted when the target changes
  #publisher: RtmpPublisher | undefined
  #heartbeat: Heartbeat | undefined // of that publisher
  #behind: number | undefined // while the replay is not written: the buffer's position up to which it is
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
    const { replay } = this.#options
    const isKey = replay.add(message)
    const publisher = this.#publisher
    if (publisher === undefined) return true
    if (this.#behind !== undefined) {
      if (message.type === 'metadata') publisher.write(message) // the buffer has all else, in order
      return true
    }
    const isWritable = publisher.write(message)
    if (isKey) this.#heartbeat?.ask(replay.position) // confirmed, the GOP before it need not be replayed
    if (isWritable) return true
    this.#stuckTimer ??= setTimeout(() => this.#stuck(publisher, 'takes nothing'), stuckMs)
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
      let failure: unknown
      try {
        const publisher = await this.#connect(target, changed)
        const attachedAt = performance.now()
        told = undefined
        failure = await this.#attach(publisher, target, changed)
        if (performance.now() - attachedAt >= steadyMs) retryMs = firstRetryMs
      } catch (error) {
        failure = error
        if (!changed.aborted && told !== target)
          this.#options.log.info('relay.connect_failed', { host: target.host, error })
        told = target
      }
      if (changed.aborted) {
        retryMs = firstRetryMs
        continue
      }
      const code = failure instanceof RtmpRefusedError ? failure.code : undefined
      if (failure instanceof RtmpRefusedError && code === publishRejected) this.#options.onRejected(failure.description)
      const pauseMs = code === publishBadName ? badNamePauseMs : retryMs
      await wait(pauseMs, undefined, { signal: changed }).catch(() => {}) // aborted: there is a newer target
      retryMs = Math.min(maxRetryMs, retryMs * retryGrowth)
    }
  }

  #connect({ host, port }: RelayTarget, signal: AbortSignal): Promise<RtmpPublisher> {
    const { app, streamKey: streamName } = this.#options
    const deadlineMs = connectDeadlineMs
    return connectRtmpPublisher({ host, port, app, streamName, signal, deadlineMs, gatherSoundMs })
  }

  /** Replays, then passes live messages until the connection is over. @returns the error that ended it, if any. */
  async #attach(publisher: RtmpPublisher, target: RelayTarget, changed: AbortSignal): Promise<Error | undefined> {
    const { replay, log } = this.#options
    const over = Promise.withResolvers<Error | undefined>()
    publisher.once('close', (error) => over.resolve(error))
    publisher.on('drain', () => {
      this.#catchUp(publisher, headersKnown)
      this.#writable()
    })
    changed.addEventListener('abort', () => over.resolve(undefined), { once: true })
    const heartbeat = new Heartbeat(publisher, performance.now())
    const headersKnown = replay.headersChanged
    publisher.on('pong', () => {
      const position = heartbeat.answered()
      if (position !== undefined) replay.confirm(position)
    })
    this.#publisher = publisher
    this.#heartbeat = heartbeat
    this.#behind = 0
    for (const message of replay.heads()) publisher.write(message)
    this.#catchUp(publisher, headersKnown)
    const written = () => this.#behind ?? replay.position
    heartbeat.ask(written())
    const timer = setInterval(() => {
      if (!heartbeat.tick(performance.now(), written())) this.#stuck(publisher, 'answers no ping')
    }, heartbeatMs)
    log.info('relay.attached', { host: target.host, podUID: target.uid })
    this.#options.onAttached()
    const error = await over.promise
    clearInterval(timer)
    this.#detach(publisher)
    this.#options.onDetached()
    if (!this.#closed.signal.aborted) log.info('relay.detached', { host: target.host, error })
    return error
  }

  /** Writes what the buffer holds and the Pod has not, until the Pod is slow; then on from there when it drained. */
  #catchUp(publisher: RtmpPublisher, headersKnown: number): void {
    const { replay } = this.#options
    if (this.#publisher !== publisher || this.#behind === undefined) return
    if (replay.headersChanged !== headersKnown) return publisher.destroy() // begin again, with the new ones
    const { start, frames } = replay.from(this.#behind)
    this.#behind = start
    for (const frame of frames) {
      this.#behind += 1
      if (!publisher.write(frame)) return
    }
    this.#behind = undefined
  }

  /** Nothing that is unsent would be read: what the Pod did not confirm is replayed to the next connection. */
  #stuck(publisher: RtmpPublisher, how: string): void {
    this.#options.log.warn('relay.pod_stuck', { how })
    publisher.destroy()
    this.#detach(publisher)
  }

  #detach(publisher: RtmpPublisher): void {
    if (this.#publisher === publisher) this.#publisher = this.#heartbeat = this.#behind = undefined
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
