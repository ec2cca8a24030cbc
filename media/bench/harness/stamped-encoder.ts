/** Publishes a stamped clip over RTMP in real time, in a loop, and remembers when each picture was sent. */
import { setTimeout as wait } from 'node:timers/promises'
import { connectRtmpPublisher, type RtmpPublisher } from '../../src/rtmp/client.ts'
import { withSerial, type StampedClip } from './stamped-clip.ts'

export class StampedEncoder {
  /** Wall clock in ms (with fractions) at which picture `serial` was given to the socket. */
  readonly sentAt: number[] = []
  readonly #clip: StampedClip
  readonly #target: { port: number; key: string }
  readonly #abort = new AbortController()
  #publisher: RtmpPublisher | undefined
  #running: Promise<void> = Promise.resolve()
  disconnects = 0

  constructor(clip: StampedClip, target: { port: number; key: string }) {
    this.#clip = clip
    this.#target = target
  }

  async start(): Promise<void> {
    const publisher = await connectRtmpPublisher({
      host: '127.0.0.1',
      port: this.#target.port,
      app: 'live',
      streamName: this.#target.key,
      signal: this.#abort.signal,
      deadlineMs: 60_000,
    })
    publisher.once('close', () => {
      if (!this.#abort.signal.aborted) this.disconnects += 1
    })
    this.#publisher = publisher
    for (const header of this.#clip.headers) publisher.write(header)
    this.#running = this.#run(publisher)
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#publisher?.close()
    await this.#running
  }

  /** When the picture that shows `shown` (its number in the clip) and was sent last before `atMs` was sent. */
  sentBefore(shown: number, atMs: number): number | undefined {
    const { pictures } = this.#clip
    const newest = this.sentAt.length - 1
    const age = (((newest - shown) % pictures) + pictures) % pictures
    for (let serial = newest - age; serial >= 0; serial -= pictures) {
      const sent = this.sentAt[serial]
      if (sent !== undefined && sent <= atMs) return sent
    }
    return undefined
  }

  async #run(publisher: RtmpPublisher): Promise<void> {
    const start = wallClock()
    const loopMs = this.#clip.seconds * 1000
    for (let loop = 0; !this.#abort.signal.aborted; loop += 1) {
      for (const { message, picture } of this.#clip.messages) {
        const timestampMs = message.timestampMs + loop * loopMs
        const dueMs = start + timestampMs - wallClock()
        if (dueMs > 1) await wait(dueMs, undefined, { signal: this.#abort.signal }).catch(() => undefined)
        if (this.#abort.signal.aborted) return
        if (picture === undefined) {
          publisher.write({ ...message, timestampMs })
          continue
        }
        const serial = picture + loop * this.#clip.pictures
        const stamped = withSerial({ ...message, timestampMs }, serial)
        this.sentAt[serial] = wallClock()
        publisher.write(stamped)
      }
    }
  }
}

/** Wall clock in milliseconds with fractions; comparable with a browser's on the same machine. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now()
}
