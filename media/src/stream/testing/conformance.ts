/**
 * Follows one rendition over HTTP as a low-latency client does, and checks what it is given against the rules for servers of
 * draft-pantos-hls-rfc8216bis. Each violation names its section. What it knows, it learnt over HTTP alone.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parsePlaylist, type ParsedPlaylist, type ParsedSegment } from './parse-playlist.ts'

export interface Violation {
  section: string
  rule: string
  detail: string
}

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
  return follower.report
}

class Follower {
  readonly report: ConformanceReport = {
    violations: [],
    checks: 0,
    playlists: 0,
    parts: 0,
    segments: 0,
    discontinuities: 0,
    gaps: 0,
    longestPartIntervalMs: 0,
    last: undefined,
  }
  readonly #options: ConformanceOptions
  readonly #url: string
  #full: ParsedPlaylist | undefined
  #lastPartAt: number | undefined
  #removedParts: { uri: string; atMs: number }[] = []
  readonly #seenSegments = new Map<number, string>()

  constructor(options: ConformanceOptions) {
    this.#options = options
    this.#url = `${options.baseUrl}/${options.rendition}/media.m3u8`
  }

  async run(): Promise<void> {
    const until = performance.now() + this.#options.durationMs
    let playlist = await this.#load('')
    this.#checkHeader(playlist)
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
    this.report.last = playlist
    await this.#checkDirectives(playlist)
    await this.#checkDownloads(playlist)
  }

  /** Counts a check. @returns `broken`, whether the rule was broken. */
  #is(broken: boolean): boolean {
    this.report.checks += 1
    return broken
  }

  #violate(section: string, rule: string, detail: string): void {
    this.report.violations.push({ section, rule, detail: detail.slice(0, 300) })
  }

  async #load(query: string): Promise<ParsedPlaylist> {
    const response = await this.#get(`${this.#url}${query}`)
    const text = await response.text()
    if (this.#is(response.status !== 200)) {
      this.#violate('6.2.5.2', 'a request for what comes next is answered', `${response.status} for ${query}`)
      await wait(200)
      return this.#load('')
    }
    if (this.#is(response.headers.get('content-encoding') !== 'gzip'))
      this.#violate('6.2.1', 'playlists are gzipped for who accepts it', query)
    if (this.#is(response.headers.get('content-type') !== 'application/vnd.apple.mpegurl'))
      this.#violate('4', 'media type', String(response.headers.get('content-type')))
    if (this.#is(response.headers.get('access-control-allow-origin') !== '*')) this.#violate('-', 'CORS', query)
    this.report.playlists += 1
    const playlist = parsePlaylist(text)
    this.#checkPlaylist(playlist)
    return playlist
  }

  #get(url: string): Promise<Response> {
    return fetch(url, { headers: { 'accept-encoding': 'gzip' }, signal: AbortSignal.timeout(15_000) })
  }

  /** Rules for what a playlist says of its server. */
  #checkHeader({ targetDuration, partTarget, serverControl, version }: ParsedPlaylist): void {
    const control = (name: string) => Number(serverControl[name] ?? Number.NaN)
    if (this.#is(serverControl['CAN-BLOCK-RELOAD'] !== 'YES'))
      this.#violate('B.1', 'blocking reload is offered', JSON.stringify(serverControl))
    if (this.#is(!(control('PART-HOLD-BACK') >= 3 * partTarget - 1e-6)))
      this.#violate('4.4.3.8', 'PART-HOLD-BACK is at least three part targets', JSON.stringify(serverControl))
    if (this.#is(!(control('HOLD-BACK') >= 3 * targetDuration)))
      this.#violate('4.4.3.8', 'HOLD-BACK is at least three target durations', JSON.stringify(serverControl))
    if (this.#is(!(control('CAN-SKIP-UNTIL') >= 6 * targetDuration)))
      this.#violate('4.4.3.8', 'CAN-SKIP-UNTIL is at least six target durations', JSON.stringify(serverControl))
    if (this.#is(version !== 9)) this.#violate('6.2.1', 'EXT-X-VERSION is what the tags require', `${version}`)
    if (this.#is(!(partTarget > 0))) this.#violate('4.4.3.7', 'EXT-X-PART-INF is there', `${partTarget}`)
  }

  /** Rules for one playlist by itself. */
  #checkPlaylist(playlist: ParsedPlaylist): void {
    const { segments, targetDuration, partTarget, ended } = playlist
    for (const [index, segment] of segments.entries()) {
      const where = `${this.#options.rendition} segment ${segment.mediaSequenceNumber}`
      if (this.#is(segment.map === undefined && playlist.skipped === 0))
        this.#violate('4.4.4.5', 'every fMP4 segment has an EXT-X-MAP', where)
      if (this.#is(segment.programDateTimeMs === undefined))
        this.#violate('B.1', 'every segment has EXT-X-PROGRAM-DATE-TIME', where)
      if (this.#is(segment.duration !== undefined && Math.round(segment.duration) > targetDuration))
        this.#violate('6.2.1', 'no segment exceeds the target duration', `${where}: ${segment.duration}`)
      const sum = segment.parts.reduce((total, part) => total + part.duration, 0)
      if (
        this.#is(segment.duration !== undefined && segment.parts.length > 0 && Math.abs(sum - segment.duration) > 0.001)
      )
        this.#violate('4.4.4.9', 'parts add up to their segment', where)
      if (this.#is(segment.parts.some((part) => part.gap) && segment.uri !== undefined && !segment.gap))
        this.#violate('6.2.1', 'a segment with a missing part is a gap', where)
      this.#checkParts(segment, segments[index + 1], partTarget, where)
      const previous = segments[index - 1]
      if (
        this.#is(
          previous?.programDateTimeMs !== undefined &&
            segment.programDateTimeMs !== undefined &&
            segment.programDateTimeMs < previous.programDateTimeMs,
        )
      ) {
        this.#violate('6.2.1', 'dates map to one place', where)
      }
    }
    if (ended) return
    if (this.#is(playlist.hints.length !== 1 || playlist.hints[0]?.['TYPE'] !== 'PART'))
      this.#violate('6.2.6', 'one PART hint', JSON.stringify(playlist.hints))
    for (const report of playlist.reports) {
      if (
        this.#is(report['URI'] === undefined || report['LAST-MSN'] === undefined || report['LAST-PART'] === undefined)
      )
        this.#violate('4.4.5.4', 'rendition reports are complete', JSON.stringify(report))
    }
    // Parts stay listed for three target durations from the end: what is nearer must have them.
    let fromEnd = 0
    for (const segment of segments.toReversed()) {
      if (
        this.#is(
          fromEnd < 3 * targetDuration - 0.001 &&
            segment.parts.length === 0 &&
            segment.mediaSequenceNumber > (this.#full?.mediaSequence ?? 0),
        )
      ) {
        this.#violate('6.2.2', 'parts are listed near the live edge', `segment ${segment.mediaSequenceNumber}`)
      }
      fromEnd += segment.duration ?? segment.parts.reduce((total, part) => total + part.duration, 0)
      if (this.#is(fromEnd - (segment.duration ?? 0) > 3 * targetDuration + 0.001 && segment.parts.length > 0))
        this.#violate('6.2.2', 'parts far from the live edge are removed', `segment ${segment.mediaSequenceNumber}`)
    }
  }

  #checkParts(segment: ParsedSegment, next: ParsedSegment | undefined, partTarget: number, where: string): void {
    for (const [index, part] of segment.parts.entries()) {
      if (this.#is(part.duration > partTarget + 1e-6))
        this.#violate('4.4.4.9', 'no part exceeds PART-TARGET', `${where}.${index}: ${part.duration}`)
      const isLast = index === segment.parts.length - 1 && (segment.uri !== undefined || next !== undefined)
      const isOpenEnd = index === segment.parts.length - 1 && next === undefined // may turn out to be the last
      const beforeGap = segment.parts[index + 1]?.gap === true
      if (this.#is(!isLast && !isOpenEnd && !part.independent && !beforeGap && part.duration < 0.85 * partTarget)) {
        this.#violate('4.4.4.9', 'parts last at least 85 % of PART-TARGET', `${where}.${index}: ${part.duration}`)
      }
    }
  }

  /** Rules for what may change from one playlist to the next. */
  #checkReload(
    before: ParsedPlaylist,
    after: ParsedPlaylist,
    wanted: { mediaSequenceNumber: number; part: number },
  ): void {
    const nowMs = performance.now()
    if (this.#is(after.mediaSequence < before.mediaSequence))
      this.#violate('6.2.2', 'EXT-X-MEDIA-SEQUENCE never falls', `${before.mediaSequence} → ${after.mediaSequence}`)
    if (this.#is(after.discontinuitySequence < before.discontinuitySequence))
      this.#violate(
        '6.2.2',
        'EXT-X-DISCONTINUITY-SEQUENCE never falls',
        `${before.discontinuitySequence} → ${after.discontinuitySequence}`,
      )
    if (this.#is(after.targetDuration !== before.targetDuration))
      this.#violate('6.2.1', 'EXT-X-TARGETDURATION never changes', `${after.targetDuration}`)
    if (this.#is(after.partTarget !== before.partTarget))
      this.#violate('4.4.3.7', 'PART-TARGET never changes', `${after.partTarget}`)
    const reached = lastPosition(after)
    const isThere =
      reached.mediaSequenceNumber > wanted.mediaSequenceNumber ||
      (reached.mediaSequenceNumber === wanted.mediaSequenceNumber && reached.part >= wanted.part)
    if (this.#is(!isThere && !after.ended))
      this.#violate(
        '6.2.5.2',
        'the answer contains the part that was asked for',
        `${JSON.stringify(wanted)} but ${JSON.stringify(reached)}`,
      )
    this.#checkAppendOnly(before, after)
    if (this.#lastPartAt !== undefined && !after.ended) {
      const interval = nowMs - this.#lastPartAt
      this.report.longestPartIntervalMs = Math.max(this.report.longestPartIntervalMs, Math.round(interval))
      if (this.#is(interval > after.partTarget * 1000 + this.#options.toleranceMs))
        this.#violate(
          '6.2.1',
          'a new part comes within one part target',
          `after ${Math.round(interval)} ms, ${JSON.stringify(reached)}`,
        )
    }
    this.#lastPartAt = nowMs
    const listed = new Set(after.segments.flatMap((segment) => segment.parts.map((part) => part.uri)))
    for (const segment of before.segments) {
      for (const { uri, gap } of segment.parts)
        if (!listed.has(uri) && !gap) this.#removedParts.push({ uri, atMs: nowMs })
    }
  }

  #checkAppendOnly(before: ParsedPlaylist, after: ParsedPlaylist): void {
    const known = new Map(before.segments.map((segment) => [segment.mediaSequenceNumber, segment]))
    for (const segment of after.segments) {
      const old = known.get(segment.mediaSequenceNumber)
      if (segment.uri !== undefined && !this.#seenSegments.has(segment.mediaSequenceNumber)) {
        this.#seenSegments.set(segment.mediaSequenceNumber, segment.uri)
        this.report.segments += 1
        this.report.discontinuities += segment.discontinuity ? 1 : 0
        this.report.gaps += segment.gap ? 1 : 0
      }
      if (old === undefined) {
        this.report.parts += segment.parts.length
        continue
      }
      this.report.parts += Math.max(0, segment.parts.length - old.parts.length)
      const where = `segment ${segment.mediaSequenceNumber}`
      if (this.#is(old.discontinuitySequence !== segment.discontinuitySequence))
        this.#violate('6.2.2', 'discontinuity sequence numbers of segments stay', where)
      if (this.#is(old.programDateTimeMs !== segment.programDateTimeMs))
        this.#violate('6.2.1', 'only additions: a date never changes', where)
      if (this.#is(old.uri !== undefined && (old.uri !== segment.uri || old.duration !== segment.duration)))
        this.#violate('6.2.1', 'only additions: a segment never changes', where)
      for (const [index, part] of old.parts.entries()) {
        const now = segment.parts[index]
        if (this.#is(now !== undefined && (now.uri !== part.uri || now.duration !== part.duration)))
          this.#violate('6.2.1', 'only additions: a part never changes', `${where}.${index}`)
      }
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
    let fromEnd = 0
    for (const segment of full.segments.toReversed()) {
      const isListed = segment.mediaSequenceNumber >= delta.mediaSequence + delta.skipped
      if (this.#is(fromEnd < skipUntil - 0.001 && !isListed && delta.mediaSequence <= segment.mediaSequenceNumber))
        this.#violate(
          '6.2.5.1',
          'nothing inside the skip boundary is skipped',
          `segment ${segment.mediaSequenceNumber}`,
        )
      fromEnd += segment.duration ?? segment.parts.reduce((total, part) => total + part.duration, 0)
    }
    const canSkip = fromEnd > skipUntil + 2 * full.targetDuration + 1
    if (this.#is(canSkip && delta.skipped === 0))
      this.#violate('6.2.5.1', '_HLS_skip=YES is answered with a delta update', query)
    const tail = delta.segments[1]
    if (tail?.uri !== undefined && !full.text.includes(`\n${tail.uri}\n`) && !full.ended) {
      if (this.#is(tail.mediaSequenceNumber <= lastPosition(full).mediaSequenceNumber - 1))
        this.#violate('6.2.5.1', 'what is not skipped remains', tail.uri)
    }
  }

  /** The hinted part: held, then whole; a gap or a changed plan may end it with 404 (6.2.6). */
  async #fetchPart(uri: string): Promise<void> {
    const response = await this.#get(`${this.#options.baseUrl}/${this.#options.rendition}/${uri}`)
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status === 404) return
    if (this.#is(response.status !== 200))
      this.#violate('6.2.6', 'a hinted part is delivered or not found', `${uri}: ${response.status}`)
    else if (
      this.#is(
        body.length !== Number(response.headers.get('content-length')) || body.toString('latin1', 4, 8) !== 'moof',
      )
    )
      this.#violate('6.2.6', 'a hinted part is delivered whole', `${uri}: ${body.length} bytes`)
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
      if (this.#is(response.status !== expected))
        this.#violate('6.2.5.2', `${expected} for ${query.replace(/\d+/g, 'n')}`, `${response.status} for ${query}`)
    }
    const old = await this.#get(`${this.#url}?_HLS_msn=0&_HLS_part=0`)
    if (this.#is(old.status !== 200 || !(await old.text()).startsWith('#EXTM3U')))
      this.#violate('6.2.5.2', 'a request for what has long been published gets the whole playlist', `${old.status}`)
  }

  /** What is listed is there; so are parts that were removed less than three target durations ago (6.2.2). */
  async #checkDownloads(playlist: ParsedPlaylist): Promise<void> {
    const nowMs = performance.now()
    const uris = playlist.segments.flatMap((segment) => [
      segment.map,
      segment.gap ? undefined : segment.uri,
      ...segment.parts.map((part) => (part.gap ? undefined : part.uri)),
    ])
    const recent = this.#removedParts
      .filter(({ atMs }) => nowMs - atMs < 3000 * playlist.targetDuration - 500)
      .map(({ uri }) => uri)
    for (const uri of new Set([...uris, ...recent])) {
      if (uri === undefined) continue
      const response = await this.#get(`${this.#options.baseUrl}/${this.#options.rendition}/${uri}`)
      const body = Buffer.from(await response.arrayBuffer())
      if (this.#is(response.status !== 200 || body.length === 0))
        this.#violate('6.2.2', 'what is listed, or was until lately, can be fetched', `${uri}: ${response.status}`)
    }
  }
}

function lastPosition(playlist: ParsedPlaylist): { mediaSequenceNumber: number; part: number } {
  const segment = playlist.segments.findLast((candidate) => candidate.parts.length > 0) ?? playlist.segments.at(-1)
  return {
    mediaSequenceNumber: segment?.mediaSequenceNumber ?? playlist.mediaSequence,
    part: (segment?.parts.length ?? 1) - 1,
  }
}

function nextPosition(playlist: ParsedPlaylist): { mediaSequenceNumber: number; part: number } {
  const last = playlist.segments.at(-1)
  if (last === undefined) return { mediaSequenceNumber: playlist.mediaSequence, part: 0 }
  if (last.uri !== undefined) return { mediaSequenceNumber: last.mediaSequenceNumber + 1, part: 0 }
  return { mediaSequenceNumber: last.mediaSequenceNumber, part: last.parts.length }
}
