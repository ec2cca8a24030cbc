/**
 * One viewer: follows a low-latency playlist as hls.js does (multivariant playlist, blocking reload with delta updates, then
 * every part that is new) and keeps account of what went wrong. Small enough for hundreds in one process.
 */
import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { parsePlaylist, type ParsedPlaylist } from '../../src/stream/testing/parse-playlist.ts'
import { wallClock } from './stamped-encoder.ts'

const answerDeadlineMs = 30_000
const retryMs = 200

/** An answer that a player would call an error; status 0: the connection broke or nothing came in time. */
export interface Refusal {
  status: number
  path: string
  /** What was said with it. */
  reason: string
  atMs: number
  /** Of a part: how long before it was asked for the playlist that lists it had come. */
  listedForMs?: number
}

/** A part as this viewer got it. */
export interface ViewedPart {
  rendition: string
  uri: string
  atMs: number
  body: Buffer
}

export interface ViewerOptions {
  /** The broadcast's URL on the edge. */
  hlsUrl: string
  /** `source` or a rung's name; `lowest`: the last one that the multivariant playlist lists. */
  rendition: string
  /** Asks for the hinted part before it is there, as Safari does. */
  hints?: boolean
  onPart?: (part: ViewedPart) => void
}

interface Got {
  status: number
  body: Buffer
  cookie: string | undefined
}

export class HlsViewer {
  readonly refusals: Refusal[] = []
  /** EXT-X-MEDIA-SEQUENCE, its discontinuity sequence, or the newest part went back: each time, from where to where. */
  readonly sequenceFalls: string[] = []
  requests = 0
  /** Wall clock of the newest part; 0 before the first. */
  lastPartAt = 0
  readonly #options: ViewerOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 3 })
  readonly #abort = new AbortController()
  #cookie: string | undefined
  #newest = -1 // of the parts fetched, as a number that grows
  #before: ParsedPlaylist | undefined
  #hinted: { uri: string; answer: Promise<Got> } | undefined

  constructor(options: ViewerOptions) {
    this.#options = options
  }

  /** Plays until `stop`. */
  async run(): Promise<void> {
    const rendition = await this.#choose()
    let query = ''
    while (!this.#abort.signal.aborted) {
      const playlist = await this.#playlist(rendition, query)
      if (playlist === undefined) {
        query = ''
        continue
      }
      if (playlist.ended) return
      await this.#take(rendition, playlist)
      const next = nextPosition(playlist)
      query = `?_HLS_msn=${next.mediaSequenceNumber}&_HLS_part=${next.part}&_HLS_skip=YES`
      const [hint] = playlist.hints
      if (this.#options.hints === true && hint?.['URI'] !== undefined && this.#hinted === undefined) {
        this.#hinted = { uri: hint['URI'], answer: this.#get(`/${rendition}/${hint['URI']}`) }
      }
    }
  }

  stop(): void {
    this.#abort.abort()
    this.#agent.destroy()
  }

