/**
 * Answers requests for recordings out of the object store. Whatever the store does, live requests do not wait for it:
 * recordings have a bound and a cache of their own.
 *
 * A recording is closed when its last process said so, or when its broadcast is over and no Pod is left that could: nobody
 * has to come and close what a dead Pod left open.
 */
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { ObjectStore } from '@mytaek1/platform/object-store.ts'
import { chapterShape } from '../recording/chapter.ts'
import { chapterKey, chaptersPrefix, compareTakes, mediaKey, readNames, type ChapterName } from '../recording/layout.ts'
import {
  recordingIndex,
  recordingMediaPlaylist,
  type NamedChapter,
  type Recording,
} from '../recording/recording-playlist.ts'
import { Answer, refusal } from './answer.ts'
import type { ByteBudget, Claim } from './byte-budget.ts'
import type { EdgeRequest } from './edge-request.ts'

const mostAtOnce = 64
const readersOfOne = 8
const rememberMs = 5_000 // its playlists are asked for one after the other
const mostRemembered = 64
const absentMs = 3_000 // a live recording's first chapter comes any time
const mostAbsent = 4_096
const loadDeadlineMs = 20_000
const largestChapterBytes = 256 * 1024
const largestMediaBytes = 32 * 1024 * 1024
const playlistType = 'application/vnd.apple.mpegurl'

export interface RecordingsOptions {
  /** Absent: there are no recordings. */
  readonly store: Pick<ObjectStore, 'list' | 'read'> | undefined
  /** Whether a broadcast has ended, or never was, and no Pod has it. */
  readonly isOver: (broadcast: string) => boolean
  /** What media that is being read may take together. */
  readonly budget?: ByteBudget
  readonly log: Logger
}

export class Recordings {
  readonly #options: RecordingsOptions
  readonly #remembered = new Map<string, { recording: Recording; untilMs: number }>()
  readonly #loading = new Map<string, Promise<Recording>>()
  /** What was not there, until when it is not asked for again: apart, so that made-up names push out no recording. */
  readonly #absent = new Map<string, number>()
  #asking = 0

  constructor(options: RecordingsOptions) {
    this.#options = options
  }

  /** Never throws: a store that does not answer is 503. */
  async answer({ broadcast, path }: EdgeRequest): Promise<Answer> {
    if (this.#asking >= mostAtOnce) return busy()
    this.#asking += 1
    try {
      return await this.#answer(broadcast, path.slice('/recording/'.length))
    } catch (error) {
      this.#options.log.warn('edge.recording_failed', { broadcast, error })
      return unavailable()
    } finally {
      this.#asking -= 1
    }
  }

  async #answer(broadcast: string, file: string): Promise<Answer> {
    if (!file.endsWith('.m3u8')) {
      const key = mediaKey(broadcast, file)
      if (this.#isAbsent(key)) return notFound()
      const body = await this.#readMedia(key)
      if (body !== undefined) return found(body, 'video/mp4', 'public, max-age=31536000, immutable')
      this.#noteAbsent(key)
      return notFound()
    }
    const prefix = chaptersPrefix(broadcast)
    if (this.#isAbsent(prefix)) return notFound()
    const recording = await this.#recording(broadcast)
    if (recording.chapters.length === 0) {
      this.#noteAbsent(prefix)
      return notFound()
    }
    const [rendition = ''] = file.split('/')
    const text = file === 'index.m3u8' ? recordingIndex(recording) : recordingMediaPlaylist(recording, rendition)
    if (text === undefined) return notFound()
    return found(Buffer.from(text), playlistType, `public, max-age=${recording.closed ? 600 : 5}`)
  }

  /** Reads nothing of a file before there is room for it. */
  async #readMedia(key: string): Promise<Buffer | undefined> {
    const { store, budget } = this.#options
    let claim: Claim | undefined
    const onLength = async (bytes: number, signal: AbortSignal) => {
      claim = await budget?.room(bytes, signal)
    }
    try {
      return await store?.read(key, { maxBytes: largestMediaBytes, onLength })
    } finally {
      claim?.release()
    }
  }

  async #recording(broadcast: string): Promise<Recording> {
    const known = this.#remembered.get(broadcast)
    if (known !== undefined && known.untilMs > performance.now()) return known.recording
    const loading = this.#loading.get(broadcast) ?? this.#load(broadcast)
    this.#loading.set(broadcast, loading)
    try {
      const recording = await loading
      if (recording.chapters.length > 0) {
        const untilMs = performance.now() + rememberMs
        setBounded(this.#remembered, broadcast, { recording, untilMs }, mostRemembered)
      }
      return recording
    } finally {
      this.#loading.delete(broadcast)
    }
  }

  #isAbsent(key: string): boolean {
    return (this.#absent.get(key) ?? 0) > performance.now()
  }

  #noteAbsent(key: string): void {
    setBounded(this.#absent, key, performance.now() + absentMs, mostAbsent)
  }

  async #load(broadcast: string): Promise<Recording> {
    const { store, isOver } = this.#options
    const isLeft = isOver(broadcast) // asked first: what a last Pod wrote is in the list then
    const untilMs = performance.now() + loadDeadlineMs
    const { chapters: names, closed } = readNames(broadcast, (await store?.list(chaptersPrefix(broadcast))) ?? [])
    const newest = names
      .map(({ take }) => take)
      .sort(compareTakes)
      .at(-1)
    const waiting = [...names]
    const chapters: NamedChapter[] = []
    const reader = async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (performance.now() > untilMs) throw new Error(`the chapters did not come within ${loadDeadlineMs} ms`)
        const chapter = await this.#chapter(broadcast, name)
        if (chapter !== undefined) chapters.push(chapter)
      }
    }
    await Promise.all(Array.from({ length: readersOfOne }, reader))
    return { chapters, closed: isLeft || (newest !== undefined && closed.includes(newest)) }
  }

  async #chapter(broadcast: string, name: ChapterName): Promise<NamedChapter | undefined> {
    const { store, log } = this.#options
    const body = await store?.read(chapterKey(broadcast, name), { maxBytes: largestChapterBytes })
    if (body === undefined) return undefined // deleted meanwhile
    try {
      return { ...name, ...chapterShape.parse(JSON.parse(body.toString())) }
    } catch (error) {
      log.warn('edge.bad_chapter', { broadcast, ...name, error })
      return undefined
    }
  }
}

/** Makes it the newest of `most`; the oldest goes. */
function setBounded<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}

function found(body: Buffer, contentType: string, cacheControl: string): Answer {
  return new Answer({ status: 200, contentType, cacheControl, body, storedAt: performance.now(), date: new Date() })
}

const notFound = () => refusal(404, 'recording_unknown', 'There is no such recording, or nothing of it yet.')
const unavailable = () =>
  refusal(503, 'recording_unavailable', 'The recording cannot be read now; ask again.', { retryAfterSeconds: 5 })
const busy = () =>
  refusal(503, 'overloaded', 'Too many recordings are being read; ask again.', { retryAfterSeconds: 2 })
