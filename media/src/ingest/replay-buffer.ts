/**
 * What a stream Pod must be told before live frames make sense: onMetaData, sequence headers, and every frame since
 * the last key frame that some Pod has in full; while no Pod is there, all frames since then. Bounded for itself, and
 * together with all other publishers of the process: who hits either bound starts again at a newer key frame.
 */
import { readFlvTag } from '../rtmp/flv-tag.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'

const maxAwayMs = 20_000 // a Pod away for longer starts at the newest key frame
const audioOnlyMs = 3_000
const messageOverheadBytes = 200 // of objects and array slots: one-byte messages must count too

/** What all replay buffers of a process hold together. */
export class ReplayBudget {
  readonly maxBytes: number
  usedBytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }
}

export class ReplayBuffer {
  readonly #maxBytes: number
  readonly #budget: ReplayBudget
  #metadata: MediaMessage | undefined
  #videoHeader: MediaMessage | undefined
  #audioHeader: MediaMessage | undefined
  #frames: MediaMessage[] = []
  #bytes = 0
  #waitsForKey = false // video frames are useless until the next key frame

  constructor(options: { maxBytes: number; budget: ReplayBudget }) {
    this.#maxBytes = options.maxBytes
    this.#budget = options.budget
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes the encoder's next message. `delivered`: a Pod gets it live, so what lies before a key frame is done with. */
  add(message: MediaMessage, delivered: boolean): void {
    const { role } = readFlvTag(message)
    if (message.type === 'metadata') this.#metadata = message
    else if (role === 'header' && message.type === 'video') this.#newVideoHeader(message)
    else if (role === 'header') this.#audioHeader = message
    else this.#frame(message, role === 'key', delivered)
  }

  /** Everything to tell a Pod that knows nothing, in order; headers carry the first frame's timestamp. */
  messages(): MediaMessage[] {
    const timestampMs = this.#frames[0]?.timestampMs
    const first = [this.#metadata, this.#videoHeader, this.#audioHeader].filter((message) => message !== undefined)
    const stamped = first.map((message) => ({ ...message, timestampMs: timestampMs ?? message.timestampMs }))
    return [...stamped, ...this.#frames]
  }

  /** Gives its share of the budget back; the buffer is not used after this. */
  close(): void {
    this.#clear()
  }

  #newVideoHeader(message: MediaMessage): void {
    const changed = this.#videoHeader === undefined || !this.#videoHeader.body.equals(message.body)
    this.#videoHeader = message
    if (!changed) return
    this.#clear() // frames of the old header would be decoded with the new one
    this.#waitsForKey = true
  }

  #frame(message: MediaMessage, isKey: boolean, delivered: boolean): void {
    if (isKey) this.#waitsForKey = false
    if (this.#waitsForKey) return
    if (isKey && delivered) this.#clear()
    this.#frames.push(message)
    this.#use(message.body.length + messageOverheadBytes)
    if (this.#videoHeader === undefined) this.#dropOldAudio(message.timestampMs)
    if (this.#isFull || (isKey && this.#ageMs(message) > maxAwayMs)) this.#dropToLastKey()
  }

  get #isFull(): boolean {
    return this.#bytes > this.#maxBytes || this.#budget.usedBytes > this.#budget.maxBytes
  }

  /** Where one GOP alone is too long to keep, there is nothing to replay until the next key frame. */
  #dropToLastKey(): void {
    const start = this.#frames.findLastIndex((message) => readFlvTag(message).role === 'key')
    const kept = this.#frames.slice(Math.max(0, start))
    this.#clear()
    this.#frames = kept
    this.#use(kept.reduce((sum, { body }) => sum + body.length + messageOverheadBytes, 0))
    if (!this.#isFull) return
    this.#clear()
    this.#waitsForKey = this.#videoHeader !== undefined
  }

  #dropOldAudio(newestMs: number): void {
    const start = this.#frames.findIndex(({ timestampMs }) => elapsedMs(timestampMs, newestMs) <= audioOnlyMs)
    for (const { body } of this.#frames.splice(0, Math.max(0, start))) this.#use(-body.length - messageOverheadBytes)
  }

  #use(bytes: number): void {
    this.#bytes += bytes
    this.#budget.usedBytes += bytes
  }

  #ageMs(newest: MediaMessage): number {
    return elapsedMs(this.#frames[0]?.timestampMs ?? newest.timestampMs, newest.timestampMs)
  }

  #clear(): void {
    this.#frames = []
    this.#use(-this.#bytes)
  }
}

/** Timestamps wrap at 32 bits; what seems to go back by a little is no age at all. */
function elapsedMs(from: number, to: number): number {
  return Math.max(0, (to - from) | 0)
}
