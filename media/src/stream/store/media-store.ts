/**
 * Bytes of one rendition: recent parts in memory, older segments on disk.
 *
 * Memory holds parts for six target durations (three listed, three more fetchable: draft 6.2.2); the disk holds the
 * DVR window and, after a segment left the playlist, about as long again (its availability duration, 6.2.2).
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Position } from '../hls/rendition.ts'

export interface MediaStoreOptions {
  directory: string
  /** How long a complete segment's parts stay in memory. */
  memoryMs: number
  /** Milliseconds, monotonic. */
  now: () => number
  onError: (error: unknown) => void
}

/** A whole segment: its parts, or, once they left memory, the file that they are in. */
export type SegmentSource = { byteLength: number } & ({ parts: readonly Buffer[] } | { file: string })

interface StoredSegment {
  parts: Buffer[] | undefined // undefined: on disk only
  bytes: number
  written: Promise<void> | undefined
  completedAtMs: number // Infinity: it is still growing
}

export class MediaStore {
  readonly #options: MediaStoreOptions
  readonly #segments = new Map<number, StoredSegment>()
  readonly #inits = new Map<string, Buffer>()

  constructor(options: MediaStoreOptions) {
    this.#options = options
  }

  putInit(name: string, bytes: Buffer): void {
    this.#inits.set(name, bytes)
  }

  init(name: string): Buffer | undefined {
    return this.#inits.get(name)
  }

  putPart(mediaSequenceNumber: number, bytes: Buffer): void {
    const segment = this.#segments.get(mediaSequenceNumber) ?? {
      parts: [],
      bytes: 0,
      written: undefined,
      completedAtMs: Infinity,
    }
    this.#segments.set(mediaSequenceNumber, segment)
    segment.parts?.push(bytes)
    segment.bytes += bytes.length
  }

  part({ mediaSequenceNumber, part }: Position): Buffer | undefined {
    return this.#segments.get(mediaSequenceNumber)?.parts?.[part]
  }

  byteLength(mediaSequenceNumber: number): number {
    return this.#segments.get(mediaSequenceNumber)?.bytes ?? 0
  }

  /** Writes a complete segment to disk, and frees the parts of those that are now too old for memory. */
  endSegment(mediaSequenceNumber: number): void {
    const segment = this.#segments.get(mediaSequenceNumber)
    if (segment?.parts === undefined) return
    const nowMs = this.#options.now()
    if (segment.bytes === 0) {
      this.#segments.delete(mediaSequenceNumber) // all of it is lost: there is nothing to serve
    } else {
      segment.completedAtMs = nowMs
      segment.written = this.#write(mediaSequenceNumber, segment.parts)
      segment.written.catch(this.#options.onError)
    }
    for (const old of this.#segments.values()) {
      if (old.completedAtMs > nowMs - this.#options.memoryMs) break
      if (old.parts !== undefined) void this.#free(old) // handles its own errors
    }
  }

  /**
   * Where a whole segment is; undefined when it is not there: not yet, not any more, or lost. An open one is not there, for
   * caches would keep what it has so far. Files are read by who sends them, as fast as that goes: a hundred viewers of a
   * hundred segments would else have them all in memory.
   */
  find(mediaSequenceNumber: number): SegmentSource | undefined {
    const segment = this.#segments.get(mediaSequenceNumber)
    if (segment === undefined || segment.completedAtMs === Infinity) return undefined
    const { parts, bytes: byteLength } = segment
    return parts === undefined ? { byteLength, file: this.#path(mediaSequenceNumber) } : { byteLength, parts }
  }

  /** The bytes of a whole segment, for who takes one at a time; undefined when it is not there, as `find` says. */
  async segment(mediaSequenceNumber: number): Promise<Buffer | undefined> {
    const found = this.find(mediaSequenceNumber)
    if (found === undefined) return undefined
    if ('parts' in found) return Buffer.concat(found.parts)
    try {
      return await readFile(found.file)
    } catch (error) {
      this.#options.onError(error)
      return undefined
    }
  }

  /** Forgets a segment and deletes its file. */
  drop(mediaSequenceNumber: number): void {
    const segment = this.#segments.get(mediaSequenceNumber)
    if (segment === undefined) return
    this.#segments.delete(mediaSequenceNumber)
    void (segment.written ?? Promise.resolve()) // either way the file goes
      .catch(() => undefined)
      .then(() => rm(this.#path(mediaSequenceNumber), { force: true }))
      .catch(this.#options.onError)
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#segments.values()].map((segment) => segment.written ?? Promise.resolve()))
    await rm(this.#options.directory, { recursive: true, force: true }).catch(this.#options.onError)
  }

  async #write(mediaSequenceNumber: number, parts: readonly Buffer[]): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true }) // each time: a disk that was full once may take it now
    await writeFile(this.#path(mediaSequenceNumber), parts) // one by one: no copy of the whole
  }

  /** Keeps the parts in memory where the disk did not take them: a full disk must not lose the live edge. */
  async #free(segment: StoredSegment): Promise<void> {
    if (segment.written === undefined) return
    const isWritten = await segment.written.then(() => true).catch(() => false)
    if (isWritten) segment.parts = undefined
  }

  #path(mediaSequenceNumber: number): string {
    return join(this.#options.directory, `seg-${mediaSequenceNumber}.m4s`)
  }
}
