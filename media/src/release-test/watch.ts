import { firstRendition, isAfter, newestPart, type NewestPart } from './playlist.ts'
import { NotYet, until, type Trial } from './trial.ts'

const watchSeconds = 30
const boxOfParts = 'moof' // ISO/IEC 14496-12: the movie fragment that a part has

/** Follows a show through the edge until new parts come, and loads one of them. */
export async function watch(trial: Trial, url: string): Promise<void> {
  await trial.step('a viewer sees the picture move', watchSeconds, async (signal) => {
    const load = async (address: string) => {
      const response = await fetch(address, { signal })
      if (response.status !== 200) throw new Error(`GET ${address} answered ${response.status}`)
      return Buffer.from(await response.arrayBuffer())
    }
    let first: NewestPart | undefined
    const newest = await until({ what: 'its playlist to go on', signal }, async () => {
      const rendition = firstRendition((await load(url)).toString())
      if (rendition === undefined) return new NotYet('a playlist without renditions')
      const address = new URL(rendition, url).href
      const part = newestPart((await load(address)).toString())
      if (part === undefined) return new NotYet('a playlist without parts')
      first ??= part
      return isAfter(part, first) ? new URL(part.uri, address).href : new NotYet(`part ${part.segment}.${part.part}`)
    })
    const bytes = await load(newest)
    if (!bytes.includes(boxOfParts)) throw new Error(`${newest} has ${bytes.length} bytes and no movie fragment`)
  })
}
