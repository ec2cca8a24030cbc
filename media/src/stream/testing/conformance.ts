/**
 * Follows one rendition over HTTP as a low-latency client does, and checks what it is given against the rules for servers of
 * draft-pantos-hls-rfc8216bis. Each violation names its section. What it knows, it learnt over HTTP alone.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Findings, type Violation } from './findings.ts'
import { parsePlaylist, type ParsedPlaylist } from './parse-playlist.ts'
import { checkHeader, checkPlaylist } from './playlist-rules.ts'
import { checkReload, lastPosition, nextPosition, type PlaylistPosition } from './reload-rules.ts'

export interface ConformanceReport {
  violations: Violation[]
  /** Rules looked at, each time that one was. */
  checks: number
  playlists: number
  parts: number
  segments: number
  discontinuities: number
  gaps: number
  /** From a part's listing in one playlist to the next part's listing: the longest, in ms. */
  longestPartIntervalMs: number
  last: ParsedPlaylist | undefined
}

export interface ConformanceOptions {
  baseUrl: string
  rendition: string
  durationMs: number
  /** Delay that the machine adds on top of the server's: how late a part may come before it counts. */
  toleranceMs: number
  signal?: AbortSignal
}

/** Follows `rendition` for `durationMs`, or until ENDLIST. */
export async function followRendition(options: ConformanceOptions): Promise<ConformanceReport> {
  const follower = new Follower(options)
  await follower.run()
  const { findings, counts, last } = follower
  return { violations: findings.violations, checks: findings.checks, ...counts, last }
}

class Follower {
  readonly findings = new Findings()
  readonly counts = {
    playlists: 0,
    parts: 0,
    segments: 0,
    discontinuities: 0,
    gaps: 0,
    longestPartIntervalMs: 0,
  }
  last: ParsedPlaylist | undefined
  readonly #options: ConformanceOptions
  readonly #url: string
  #full: ParsedPlaylist | undefined
  #lastPartAt: number | undefined
  #removedParts: { uri: string; atMs: number }[] = []
  #removedSegments: { uri: string; untilMs: number }[] = []
  readonly #seenSegments = new Set<number>()

  constructor(options: ConformanceOptions) {
    this.#options = options
    this.#url = `${options.baseUrl}/${options.rendition}/media.m3u8`
  }

