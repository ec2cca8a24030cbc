/**
 * What slow readers have not taken yet, over all connections, within a bound.
 *
 * Counted is the memory that is kept from being freed: a body that a thousand wait for counts once. Beyond the bound who
 * waits longest for its peer loses its connection: a reader on a bad line takes a part within seconds, one that takes
 * nothing on purpose would keep it for minutes.
 */

/** A connection, as far as it matters here. */
export interface SlowReader {
  /** True while the peer has not taken all that was sent. */
  readonly sending: boolean
  destroy(): void
}

/** So much is left once the bound was passed: looking through all readers must not be needed for each further response. */
const keptShare = 7 / 8

export class SendBacklog {
  readonly #maxBytes: number
  readonly #onDropped: () => void
  readonly #readers = new Map<SlowReader, ArrayBufferLike[]>() // longest waiting first
  readonly #holders = new Map<ArrayBufferLike, number>()
  #bytes = 0

  constructor({ maxBytes, onDropped }: { maxBytes: number; onDropped: () => void }) {
    this.#maxBytes = maxBytes
    this.#onDropped = onDropped
  }

  /** Bytes that are kept only until slow readers take them, or that the cache shares with them. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether anybody may still have to take some of this memory. */
  holds(memory: ArrayBufferLike): boolean {
    return this.#holders.has(memory)
  }

  /** Notes that `reader` still has to take some of `sent`. */
  add(reader: SlowReader, { buffer }: Buffer): void {
    const held = this.#readers.get(reader)
    if (held === undefined) this.#readers.set(reader, [buffer])
    else if (held.includes(buffer)) return
    else held.push(buffer)
    const holders = this.#holders.get(buffer) ?? 0
    this.#holders.set(buffer, holders + 1)
    if (holders > 0) return
    this.#bytes += buffer.byteLength
    if (this.#bytes > this.#maxBytes) this.#makeRoom()
  }

  /** `reader` took everything, or is gone. */
  remove(reader: SlowReader): void {
    const held = this.#readers.get(reader)
    if (held === undefined) return
    this.#readers.delete(reader)
    for (const buffer of held) {
      const holders = (this.#holders.get(buffer) ?? 1) - 1
      if (holders > 0) this.#holders.set(buffer, holders)
      else {
        this.#holders.delete(buffer)
        this.#bytes -= buffer.byteLength
      }
    }
  }

  /** Small responses end without a word: who has taken all is found here. */
  #makeRoom(): void {
    for (const reader of this.#readers.keys()) if (!reader.sending) this.remove(reader)
    for (const reader of this.#readers.keys()) {
      if (this.#bytes <= this.#maxBytes * keptShare) return
      this.remove(reader)
      this.#onDropped()
      reader.destroy()
    }
  }
}
