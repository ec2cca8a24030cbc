/**
 * Where a recording's files are in the bucket:
 *
 *     recordings/<broadcast>/<rendition>/init-<take>-<number>.mp4     what segments begin with
 *     recordings/<broadcast>/<rendition>/seg-<take>-<number>.m4s      a segment, by its media sequence number
 *     recordings/<broadcast>/chapters/<rendition>-<take>-<number>.json  which of them are there (chapter.ts)
 *     recordings/<broadcast>/chapters/closed-<take>                   nothing will follow that take
 *
 * A take is what one process recorded. Its name is in every file's, so that no process ever writes another's file: there
 * is nothing to read before writing, and a Pod that is not quite gone harms nobody.
 */

/** What one process recorded: the moment at which it began, in ms since 1970, base 36. */
export type Take = string

/** A chapter's place, read from its name. */
export interface ChapterName {
  rendition: string
  take: Take
  number: number
}

const rendition = '[a-z0-9]{1,16}'
const take = '[0-9a-z]{1,11}'
const number = String.raw`\d{1,15}`
const chapterPattern = new RegExp(`^(${rendition})-(${take})-(${number})\\.json$`)
const closedPattern = new RegExp(`^closed-(${take})$`)
const mediaPattern = new RegExp(`^${rendition}/(?:init-${take}-${number}\\.mp4|seg-${take}-${number}\\.m4s)$`)

/** The take of a process that begins to record now. */
export const takeAt = (nowMs: number): Take => nowMs.toString(36)

/** Orders takes by their beginning. */
export const compareTakes = (a: Take, b: Take): number => Number.parseInt(a, 36) - Number.parseInt(b, 36)

export const initName = (take: Take, firstNumber: number) => `init-${take}-${firstNumber}.mp4`
export const segmentName = (take: Take, mediaSequenceNumber: number) => `seg-${take}-${mediaSequenceNumber}.m4s`

/** The key of `<rendition>/<file>`. */
export const mediaKey = (broadcast: string, path: string) => `recordings/${broadcast}/${path}`

/** Whether `<rendition>/<file>` is a name that a recorder gives. */
export const isMediaPath = (path: string) => mediaPattern.test(path)

export const chaptersPrefix = (broadcast: string) => `recordings/${broadcast}/chapters/`
export const chapterKey = (broadcast: string, { rendition, take, number }: ChapterName) =>
  `${chaptersPrefix(broadcast)}${rendition}-${take}-${number}.json`
export const closedKey = (broadcast: string, take: Take) => `${chaptersPrefix(broadcast)}closed-${take}`

/** What the names below `chaptersPrefix` tell; others are left alone. */
export function readNames(broadcast: string, keys: readonly string[]): { chapters: ChapterName[]; closed: Take[] } {
  const chapters: ChapterName[] = []
  const closed: Take[] = []
  for (const key of keys) {
    const name = key.slice(chaptersPrefix(broadcast).length)
    const [, rendition, take, number] = chapterPattern.exec(name) ?? []
    if (rendition !== undefined && take !== undefined) chapters.push({ rendition, take, number: Number(number) })
    const [, closedTake] = closedPattern.exec(name) ?? []
    if (closedTake !== undefined) closed.push(closedTake)
  }
  return { chapters, closed }
}
