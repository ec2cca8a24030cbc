/**
 * Whether the Pod at the other end of a connection still reads, and how far it has read.
 *
 * TCP takes megabytes for a process that is frozen, or behind a black hole, before it says anything. So a ping follows
 * what was written, never more than one at a time; its pong says that the Pod's process has read all before it. A Pod
 * that is only busy answers late, and any byte of it counts. Time that this process itself did not run counts for
 * nothing: the pong may be waiting in the kernel.
 */
import type { RtmpPublisher } from '../rtmp/client.ts'

/** How often `tick` is to be called, in milliseconds. */
export const heartbeatMs = 1_000

const mostSilentTicks = 3
const lateMs = 500 // a timer later than this tells of this process, not of the Pod

export class Heartbeat {
  readonly #publisher: Pick<RtmpPublisher, 'receivedBytes' | 'ping'>
  #asked: number | undefined // the position before the ping that is out
  #heardBytes = 0
  #silentTicks = 0
  #tickedAt: number

  /** @param now milliseconds, monotonic, as for `tick`. */
  constructor(publisher: Pick<RtmpPublisher, 'receivedBytes' | 'ping'>, now: number) {
    this.#publisher = publisher
    this.#tickedAt = now
  }

  /** Pings, unless a ping is out; the pong will confirm everything written before `position`. */
  ask(position: number): void {
    if (this.#asked !== undefined) return
    this.#asked = position
    this.#heardBytes = this.#publisher.receivedBytes
    this.#silentTicks = -1 // the part of a second until the next tick is no second
    this.#publisher.ping()
  }

  /** The pong came. @returns the position that it confirms; undefined for a pong that nobody asked for. */
  answered(): number | undefined {
    const position = this.#asked
    this.#asked = undefined
    return position
  }

  /** @returns false when the Pod said nothing for three to four seconds, though it was asked. */
  tick(now: number, position: number): boolean {
    const isLate = now - this.#tickedAt > heartbeatMs + lateMs
    this.#tickedAt = now
    if (this.#asked === undefined) {
      this.ask(position)
      this.#silentTicks = 0
    } else if (this.#publisher.receivedBytes !== this.#heardBytes) {
      this.#heardBytes = this.#publisher.receivedBytes
      this.#silentTicks = 0
    } else if (!isLate) {
      this.#silentTicks += 1
    }
    return this.#silentTicks < mostSilentTicks
  }
}
