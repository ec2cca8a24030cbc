/** Who watched what in the last seconds, as this process saw it. No clock of its own. */
import { ownString } from './http/own-string.ts'

/** A player asks for something at least every target duration; longer without one is gone, unless one is held. */
export const viewerWindowMs = 6_000
const maxViewersPerBroadcast = 200_000
/** As many as a /24 has addresses: one person with a thousand cookies is no crowd. */
export const mostViewersPerBlock = 256
/** Of that, what makes a crowd in one Pod: of eight Pods that together see too many at least one does. */
const crowdShare = 1 / 8

/** When a viewer was last seen; whoever holds it may have a later time noted without another look. */
export interface Sighting {
  at: number // milliseconds, monotonic, whole ones: others are objects of their own, and there is one a viewer
  held: number // its requests that wait now: as long as one does it is there
  readonly block: string | undefined // of addresses, where it is known
}

/** One broadcast's viewers, and how many of them each block of addresses has, or was given a cookie since the last sweep. */
interface Audience {
  readonly sightings: Map<string, Sighting>
  readonly byBlock: Map<string, number>
  readonly issued: Map<string, number>
}

export class Viewers {
  readonly #mostPerBlock: number
  readonly #byBroadcast = new Map<string, Audience>()

  constructor({ mostPerBlock = mostViewersPerBlock }: { mostPerBlock?: number } = {}) {
    this.#mostPerBlock = mostPerBlock
  }

  /** Notes that whoever was sighted so is there. @returns false where it is forgotten, or was never sighted. */
  seenStill(sighting: Sighting | undefined, now: number): sighting is Sighting {
    if (sighting === undefined || !isThere(sighting, now)) return false
    sighting.at = Math.ceil(now)
    return true
  }

  /** Notes a viewer who was seen in the window. @returns nothing where it was not: its cookie is to be verified, once. */
  seenAgain(broadcast: string, viewer: string, now: number): Sighting | undefined {
    const known = this.#byBroadcast.get(broadcast)?.sightings.get(viewer)
    if (known !== undefined) known.at = Math.ceil(now)
    return known
  }

  /**
   * Notes a viewer.
   *
   * @param block its block of addresses, where that tells viewers apart.
   * @returns nothing where there are too many, at all or of that block.
   */
  seen(broadcast: string, viewer: string, now: number, block?: string): Sighting | undefined {
    const known = this.seenAgain(broadcast, viewer, now)
    if (known !== undefined) return known
    const { sightings, byBlock } = this.#audienceOf(broadcast)
    const neighbours = block === undefined ? 0 : (byBlock.get(block) ?? 0)
    if (sightings.size >= maxViewersPerBroadcast || neighbours >= this.#mostPerBlock) return undefined
    const sighting = { at: Math.ceil(now), held: 0, block }
    sightings.set(ownString(viewer), sighting)
    if (block !== undefined) byBlock.set(block, neighbours + 1)
    return sighting
  }

  /** Whether somebody new of that block may have a cookie: there are not too many of them, nor were since the last sweep. */
  mayIssue(broadcast: string, block: string | undefined): boolean {
    if (block === undefined) return true
    const { byBlock, issued } = this.#audienceOf(broadcast)
    const given = issued.get(block) ?? 0
    if (Math.max(byBlock.get(block) ?? 0, given) >= this.#mostPerBlock) return false
    issued.set(block, given + 1)
    return true
  }

  /** Forgets who is gone. @returns who is there, by broadcast; broadcasts nobody watches any more are empty once. */
  sweep(now: number): ReadonlyMap<string, readonly string[]> {
    const present = new Map<string, readonly string[]>()
    for (const [broadcast, { sightings, byBlock, issued }] of this.#byBroadcast) {
      issued.clear()
      for (const [viewer, sighting] of sightings) {
        if (isThere(sighting, now)) continue
        sightings.delete(viewer)
        if (sighting.block === undefined) continue
        const left = (byBlock.get(sighting.block) ?? 1) - 1
        if (left > 0) byBlock.set(sighting.block, left)
        else byBlock.delete(sighting.block)
      }
      present.set(broadcast, [...sightings.keys()])
      if (sightings.size === 0) this.#byBroadcast.delete(broadcast)
    }
    return present
  }

  /** Who of each block that has many is there, by broadcast: of those the Pods together may see too many, as no Pod can tell. */
  crowds(): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
    const crowds = new Map<string, Map<string, string[]>>()
    for (const [broadcast, { sightings, byBlock }] of this.#byBroadcast) {
      const many = [...byBlock].filter(([, count]) => count >= this.#mostPerBlock * crowdShare)
      if (many.length === 0) continue
      const blocks = new Map(many.map(([block]): [string, string[]] => [block, []]))
      for (const [viewer, { block = '' }] of sightings) blocks.get(block)?.push(viewer)
      crowds.set(broadcast, blocks)
    }
    return crowds
  }

  #audienceOf(broadcast: string): Audience {
    const known = this.#byBroadcast.get(broadcast)
    if (known !== undefined) return known
    const audience = { sightings: new Map(), byBlock: new Map(), issued: new Map() }
    this.#byBroadcast.set(broadcast, audience)
    return audience
  }
}

function isThere({ at, held }: Sighting, now: number): boolean {
  return held > 0 || now - at <= viewerWindowMs
}
