/**
 * Answers by key, within a number of bytes. The oldest go first, but one that was used since it was last looked at gets
 * a second chance: nearly least-recently-used, and a hit changes one bit. No clock of its own.
 */
import type { Answer } from './answer.ts'

const entryOverheadBytes = 1_000 // key, facts, bookkeeping

interface Entry {
  readonly answer: Answer
  readonly expiresAt: number
  readonly bytes: number
  used: boolean
}

export class AnswerCache {
  readonly #maxBytes: number
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @param now milliseconds on the clock that `set` was given. */
  get(key: string, now: number): Answer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.expiresAt <= now) {
      this.#delete(key, entry.bytes)
      return undefined
    }
    entry.used = true
    return entry.answer
  }

  set(key: string, answer: Answer, expiresAt: number): void {
    const known = this.#entries.get(key)
    if (known !== undefined) this.#delete(key, known.bytes)
    const bytes = answer.mostBytes + entryOverheadBytes
    if (bytes > this.#maxBytes) return
    this.#entries.set(key, { answer, expiresAt, bytes, used: false })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break
      this.#delete(oldest, entry.bytes)
      if (!entry.used) continue
      entry.used = false
      this.#entries.set(oldest, entry) // to the end; the loop comes by again if there is still no room
      this.#bytes += entry.bytes
    }
  }

  #delete(key: string, bytes: number): void {
    this.#entries.delete(key)
    this.#bytes -= bytes
  }
}
