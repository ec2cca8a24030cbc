import type { Reply } from '@mytaek1/platform/openapi.ts'
import { tagged, taggedHeaders, type TaggedJson } from './conditional-get.ts'

/** How much is kept, and for how long from when its making began. */
export interface SharedReadsLimits {
  maxAgeMs: number
  maxEntries: number
  maxBytes: number
}

const defaultLimits: SharedReadsLimits = { maxAgeMs: 1_000, maxEntries: 1_000, maxBytes: 16 * 1024 * 1024 }

/** An answer that everybody is given alike, and whose it is, if it is one account's. */
export interface SharedAnswer extends TaggedJson {
  ownerId?: string
}

interface Entry {
  made: Promise<SharedAnswer>
  until: number // Infinity while it is being made
  bytes: number
}

/**
 * What many ask for at once is read once: of each key one answer is made at a time, and for a second everybody gets it.
 * So a crowd costs the database as much as one viewer does, however slow it is.
 *
 * Only what is the same for everybody may be shared. Owners are not answered from here, so that they see what they did.
 */
export class SharedReads {
  #entries = new Map<string, Entry>() // the oldest first
  #bytes = 0
  #limits: SharedReadsLimits
  #now: () => number

  constructor(limits: Partial<SharedReadsLimits> = {}, now: () => number = () => performance.now()) {
    this.#limits = { ...defaultLimits, ...limits }
    this.#now = now
  }

  /** The answer of a key; `make` is called unless there is one, or one is being made. Its failure is kept for nobody. */
  async read(key: string, make: () => Promise<{ body: object; ownerId?: string }>): Promise<SharedAnswer> {
    const known = this.#entries.get(key)
    if (known !== undefined && known.until > this.#now()) return await known.made
    if (known !== undefined) this.#drop(key, known)
    const startedAt = this.#now()
    const made = make().then(({ body, ...about }) => ({ ...tagged(JSON.stringify(body)), ...about }))
    const entry: Entry = { made, until: Infinity, bytes: 0 }
    this.#entries.set(key, entry)
    try {
      const answer = await made
      if (this.#entries.get(key) === entry) this.#keep(key, entry, answer.json.length + key.length, startedAt)
      return answer
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#drop(key, entry)
      throw error
    }
  }

  /** Forgets everything: something was changed here. What is being made is given to those who wait for it, and not kept. */
  forget(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  /** Forgets a broadcast, and the lists, which show it. */
  forgetBroadcast(id: string): void {
    for (const [key, entry] of this.#entries) {
      if (key === keyOf('broadcast', { id }) || !key.startsWith('broadcast ')) this.#drop(key, entry)
    }
  }

  /** How many answers are kept or being made, and bytes of those kept. */
  get size(): { entries: number; bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes }
  }

  #keep(key: string, entry: Entry, bytes: number, startedAt: number): void {
    const { maxAgeMs, maxEntries, maxBytes } = this.#limits
    entry.until = startedAt + maxAgeMs
    if (bytes > maxBytes) return this.#drop(key, entry)
    entry.bytes = bytes
    this.#bytes += bytes
    for (const [oldKey, old] of this.#entries) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) break
      if (old !== entry && old.until !== Infinity) this.#drop(oldKey, old)
    }
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}

/** The key of an answer to what is asked. */
export const keyOf = (what: string, asked: object) => `${what} ${JSON.stringify(asked)}`

/** A shared answer as a reply; `conditionalGet` answers 304 to who has it. */
export const shared = (answer: SharedAnswer): Reply => ({
  status: 200,
  body: answer.json,
  headers: taggedHeaders(answer),
})