  async #choose(): Promise<string> {
    while (!this.#abort.signal.aborted) {
      const { status, body, cookie } = await this.#get('/index.m3u8')
      this.#cookie = cookie
      const names = [...body.toString('latin1').matchAll(/^(\w+)\/media\.m3u8$/gm)].map(([, name = '']) => name)
      const { rendition } = this.#options
      const chosen = rendition === 'lowest' ? names.at(-1) : names.find((name) => name === rendition)
      if (status === 200 && chosen !== undefined) return chosen
      await this.#pause()
    }
    return 'source'
  }

  async #playlist(rendition: string, query: string): Promise<ParsedPlaylist | undefined> {
    const { status, body } = await this.#get(`/${rendition}/media.m3u8${query}`)
    if (status !== 200) {
      await this.#pause()
      return undefined
    }
    const playlist = parsePlaylist(body.toString('utf8'))
    const before = this.#before
    this.#before = playlist
    const fell =
      before !== undefined &&
      (playlist.mediaSequence < before.mediaSequence ||
        playlist.discontinuitySequence < before.discontinuitySequence ||
        edgeOf(playlist) < edgeOf(before))
    if (fell) this.sequenceFalls.push(`${placesOf(before)} → ${placesOf(playlist)} for ${query}`)
    return playlist
  }

  /** Fetches every listed part that is newer than the newest one fetched, first the initialization segment if it changed. */
  async #take(rendition: string, playlist: ParsedPlaylist): Promise<void> {
    const listed = playlist.segments.flatMap(({ mediaSequenceNumber, parts }) =>
      parts.map((part, index) => ({ ...part, place: placeOf(mediaSequenceNumber, index) })),
    )
    const listedAt = wallClock()
    // A player starts PART-HOLD-BACK from the end.
    if (this.#newest === -1) this.#newest = (listed.at(-4)?.place ?? 0) - 1
    for (const { uri, gap, place } of listed) {
      if (place <= this.#newest || this.#abort.signal.aborted) continue
      this.#newest = place
      if (gap) continue
      const hinted = this.#hinted?.uri === uri ? this.#hinted.answer : undefined
      if (this.#hinted !== undefined) this.#hinted = undefined
      const { status, body } = await (hinted ?? this.#get(`/${rendition}/${uri}`, listedAt))
      if (status !== 200) continue
      this.lastPartAt = wallClock()
      this.#options.onPart?.({ rendition, uri, atMs: this.lastPartAt, body })
    }
  }

  async #pause(): Promise<void> {
    await wait(retryMs, undefined, { signal: this.#abort.signal }).catch(() => undefined) // stopped
  }

  /** Never rejects: what fails is noted. */
  async #get(path: string, listedAt?: number): Promise<Got> {
    this.requests += 1
    const askedAt = wallClock()
    const got = await this.#ask(path).catch(() => ({ status: 0, body: Buffer.alloc(0), cookie: undefined }))
    if (!this.#abort.signal.aborted && (got.status < 200 || got.status > 299))
      this.refusals.push({
        status: got.status,
        path,
        reason: reasonOf(got.body),
        atMs: wallClock(),
        ...(listedAt !== undefined && { listedForMs: askedAt - listedAt }),
      })
    return got
  }

  #ask(path: string): Promise<Got> {
    const { promise, resolve, reject } = Promise.withResolvers<Got>()
    const headers = this.#cookie === undefined ? {} : { cookie: this.#cookie }
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(answerDeadlineMs)])
    get(this.#options.hlsUrl + path, { agent: this.#agent, headers, signal }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks),
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
        }),
      )
    }).on('error', reject)
    return promise
  }
}

/** An edge names its refusals; a Pod says a sentence. */
function reasonOf(body: Buffer): string {
  const said = body.toString('utf8', 0, 200)
  return /"code":"(\w+)"/.exec(said)?.[1] ?? said.trim()
}

/** Parts in order; no segment has as many as a thousand. */
function placeOf(mediaSequenceNumber: number, part: number): number {
  return mediaSequenceNumber * 1000 + part
}

function placesOf(playlist: ParsedPlaylist): string {
  return [playlist.mediaSequence, playlist.discontinuitySequence, edgeOf(playlist)].join('/')
}

function edgeOf({ segments }: ParsedPlaylist): number {
  const last = segments.findLast(({ parts }) => parts.length > 0)
  return last === undefined ? 0 : placeOf(last.mediaSequenceNumber, last.parts.length - 1)
}

function nextPosition({ segments, mediaSequence }: ParsedPlaylist): { mediaSequenceNumber: number; part: number } {
  const last = segments.at(-1)
  if (last === undefined) return { mediaSequenceNumber: mediaSequence, part: 0 }
  if (last.uri !== undefined) return { mediaSequenceNumber: last.mediaSequenceNumber + 1, part: 0 }
  return { mediaSequenceNumber: last.mediaSequenceNumber, part: last.parts.length }
}
