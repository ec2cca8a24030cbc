/** How many processors of the machine stood idle lately; /proc/stat, which a container sees of its node. */
import { cpus } from 'node:os'

const windowMs = 5_000

export class IdleCores {
  #last: { atMs: number; idleMs: number } | undefined
  #share = 0

  /** Reads the counters every five seconds at most. @returns idle processors over the last such window; 0 before the first. */
  look(nowMs: number): number {
    if (this.#last !== undefined && nowMs - this.#last.atMs < windowMs) return this.#share
    const idleMs = cpus().reduce((sum, { times }) => sum + times.idle, 0)
    if (this.#last !== undefined) this.#share = (idleMs - this.#last.idleMs) / (nowMs - this.#last.atMs)
    this.#last = { atMs: nowMs, idleMs }
    return this.#share
  }
}
