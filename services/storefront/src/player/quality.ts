/** One rendition to choose. `name` is the server's ("source", "480p"), `label` what the menu shows ("720p"). */
export interface Quality {
  level: number
  name: string
  label: string
  source: boolean
}

/** What hls.js knows of a level, as far as the menu needs it. */
export interface LevelFacts {
  url: readonly string[]
  width: number
  height: number
  frameRate: number
  bitrate: number
}

/**
 * The menu's choices, best picture first.
 *
 * A rendition's name is the folder of its playlist (`…/480p/media.m3u8`); the label is its short side, which an upright
 * phone's width is, with the frame rate above 30, or the bit rate where the playlist gives no RESOLUTION.
 */
export function qualitiesOf(levels: readonly LevelFacts[]): Quality[] {
  return levels
    .map((facts, level) => ({ facts, level }))
    .toSorted((one, other) => other.facts.height - one.facts.height || other.facts.bitrate - one.facts.bitrate)
    .map(({ facts, level }) => {
      const label = labelOf(facts)
      const name = folderOf(facts.url[0] ?? '') ?? label
      return { level, name, label, source: name === 'source' }
    })
}

/** The rendition of another reading of the playlist that is the same by name: its level may be another one. */
export function sameQuality(among: readonly Quality[], wanted: Quality | undefined): Quality | undefined {
  return wanted && among.find(({ name }) => name === wanted.name)
}

function labelOf({ width, height, frameRate, bitrate }: LevelFacts): string {
  if (height > 0) return `${Math.min(width, height)}p${frameRate > 31 ? Math.round(frameRate) : ''}`
  return `${Math.round(bitrate / 1_000)} kb/s`
}

function folderOf(url: string): string | undefined {
  const path = url.split(/[?#]/)[0] ?? ''
  const folder = path.split('/').at(-2)
  return folder !== undefined && /^[\w.-]+$/.test(folder) ? folder : undefined
}
