/**
 * Stores one rendition's segments, one upload at a time, and lists what is stored in chapters.
 *
 * Only what a segment is waits here; its bytes are read from the DVR window when its turn comes. What has left the window by
 * then is lost to the recording, and to nothing else.
 */
import type { Chapter, RecordedSegment } from '../../recording/chapter.ts'
import { mostSegments } from '../../recording/chapter.ts'
import { initName, segmentName, type ChapterName, type Take } from '../../recording/layout.ts'
import type { Segment } from '../hls/rendition.ts'
import { isGap, segmentSeconds } from '../hls/rendition.ts'
import type { RenditionOutput } from '../output.ts'

/** Writes files, trying again until they are there. Both answer false where that is no longer to be. */
export interface Uploads {
  media(path: string, body: Buffer): Promise<boolean>
  chapter(name: ChapterName, chapter: Chapter): Promise<boolean>
}

export interface RenditionRecorderOptions {
  output: RenditionOutput
  take: Take
  uploads: Uploads
  /** Pictures per second, once known. */
  frameRate: () => number | undefined
  /** How often a chapter that grew is written. */
  writeEveryMs: number
  onError: (error: unknown) => void
}

interface Waiting {
  segment: Omit<RecordedSegment, 'bytes'>
  init: string // its name in the live playlist
  initNumber: number
  format: Pick<Chapter, 'codecs' | 'width' | 'height' | 'frameRate'>
}

export class RenditionRecorder {
  /** Segments that are in the bucket, and those that will not be. */
  stored = 0
  lost = 0
  readonly #options: RenditionRecorderOptions
  #queue: Waiting[] = []
  #running = false
  #done: Promise<void> = Promise.resolve()
  #storedInit: string | undefined
  #chapter: { number: number; content: Chapter; isWritten: boolean } | undefined
  #writtenMs = performance.now()

  constructor(options: RenditionRecorderOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Takes a segment that is complete; one that is a gap is none. */
  add(segment: Segment): void {
    const { output, frameRate } = this.#options
    const { mediaSequenceNumber: number, discontinuity, init } = segment
    if (init === undefined || isGap(segment)) return
    const { codecs, width, height } = output.variant(undefined, 0)
    const seconds = segmentSeconds(segment)
    const flag = discontinuity ? { discontinuity } : {}
    this.#queue.push({
      segment: { number, seconds, atMs: Math.round(segment.programDateTimeMs), ...flag },
      init,
      initNumber: numberOf(init),
      format: { codecs: [...codecs], width, height, frameRate: width === undefined ? undefined : frameRate() },
    })
    const oldest = output.rendition.segments[0]?.mediaSequenceNumber ?? number
    const kept = this.#queue.filter((waiting) => waiting.segment.number >= oldest)
    this.lost += this.#queue.length - kept.length
    this.#queue = kept
    this.#wake()
  }

  /** Resolves when all that was taken is stored and listed, or given up. */
  async finish(): Promise<void> {
    await this.#done
    await this.#writeChapter()
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    this.#done = this.#run()
  }

  async #run(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      // whatever goes wrong with a segment, it is the recording's alone
      await this.#take(next).catch(this.#options.onError)
    }
    this.#running = false
  }

  async #take(next: Waiting): Promise<void> {
    const bytes = await this.#store(next)
    if (bytes === 0) {
      this.lost += 1
      return
    }
    this.stored += 1
    await this.#list(next, bytes)
  }

  /** @returns the segment's length in bytes, 0 if it could not be stored. */
  async #store({ segment, init, initNumber }: Waiting): Promise<number> {
    const { output, take, uploads } = this.#options
    const { name } = output.rendition
    if (this.#storedInit !== init) {
      const bytes = output.store.init(init)
      if (bytes === undefined || !(await uploads.media(`${name}/${initName(take, initNumber)}`, bytes))) return 0
      this.#storedInit = init
    }
    const bytes = await output.store.segment(segment.number)
    if (bytes === undefined || bytes.length === 0) return 0
    return (await uploads.media(`${name}/${segmentName(take, segment.number)}`, bytes)) ? bytes.length : 0
  }

  async #list({ segment, initNumber, format }: Waiting, bytes: number): Promise<void> {
    let chapter = this.#chapter
    const continues = chapter?.content.init === initNumber && chapter.content.segments.length < mostSegments
    if (chapter === undefined || !continues) {
      await this.#writeChapter()
      chapter = { number: segment.number, content: { init: initNumber, codecs: [], segments: [] }, isWritten: false }
      this.#chapter = chapter
    }
    const frameRate = format.frameRate ?? chapter.content.frameRate
    chapter.content = { ...chapter.content, ...format, frameRate }
    chapter.content.segments.push({ ...segment, bytes })
    chapter.isWritten = false
    if (performance.now() - this.#writtenMs >= this.#options.writeEveryMs) await this.#writeChapter()
  }

  async #writeChapter(): Promise<void> {
    const { output, take, uploads } = this.#options
    const chapter = this.#chapter
    if (chapter === undefined || chapter.isWritten) return
    this.#writtenMs = performance.now()
    const name = { rendition: output.rendition.name, take, number: chapter.number }
    chapter.isWritten = await uploads.chapter(name, chapter.content)
  }
}

/** `init-12.mp4` → 12: the segment that the init segment was first used for. */
const numberOf = (init: string) => Number(/\d+/.exec(init)?.[0] ?? 0)
