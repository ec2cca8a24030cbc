/** What a viewer needs of playlists, and no more. @see draft-pantos-hls-rfc8216bis 4.4 */

/** A part by the media sequence number of its segment and its place in it. */
export interface NewestPart {
  segment: number
  part: number
  uri: string
}

/** The address of the first rendition that a multivariant playlist lists; undefined: it lists none. */
export function firstRendition(text: string): string | undefined {
  const lines = text.split('\n')
  return lines[lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF:')) + 1 || lines.length]
}

/** The last part that a media playlist lists and that is there; undefined: it has none. */
export function newestPart(text: string): NewestPart | undefined {
  let segment = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0)
  let part = -1
  let newest: NewestPart | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXT-X-PART:')) {
      part += 1
      const uri = /URI="([^"]+)"/.exec(line)?.[1]
      if (uri !== undefined && !line.includes('GAP=YES')) newest = { segment, part, uri }
    } else if (line !== '' && !line.startsWith('#')) {
      segment += 1
      part = -1
    }
  }
  return newest
}

/** Whether one part comes after another. */
export const isAfter = (one: NewestPart, other: NewestPart): boolean =>
  one.segment > other.segment || (one.segment === other.segment && one.part > other.part)
