/**
 * What a stream Pod must be told before live frames make sense: onMetaData, sequence headers, and every frame since
 * the last key frame that a Pod is known to have read; what was written to a Pod and not confirmed may be lost with it.
 * Bounded for itself, and together with all other publishers of the process: who hits either bound starts again at a
 * newer key frame.
 */
import { readFlvTag, type FlvTag } from '../rtmp/flv-tag.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { isSlice, nalType, nalTypes, splitByLength, splitByStartCode } from '../rtmp/nal-units.ts'

const usualLengthBytes = 4
const maxAwayMs = 20_000 // a Pod away for longer starts at the newest key frame
const audioOnlyMs = 3_000
const longestSets = 4096 // bytes: a sample of parameter sets alone
const messageOverheadBytes = 200 // of objects and array slots: one-byte messages must count too

/** A sample of parameter sets without a picture. */
interface SetsAlone {
  readonly message: MediaMessage
  readonly sets: Buffer
}

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
  readonly #parameterSets = new Map<string, SetsAlone>() // by the kinds of sets, of which there are three; the newest last
  #frames: MediaMessage[] = []
  #bytes = 0 // of frames
  #headBytes = 0 // of metadata and headers, which are never dropped
  #added = 0 // frames kept, ever; what `position` counts
  #lastKey = 0 // the position of the newest key frame, plus one: 0 while there is none
  #headersChanged = 0
  #hasPicture = false // a header, or pictures of an encoder that has its parameter sets in them
  #waitsForKey = false // video frames are useless until the next key frame

  constructor(options: { maxBytes: number; budget: ReplayBudget }) {
    this.#maxBytes = options.maxBytes
    this.#budget = options.budget
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How many frames were kept so far: a mark for `confirm`. */
  get position(): number {
    return this.#added
  }

  /** How often a changed header made frames useless and gave others new positions. */
  get headersChanged(): number {
    return this.#headersChanged
  }

  /** Takes the encoder's next message. @returns whether it is a key frame: once confirmed, the buffer starts with it. */
  add(message: MediaMessage): boolean {
    const tag = readFlvTag(message)
    const { role } = tag
    if (message.type === 'video' && this.#takeSets(message, tag)) return false
    if (message.type === 'video' && (role === 'header' || role === 'key' || role === 'frame')) this.#hasPicture = true
    if (role === 'header' || message.type === 'metadata') this.#head(message)
    else this.#frame(message, role === 'key')
    return role === 'key'
  }

  /** A Pod has read all frames before `position`: what lies before the last key frame among them is done with. */
  confirm(position: number): void {
    const first = this.#added - this.#frames.length
    // The newest key frame nearly always; looked for only where key frames come faster than confirmations.
    const key = this.#lastKey <= position ? this.#lastKey - 1 - first : this.#keyBefore(position - first)
    if (key > 0) this.#drop(key)
  }

  /** Everything to tell a Pod that knows nothing, in order. */
  messages(): MediaMessage[] {
    return [...this.heads(), ...this.#frames]
  }

  /** Metadata and headers, with the first frame's timestamp. */
  heads(): MediaMessage[] {
    const timestampMs = this.#frames[0]?.timestampMs
    const sets = [...this.#parameterSets.values()].map(({ message }) => message)
    const heads = [this.#metadata, this.#videoHeader, ...sets, this.#audioHeader].filter(
      (message) => message !== undefined,
    )
    return heads.map((message) => ({ ...message, timestampMs: timestampMs ?? message.timestampMs }))
  }

  /** The frames from a position on, and the position of the first of them: a later one where some were dropped. */
  from(position: number): { start: number; frames: MediaMessage[] } {
    const first = this.#added - this.#frames.length
    const start = Math.max(position, first)
    return { start, frames: this.#frames.slice(start - first) }
  }

  /** Gives its share of the budget back; the buffer is not used after this. */
  close(): void {
    this.#clear()
    this.#budget.usedBytes -= this.#headBytes
    this.#headBytes = 0
  }

  #head(message: MediaMessage): void {
    const previous = this.#headOf(message.type)
    if (message.type === 'metadata') this.#metadata = message
    else if (message.type === 'video') this.#videoHeader = message
    else this.#audioHeader = message
    this.#replaced(message, previous)
    if (message.type !== 'metadata' && !previous?.body.equals(message.body)) this.#forget(message.type)
  }

  #replaced(message: MediaMessage, previous: MediaMessage | undefined): void {
    const added = costOf(message) - (previous === undefined ? 0 : costOf(previous))
    this.#headBytes += added
    this.#budget.usedBytes += added
  }

  /** Some encoders send their parameter sets once, as a sample of their own, instead of a header: a head like that one. */
  #takeSets(message: MediaMessage, { role, payloadAt }: FlvTag): boolean {
    if ((role !== 'key' && role !== 'frame') || message.body.length > longestSets) return false
    const data = message.body.subarray(payloadAt)
    // Lengths first: that of a picture of 256 to 511 bytes is a start code, too.
    const nals = splitByLength(data, usualLengthBytes) ?? splitByStartCode(data) ?? []
    const sets = nals.filter(isParameterSet)
    if (sets.length === 0 || nals.some(isSlice)) return false
    const kind = [...new Set(sets.map(nalType))].toSorted((a, b) => a - b).join()
    const previous = this.#parameterSets.get(kind)
    const alone = { message, sets: Buffer.concat(sets) }
    this.#hasPicture = true
    this.#parameterSets.delete(kind)
    this.#parameterSets.set(kind, alone)
    this.#replaced(message, previous?.message)
    if (!previous?.sets.equals(alone.sets)) this.#forget('video') // what else is in the sample may change with each
    return true
  }

  #headOf(type: MediaMessage['type']): MediaMessage | undefined {
    return { metadata: this.#metadata, video: this.#videoHeader, audio: this.#audioHeader }[type]
  }

  /** Frames of an old header would be decoded with the new one; the picture is kept where only the sound changed. */
  #forget(type: 'audio' | 'video'): void {
    this.#headersChanged += 1
    const kept = type === 'audio' ? this.#frames.filter((frame) => frame.type === 'video') : []
    this.#clear()
    for (const frame of kept) this.#keep(frame, readFlvTag(frame).role === 'key') // no earlier mark confirms them
    if (type === 'video') this.#waitsForKey = true
  }

  #frame(message: MediaMessage, isKey: boolean): void {
    if (isKey) this.#waitsForKey = false
    if (this.#waitsForKey) return
    this.#keep(message, isKey)
    if (!this.#hasPicture) this.#dropOldAudio(message.timestampMs)
    if (this.#isFull || (isKey && this.#ageMs(message) > maxAwayMs)) this.#dropToLastKey()
  }

  #keep(frame: MediaMessage, isKey: boolean): void {
    this.#frames.push(frame)
    this.#added += 1
    if (isKey) this.#lastKey = this.#added
    this.#use(costOf(frame))
  }

  get #isFull(): boolean {
    return this.#bytes > this.#maxBytes || this.#budget.usedBytes > this.#budget.maxBytes
  }

  /** Where one GOP alone is too long to keep, there is nothing to replay until the next key frame. */
  #dropToLastKey(): void {
    this.#drop(Math.max(0, this.#keyBefore(this.#frames.length)))
    if (!this.#isFull) return
    this.#clear()
    this.#waitsForKey = this.#hasPicture
  }

  #dropOldAudio(newestMs: number): void {
    const start = this.#frames.findIndex(({ timestampMs }) => elapsedMs(timestampMs, newestMs) <= audioOnlyMs)
    if (start > 0) this.#drop(start)
  }

  /** The index of the last key frame before `index`, or -1. */
  #keyBefore(index: number): number {
    for (let at = Math.min(index, this.#frames.length) - 1; at >= 0; at--) {
      const frame = this.#frames[at]
      if (frame !== undefined && readFlvTag(frame).role === 'key') return at
    }
    return -1
  }

  #drop(count: number): void {
    for (const frame of this.#frames.splice(0, count)) this.#use(-costOf(frame))
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

function isParameterSet(nal: Buffer): boolean {
  return nalType(nal) === nalTypes.sequenceParameters || nalType(nal) === nalTypes.pictureParameters
}

function costOf({ body }: MediaMessage): number {
  return body.length + messageOverheadBytes
}

/** Timestamps wrap at 32 bits; what seems to go back by a little is no age at all. */
function elapsedMs(from: number, to: number): number {
  return Math.max(0, (to - from) | 0)
}
