/**
 * Keeps a broadcast as video on demand: every rendition's segments go to the object store as they are completed.
 *
 *     recording ──end()──▶ takes nothing more; what waits is stored; if the broadcast is over, that too is said
 *
 * Nothing here is waited for by what viewers see: a store that is slow or gone leaves gaps in the recording.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { ObjectStore } from '@mytaek1/platform/object-store.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import type { Chapter } from '../../recording/chapter.ts'
import { chapterKey, closedKey, mediaKey, takeAt, type ChapterName } from '../../recording/layout.ts'
import type { RenditionOutput } from '../output.ts'
import { RenditionRecorder, type Uploads } from './rendition-recorder.ts'

export interface RecorderOptions {
  broadcast: string
  /** Loads and connects the store's client, which a Pod that records nothing does not pay for. */
  connect: () => Promise<ObjectStore>
  /** Pictures per second of a rendition, once known. */
  frameRate: (rendition: string) => number | undefined
  log: Logger
  /** For what waits at the end: within the 20 s that a Pod has for leaving, and the 30 s that it stays when all is over. */
  endMs?: number
  /**
   * How often a chapter that grew is written; absent: every 10 s. A fifth of the requests of a write a segment, and a
   * process that dies leaves no more than so much behind that is stored and not listed.
   */
  writeEveryMs?: number
}

const firstRetryMs = 500
const longestRetryMs = 5_000 // one request at a time for each rendition: no load, and back soon

export class Recorder implements Uploads {
  /** True once everything is stored and listed, and the recording says that nothing follows. */
  closed = false
  readonly #options: RecorderOptions
  readonly #take = takeAt(Date.now())
  readonly #renditions: RenditionRecorder[] = []
  readonly #store: Promise<ObjectStore>
  readonly #failures: RepeatedFailure
  readonly #gaveUp = new AbortController()
  #ended: Promise<void> | undefined

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#failures = new RepeatedFailure(options.log, 'recording.upload_failed')
    this.#store = options.connect()
    this.#store.catch((error: unknown) => options.log.error('recording.no_client', { error }))
  }

  get stored(): number {
    return this.#renditions.reduce((sum, { stored }) => sum + stored, 0)
  }

  get lost(): number {
    return this.#renditions.reduce((sum, { lost }) => sum + lost, 0)
  }

  get waiting(): number {
    return this.#renditions.reduce((sum, { waiting }) => sum + waiting, 0)
  }

  /** Records a rendition from its next complete segment on. */
  follow(output: RenditionOutput): void {
    const { frameRate, writeEveryMs = 10_000, log } = this.#options
    const { name } = output.rendition
    const recorder = new RenditionRecorder({
      output,
      take: this.#take,
      uploads: this,
      frameRate: () => frameRate(name),
      writeEveryMs,
      onError: (error) => log.error('recording.segment_failed', { rendition: name, error }),
    })
    this.#renditions.push(recorder)
    output.on('segment', (segment) => {
      if (this.#ended === undefined) recorder.add(segment)
    })
  }

  /**
   * Takes nothing more. Resolves when what waits is stored, or after `endMs`; called again, it waits for the first call.
   *
   * @param isOver the broadcast has ended, so nothing follows; else another process may go on.
   */
  end({ isOver }: { isOver: boolean }): Promise<void> {
    this.#ended ??= this.#end(isOver)
    return this.#ended
  }

  async media(path: string, body: Buffer): Promise<boolean> {
    return await this.#put(mediaKey(this.#options.broadcast, path), body, 'video/mp4')
  }

  async chapter(name: ChapterName, chapter: Chapter): Promise<boolean> {
    const key = chapterKey(this.#options.broadcast, name)
    return await this.#put(key, Buffer.from(JSON.stringify(chapter)), 'application/json')
  }

  async #end(isOver: boolean): Promise<void> {
    const { broadcast, log, endMs = 15_000 } = this.#options
    const deadline = setTimeout(() => this.#gaveUp.abort(), endMs)
    await Promise.all(this.#renditions.map((rendition) => rendition.finish()))
    if (isOver) this.closed = await this.#put(closedKey(broadcast, this.#take), Buffer.alloc(0), 'text/plain')
    clearTimeout(deadline)
    log.info('recording.ended', { closed: this.closed, stored: this.stored, lost: this.lost })
    await this.#store.then((store) => store.close()).catch(() => undefined) // there is none
  }

  /** Tries until it is there. @returns false once the time for that is over. */
  async #put(key: string, body: Buffer, contentType: string): Promise<boolean> {
    const { signal } = this.#gaveUp
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(2 * retryMs, longestRetryMs)) {
      try {
        const store = await this.#store
        await store.put(key, body, { contentType, changes: contentType !== 'video/mp4', signal })
        this.#failures.worked()
        return true
      } catch (error) {
        this.#failures.failed(error)
      }
      await wait(retryMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined) // given up meanwhile
    }
    return false
  }
}
