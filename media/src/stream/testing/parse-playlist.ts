/** Reads media playlists as a client would, strictly enough to check a server by. */

export interface ParsedPart {
  uri: string
  duration: number
  independent: boolean
  gap: boolean
}

export interface ParsedSegment {
  mediaSequenceNumber: number
  uri: string | undefined // undefined: only parts so far
  duration: number | undefined
  map: string | undefined
  discontinuity: boolean
  discontinuitySequence: number
  programDateTimeMs: number | undefined
  gap: boolean
  parts: ParsedPart[]
}

export interface ParsedPlaylist {
  text: string
  targetDuration: number
  partTarget: number
  serverControl: Record<string, string>
  version: number
  mediaSequence: number
  discontinuitySequence: number
  skipped: number
  segments: ParsedSegment[]
  hints: Record<string, string>[]
  reports: Record<string, string>[]
  ended: boolean
}

/** Parses a playlist. @throws on a line that no tag of ours explains. */
export function parsePlaylist(text: string): ParsedPlaylist {
  const lines = text.split('\n')
  if (lines[0] !== '#EXTM3U' || lines.at(-1) !== '') throw new Error('Not a playlist that starts and ends as it should')
  const playlist: ParsedPlaylist = {
    text,
    targetDuration: 0,
    partTarget: 0,
    serverControl: {},
    version: 1,
    mediaSequence: 0,
    discontinuitySequence: 0,
    skipped: 0,
    segments: [],
    hints: [],
    reports: [],
    ended: false,
  }
  let map: string | undefined
  let open: ParsedSegment | undefined
  let next = 0
  let sequence = 0
  const segment = (): ParsedSegment => {
    open ??= {
      mediaSequenceNumber: playlist.mediaSequence + playlist.skipped + next,
      uri: undefined,
      duration: undefined,
      map,
      discontinuity: false,
      discontinuitySequence: sequence,
      programDateTimeMs: undefined,
      gap: false,
      parts: [],
    }
    return open
  }
  const tags: Record<string, (value: string) => void> = {
    '#EXT-X-VERSION': (value) => (playlist.version = Number(value)),
    '#EXT-X-TARGETDURATION': (value) => (playlist.targetDuration = Number(value)),
    '#EXT-X-SERVER-CONTROL': (value) => (playlist.serverControl = attributes(value)),
    '#EXT-X-PART-INF': (value) => (playlist.partTarget = Number(attributes(value)['PART-TARGET'])),
    '#EXT-X-MEDIA-SEQUENCE': (value) => (playlist.mediaSequence = Number(value)),
    '#EXT-X-DISCONTINUITY-SEQUENCE': (value) => (sequence = playlist.discontinuitySequence = Number(value)),
    '#EXT-X-SKIP': (value) => (playlist.skipped = Number(attributes(value)['SKIPPED-SEGMENTS'])),
    '#EXT-X-MAP': (value) => (segment().map = map = attributes(value)['URI']),
    '#EXT-X-PROGRAM-DATE-TIME': (value) => (segment().programDateTimeMs = Date.parse(value)),
    '#EXT-X-PRELOAD-HINT': (value) => playlist.hints.push(attributes(value)),
    '#EXT-X-RENDITION-REPORT': (value) => playlist.reports.push(attributes(value)),
    '#EXT-X-GAP': () => (segment().gap = true),
    '#EXT-X-ENDLIST': () => (playlist.ended = true),
    '#EXT-X-DISCONTINUITY': () => {
      sequence += 1
      Object.assign(segment(), { discontinuity: true, discontinuitySequence: sequence })
    },
    '#EXT-X-PART': (value) => {
      const part = attributes(value)
      segment().parts.push({
        uri: part['URI'] ?? '',
        duration: Number(part['DURATION']),
        independent: part['INDEPENDENT'] === 'YES',
        gap: part['GAP'] === 'YES',
      })
    },
    '#EXTINF': (value) => (segment().duration = Number(value.replace(/,.*/, ''))),
  }
  for (const line of lines.slice(1, -1)) {
    if (!line.startsWith('#')) {
      playlist.segments.push({ ...segment(), uri: line })
      open = undefined
      next += 1
      continue
    }
    const colon = line.indexOf(':')
    const read = tags[colon === -1 ? line : line.slice(0, colon)]
    if (read === undefined) throw new Error(`Unknown line ${line}`)
    read(colon === -1 ? '' : line.slice(colon + 1))
  }
  if (open !== undefined) playlist.segments.push(open)
  return playlist
}

/** An attribute list (draft 4.2), quotes removed. */
export function attributes(list: string): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [, name = '', quoted, bare] of list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g))
    result[name] = quoted ?? bare ?? ''
  return result
}