  async run(): Promise<void> {
    const until = performance.now() + this.#options.durationMs
    let playlist = await this.#load('')
    checkHeader(playlist, this.findings)
    for (
      let round = 0;
      performance.now() < until && !playlist.ended && this.#options.signal?.aborted !== true;
      round += 1
    ) {
      const next = nextPosition(playlist)
      const query = `?_HLS_msn=${next.mediaSequenceNumber}&_HLS_part=${next.part}`
      const hint = playlist.hints[0]?.['URI']
      const held = hint === undefined ? undefined : this.#fetchPart(hint)
      const [reloaded] = await Promise.all([this.#load(query), held])
      this.#checkReload(playlist, reloaded, next)
      if (round % 4 === 3) await this.#checkDelta(reloaded)
      playlist = reloaded
    }
    this.last = playlist
    await this.#checkDirectives(playlist)
    await this.#checkDownloads(playlist)
  }

  async #load(query: string): Promise<ParsedPlaylist> {
    const response = await this.#get(`${this.#url}${query}`)
    const text = await response.text()
    if (this.findings.is(response.status !== 200)) {
      this.findings.violate('6.2.5.2', 'a request for what comes next is answered', `${response.status} for ${query}`)
      await wait(200)
      return this.#load('')
    }
    if (this.findings.is(response.headers.get('content-encoding') !== 'gzip'))
      this.findings.violate('6.2.1', 'playlists are gzipped for who accepts it', query)
    if (this.findings.is(response.headers.get('content-type') !== 'application/vnd.apple.mpegurl'))
      this.findings.violate('4', 'media type', String(response.headers.get('content-type')))
    if (this.findings.is(response.headers.get('access-control-allow-origin') !== '*'))
      this.findings.violate('-', 'CORS', query)
    this.counts.playlists += 1
    const playlist = parsePlaylist(text)
    const { rendition } = this.#options
    checkPlaylist(playlist, { rendition, firstKnown: this.#full?.mediaSequence ?? 0, findings: this.findings })
    return playlist
  }

  #get(url: string): Promise<Response> {
    return fetch(url, { headers: { 'accept-encoding': 'gzip' }, signal: AbortSignal.timeout(60_000) })
  }

  #checkReload(before: ParsedPlaylist, after: ParsedPlaylist, wanted: PlaylistPosition): void {
    const nowMs = performance.now()
    checkReload(before, after, { wanted, findings: this.findings })
    this.#count(before, after)
    if (this.#lastPartAt !== undefined && !after.ended) {
      const interval = nowMs - this.#lastPartAt
      this.counts.longestPartIntervalMs = Math.max(this.counts.longestPartIntervalMs, Math.round(interval))
      if (this.findings.is(interval > after.partTarget * 1000 + this.#options.toleranceMs))
        this.findings.violate(
          '6.2.1',
          'a new part comes within one part target',
          `after ${Math.round(interval)} ms, ${JSON.stringify(lastPosition(after))}`,
        )
    }
    this.#lastPartAt = nowMs
    const longest = before.segments.reduce((sum, { duration = 0 }) => sum + duration, 0)
    for (const { mediaSequenceNumber, uri, gap, duration = 0 } of before.segments) {
      if (mediaSequenceNumber < after.mediaSequence && uri !== undefined && !gap)
        this.#removedSegments.push({ uri, untilMs: nowMs + (duration + longest) * 1000 })
    }
    const listed = new Set(after.segments.flatMap((segment) => segment.parts.map((part) => part.uri)))
    for (const segment of before.segments) {
      for (const { uri, gap } of segment.parts)
        if (!listed.has(uri) && !gap) this.#removedParts.push({ uri, atMs: nowMs })
    }
  }

  #count(before: ParsedPlaylist, after: ParsedPlaylist): void {
    const known = new Map(before.segments.map((segment) => [segment.mediaSequenceNumber, segment]))
    for (const segment of after.segments) {
      const old = known.get(segment.mediaSequenceNumber)
      if (segment.uri !== undefined && !this.#seenSegments.has(segment.mediaSequenceNumber)) {
        this.#seenSegments.add(segment.mediaSequenceNumber)
        this.counts.segments += 1
        this.counts.discontinuities += segment.discontinuity ? 1 : 0
        this.counts.gaps += segment.gap ? 1 : 0
      }
      this.counts.parts += Math.max(0, segment.parts.length - (old?.parts.length ?? 0))
    }
  }

  /** A delta update is the full playlist with its oldest segments replaced by one tag (6.2.5.1). */
  async #checkDelta(full: ParsedPlaylist): Promise<void> {
    this.#full = full
    const last = lastPosition(full)
    const query = `?_HLS_msn=${last.mediaSequenceNumber}&_HLS_part=${last.part}&_HLS_skip=YES`
    const delta = await this.#load(query)
    if (delta.ended) return
    const skipUntil = Number(delta.serverControl['CAN-SKIP-UNTIL'])
    // The boundary is that of the update, which may have come when more was published than the full playlist lists.
    const firstListed = delta.mediaSequence + delta.skipped
    const skipped = full.segments.filter(
      ({ mediaSequenceNumber: number }) => number >= delta.mediaSequence && number < firstListed,
    )
    let fromEnd = 0
    for (const segment of [...skipped, ...delta.segments].toReversed()) {
      const isListed = segment.mediaSequenceNumber >= firstListed
      if (this.findings.is(fromEnd < skipUntil - 0.001 && !isListed))
        this.findings.violate(
          '6.2.5.1',
          'nothing inside the skip boundary is skipped',
          `segment ${segment.mediaSequenceNumber}`,
        )
      fromEnd += segment.duration ?? segment.parts.reduce((total, part) => total + part.duration, 0)
    }
    const canSkip = fromEnd > skipUntil + 2 * full.targetDuration + 1
    if (this.findings.is(canSkip && delta.skipped === 0))
      this.findings.violate('6.2.5.1', '_HLS_skip=YES is answered with a delta update', query)
    const tail = delta.segments[1]
    if (tail?.uri !== undefined && !full.text.includes(`\n${tail.uri}\n`) && !full.ended) {
      if (this.findings.is(tail.mediaSequenceNumber <= lastPosition(full).mediaSequenceNumber - 1))
        this.findings.violate('6.2.5.1', 'what is not skipped remains', tail.uri)
    }
  }

  /** The hinted part: held, then whole; a gap or a changed plan may end it with 404 (6.2.6). */
  async #fetchPart(uri: string): Promise<void> {
    const response = await this.#get(`${this.#options.baseUrl}/${this.#options.rendition}/${uri}`)
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status === 404) return
    if (this.findings.is(response.status !== 200))
      this.findings.violate('6.2.6', 'a hinted part is delivered or not found', `${uri}: ${response.status}`)
    else if (
      this.findings.is(
        body.length !== Number(response.headers.get('content-length')) || body.toString('latin1', 4, 8) !== 'moof',
      )
    )
      this.findings.violate('6.2.6', 'a hinted part is delivered whole', `${uri}: ${body.length} bytes`)
  }

  /** The 400 rules of blocking reload, and that ENDLIST ends them (6.2.5.2). */
  async #checkDirectives(playlist: ParsedPlaylist): Promise<void> {
    const last = lastPosition(playlist)
    const limit = playlist.partTarget < 1 ? Math.ceil(3 / playlist.partTarget) : 3
    const refused = [
      '?_HLS_part=0',
      `?_HLS_msn=${last.mediaSequenceNumber + 4}`,
      `?_HLS_msn=${last.mediaSequenceNumber + 3}&_HLS_part=${limit + 30}`,
      '?_HLS_msn=x',
    ]
    for (const query of refused) {
      const response = await this.#get(`${this.#url}${query}`)
      await response.arrayBuffer()
      const expected = playlist.ended && !/part=0$|x$/.test(query) ? 200 : 400
      if (this.findings.is(response.status !== expected))
        this.findings.violate(
          '6.2.5.2',
          `${expected} for ${query.replace(/\d+/g, 'n')}`,
          `${response.status} for ${query}`,
        )
    }
    const old = await this.#get(`${this.#url}?_HLS_msn=0&_HLS_part=0`)
    if (this.findings.is(old.status !== 200 || !(await old.text()).startsWith('#EXTM3U')))
      this.findings.violate(
        '6.2.5.2',
        'a request for what has long been published gets the whole playlist',
        `${old.status}`,
      )
  }

  /**
   * What is listed is there; so are parts that were removed less than three target durations ago, and segments for their
   * availability duration: their own and that of the longest playlist with them (6.2.2).
   */
  async #checkDownloads(playlist: ParsedPlaylist): Promise<void> {
    const nowMs = performance.now()
    const uris = playlist.segments.flatMap((segment) => [
      segment.map,
      segment.gap ? undefined : segment.uri,
      ...segment.parts.map((part) => (part.gap ? undefined : part.uri)),
    ])
    const recent = this.#removedParts.filter(({ atMs }) => nowMs - atMs < 3000 * playlist.targetDuration - 500)
    const available = this.#removedSegments.filter(({ untilMs }) => untilMs - nowMs > 5_000) // fetching takes its time
    for (const uri of new Set([...uris, ...[...recent, ...available].map(({ uri }) => uri)])) {
      if (uri === undefined) continue
      const response = await this.#get(`${this.#options.baseUrl}/${this.#options.rendition}/${uri}`)
      const body = Buffer.from(await response.arrayBuffer())
      if (this.findings.is(response.status !== 200 || body.length === 0))
        this.findings.violate(
          '6.2.2',
          'what is listed, or was until lately, can be fetched',
          `${uri}: ${response.status}`,
        )
    }
  }
}
