/** Answers by key, within a number of bytes; the least recently used go first. No clock of its own. */
import type { Answer } from './answer.ts'

const entryOverheadBytes = 1_000 // key, headers, bookkeeping

export class AnswerCache {
  readonly #maxBytes: number
  readonly #entries = new Map<string, { answer: Answer; expiresAt: number; bytes: number }>()
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
    this.#entries.delete(key)
    this.#entries.set(key, entry) // most recently used is last
    return entry.answer
  }

  set(key: string, answer: Answer, expiresAt: number): void {
    const known = this.#entries.get(key)
    if (known !== undefined) this.#delete(key, known.bytes)
    const bytes = answer.body.length * (answer.compressible ? 2 : 1) + entryOverheadBytes
    if (bytes > this.#maxBytes) return
    this.#entries.set(key, { answer, expiresAt, bytes })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break
      this.#delete(oldest, entry.bytes)
    }
  }

  #delete(key: string, bytes: number): void {
    this.#entries.delete(key)
    this.#bytes -= bytes
  }
}
