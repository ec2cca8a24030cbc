/**
 * How long caches may keep what the Pod serves. Media never changes under its name, for the media sequence never falls;
 * a playlist state that was asked for by number stays true; one that was not is old after half a part.
 */

/** Kinds of answers that differ in how they may be cached. */
export type Cacheable =
  | 'media'
  | 'blocking-playlist'
  | 'live-playlist'
  | 'ended-playlist'
  | 'multivariant'
  | 'thumbnail'
  | 'error'

const longestMediaSeconds = 3600

/**
 * The Cache-Control value.
 *
 * @param targetDurationSeconds blocking playlists live six of them (Apple, "Enabling Low-Latency HLS": caching).
 * @param dvrWindowSeconds media is planned to be there for so long (draft-pantos-hls-rfc8216bis 6.2.2).
 */
export function cacheControl(
  kind: Cacheable,
  { targetDurationSeconds, dvrWindowSeconds }: { targetDurationSeconds: number; dvrWindowSeconds: number },
): string {
  if (kind === 'media')
    return `public, max-age=${Math.min(longestMediaSeconds, Math.floor(dvrWindowSeconds))}, immutable`
  if (kind === 'blocking-playlist') return `public, max-age=${6 * targetDurationSeconds}`
  if (kind === 'ended-playlist') return 'public, max-age=60'
  if (kind === 'multivariant') return 'public, max-age=2'
  if (kind === 'thumbnail') return 'public, max-age=5'
  if (kind === 'live-playlist') return 'public, max-age=1'
  return 'no-store'
}
