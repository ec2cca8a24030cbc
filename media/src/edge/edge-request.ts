/**
 * Reads request targets: `/hls/<broadcast>/<file>` with the three delivery directives of LL-HLS and nothing else, and
 * `/hls/<broadcast>/recording/<file>`.
 */
import { isMediaPath } from '../recording/layout.ts'

/** One thing to ask a stream Pod for, or, of kind `recording`, the object store. Equal requests have equal `key`s, however their queries were written. */
export interface EdgeRequest {
  readonly broadcast: string
  readonly path: string // "/source/media.m3u8"
  readonly query: string // "" or "?_HLS_msn=1&_HLS_part=2"
  readonly key: string
  readonly kind: 'multivariant' | 'playlist' | 'media' | 'thumbnail' | 'recording'
  /** The segment that a segment or part belongs to. */
  readonly mediaSequence?: number
  /** The segment that a playlist request waits for, and the same request without a wish to wait. */
  readonly waitsFor?: { readonly mediaSequence: number; readonly now: EdgeRequest }
}

export type ParsedTarget = EdgeRequest | { readonly refused: 'not_found' | 'bad_directives' }

const targetPattern = /^\/hls\/([a-z0-9][a-z0-9.-]{0,252})(\/[^?]*)(?:\?(.*))?$/
/** The names that a Pod gives, each written in one way only: whatever a Pod would read as the same is the same key here. */
const playlistPath = /^\/[a-z0-9]{1,16}\/media\.m3u8$/
const mediaPath =
  /^\/[a-z0-9]{1,16}\/(?:init-(?:0|[1-9]\d{0,14})\.mp4|(?:seg-(0|[1-9]\d{0,14})|part-(0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,5}))\.m4s)$/
const recordingPattern = /^\/hls\/([a-z0-9][a-z0-9.-]{0,252})\/recording\/([^?]*)(?:\?.*)?$/
const recordingPlaylist = /^(?:index|[a-z0-9]{1,16}\/media)\.m3u8$/
const decimalInteger = /^\d{1,15}$/
const maxTargetLength = 1_024
const mostParts = 1_000 // of a segment; any number beyond its last means the same, part 0 of the next one
const notFound = Object.freeze({ refused: 'not_found' })
const badDirectives = Object.freeze({ refused: 'bad_directives' })

/**
 * Other query parameters are dropped: they must not defeat the cache, and the Pod knows none.
 * @see draft-pantos-hls-rfc8216bis section 6.2.5 (delivery directives)
 */
export function parseTarget(target: string): ParsedTarget {
  if (target.length > maxTargetLength) return notFound
  const [, recorded, file = ''] = recordingPattern.exec(target) ?? []
  if (recorded !== undefined) return recordingRequest(recorded, file)
  const found = targetPattern.exec(target)
  const [, broadcast, path, rawQuery] = found ?? []
  if (broadcast === undefined || path === undefined) return notFound
  const kind = kindOf(path)
  if (kind === undefined) return notFound
  const directives = kind === 'playlist' && rawQuery ? directivesOf(rawQuery) : none
  if (directives === undefined) return badDirectives
  const { mediaSequence, part, skip } = directives
  const asked = { broadcast, path, kind } as const
  const requestFor = (query: string): EdgeRequest => ({ ...asked, query, key: `${broadcast}${path}${query}` })
  const now = requestFor(skip === undefined ? '' : `?_HLS_skip=${skip}`)
  if (kind === 'media') return { ...now, ...segmentOf(path) }
  if (mediaSequence === undefined) return now
  const place = `?_HLS_msn=${mediaSequence}${part === undefined ? '' : `&_HLS_part=${part}`}`
  const request = requestFor(skip === undefined ? place : `${place}&_HLS_skip=${skip}`)
  return { ...request, waitsFor: { mediaSequence, now } }
}

function segmentOf(path: string): { mediaSequence?: number } {
  const [, segment, partsSegment] = mediaPath.exec(path) ?? []
  const number = segment ?? partsSegment
  return number === undefined ? {} : { mediaSequence: Number(number) }
}

function kindOf(path: string): 'multivariant' | 'playlist' | 'media' | 'thumbnail' | undefined {
  if (mediaPath.test(path)) return 'media'
  if (playlistPath.test(path)) return 'playlist'
  if (path === '/index.m3u8') return 'multivariant'
  return path === '/thumbnail.jpg' ? 'thumbnail' : undefined
}

/** Names that a recorder gives, and no way to others of the bucket. */
function recordingRequest(broadcast: string, file: string): ParsedTarget {
  if (!recordingPlaylist.test(file) && !isMediaPath(file)) return notFound
  const path = `/recording/${file}`
  return { broadcast, path, query: '', key: broadcast + path, kind: 'recording' }
}

interface Directives {
  mediaSequence?: number | undefined
  part?: number | undefined
  skip?: 'YES' | undefined
}

const none: Directives = Object.freeze({})

function directivesOf(rawQuery: string): Directives | undefined {
  let mediaSequence: string | undefined
  let part: string | undefined
  let skip: 'YES' | undefined
  for (const pair of rawQuery.split('&')) {
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (name === '_HLS_msn') {
      if (mediaSequence !== undefined || !decimalInteger.test(value)) return undefined
      mediaSequence = value
    } else if (name === '_HLS_part') {
      if (part !== undefined || !decimalInteger.test(value)) return undefined
      part = value
    } else if (name === '_HLS_skip' && (value === 'YES' || value === 'v2')) skip = 'YES' // to the Pod they are the same
  }
  if (part !== undefined && mediaSequence === undefined) return undefined
  return {
    mediaSequence: mediaSequence === undefined ? undefined : Number(mediaSequence),
    part: part === undefined ? undefined : Math.min(Number(part), mostParts),
    skip,
  }
}
