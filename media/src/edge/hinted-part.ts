import { type EdgeRequest, parseTarget } from './edge-request.ts'

const hintPattern = /^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"?]+)"/m

/** The part that a playlist announces; undefined where it announces none. draft-pantos-hls-rfc8216bis section 4.4.5.3. */
export function hintedPart({ broadcast, path }: EdgeRequest, playlist: Buffer): EdgeRequest | undefined {
  const [, name] = hintPattern.exec(playlist.toString('latin1')) ?? []
  if (name === undefined) return undefined
  const part = parseTarget(`/hls/${broadcast}${path.slice(0, path.lastIndexOf('/') + 1)}${name}`)
  return 'refused' in part || part.kind !== 'media' ? undefined : part
}
