/** The multivariant playlist: every rendition with what it truly is. */

/** One variant, as measured: nothing here is a wish. */
export interface Variant {
  name: string
  /** RFC 6381 codec strings of its tracks. */
  codecs: readonly string[]
  width: number | undefined // pixels; undefined for audio alone
  height: number | undefined
  frameRate: number | undefined // frames per second
  /** Largest bit rate of any of its segments so far, in bits per second. */
  peakBps: number
  averageBps: number
}

/**
 * Builds the playlist, best variant first: players that do not measure start there.
 *
 * @see draft-pantos-hls-rfc8216bis 4.4.6.2 (BANDWIDTH is the peak segment bit rate)
 */
export function multivariantPlaylist(variants: readonly Variant[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9']
  for (const variant of variants) {
    const attributes = [
      `BANDWIDTH=${Math.ceil(variant.peakBps)}`,
      `AVERAGE-BANDWIDTH=${Math.ceil(variant.averageBps)}`,
      `CODECS="${variant.codecs.join(',')}"`,
    ]
    if (variant.width !== undefined && variant.height !== undefined)
      attributes.push(`RESOLUTION=${variant.width}x${variant.height}`)
    if (variant.frameRate !== undefined) attributes.push(`FRAME-RATE=${variant.frameRate.toFixed(3)}`)
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${variant.name}/media.m3u8`)
  }
  lines.push('')
  return lines.join('\n')
}
