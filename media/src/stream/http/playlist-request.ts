/** What a request path and its delivery directives ask for. */
import type { Directives } from '../hls/playlist-position.ts'

/** One request, understood. */
export type StreamRequest =
  | { kind: 'multivariant' }
  | { kind: 'thumbnail' }
  | { kind: 'playlist'; rendition: string; directives: Directives; skip: boolean }
  | { kind: 'init'; rendition: string; name: string }
  | { kind: 'segment'; rendition: string; mediaSequenceNumber: number }
  | { kind: 'part'; rendition: string; mediaSequenceNumber: number; part: number }
  | { kind: 'not-found' }
  | { kind: 'bad-request'; reason: string }

const mediaFile = /^\/([a-z0-9]{1,16})\/(?:(init-\d{1,15}\.mp4)|seg-(\d{1,15})\.m4s|part-(\d{1,15})\.(\d{1,6})\.m4s)$/
const playlistFile = /^\/([a-z0-9]{1,16})\/media\.m3u8$/
/** decimal-integer of the draft (4.2), and exact in a double. */
const decimalInteger = /^\d{1,15}$/

/** Reads a request target such as `/480p/media.m3u8?_HLS_msn=12&_HLS_part=3`. */
export function parseStreamRequest(target: string): StreamRequest {
  const [path, query] = splitOnce(target, '?')
  if (path === '/index.m3u8') return { kind: 'multivariant' }
  if (path === '/thumbnail.jpg') return { kind: 'thumbnail' }
  const playlist = playlistFile.exec(path)
  if (playlist?.[1] !== undefined) return playlistRequest(playlist[1], new URLSearchParams(query))
  const file = mediaFile.exec(path)
  if (file?.[1] === undefined) return { kind: 'not-found' }
  const [, rendition, init, segment, partSegment, part] = file
  if (init !== undefined) return { kind: 'init', rendition, name: init }
  if (segment !== undefined) return { kind: 'segment', rendition, mediaSequenceNumber: Number(segment) }
  return { kind: 'part', rendition, mediaSequenceNumber: Number(partSegment), part: Number(part) }
}

function playlistRequest(rendition: string, query: URLSearchParams): StreamRequest {
  const directives: Directives = {}
  const wanted = query.getAll('_HLS_msn')
  const part = query.getAll('_HLS_part')
  for (const values of [wanted, part]) {
    if (values.length > 1 || values.some((value) => !decimalInteger.test(value))) {
      return { kind: 'bad-request', reason: '_HLS_msn and _HLS_part are decimal integers, given once' }
    }
  }
  if (part.length > 0 && wanted.length === 0) return { kind: 'bad-request', reason: '_HLS_part needs _HLS_msn' }
  if (wanted[0] !== undefined) directives.mediaSequenceNumber = Number(wanted[0])
  if (part[0] !== undefined) directives.part = Number(part[0])
  const skip = query.get('_HLS_skip')
  return { kind: 'playlist', rendition, directives, skip: skip === 'YES' || skip === 'v2' }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
