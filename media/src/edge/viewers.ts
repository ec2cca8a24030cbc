/** Who watched what in the last seconds, as this process saw it. No clock of its own. */
import { ownString } from './http/own-string.ts'

/** A player asks for something at least every target duration; longer without one is gone, unless one is held. */
export const viewerWindowMs = 6_000
const maxViewersPerBroadcast = 200_000

/** When a viewer was last seen; whoever holds it may have a later time noted without another look. */
export interface Sighting {
  at: number // milliseconds, monotonic, whole ones: others are objects of their own, and there is one a viewer
  held: number // its requests that wait now: as long as one does it is there
}

export class Viewers {
  readonly #byBroadcast = new Map<string, Map<string, Sighting>>()

  /** Notes that whoever was sighted so is there. @returns false where it is forgotten, or was never sighted. */
  seenStill(sighting: Sighting | undefined, now: number): sighting is Sighting {
    if (sighting === undefined || !isThere(sighting, now)) return false
    sighting.at = Math.ceil(now)
    return true
  }

  /** Notes a viewer who was seen in the window. @returns nothing where it was not: its cookie is to be verified, once. */
  seenAgain(broadcast: string, viewer: string, now: number): Sighting | undefined {
    const known = this.#byBroadcast.get(broadcast)?.get(viewer)
    if (known !== undefined) known.at = Math.ceil(now)
    return known
  }

  /** Notes a viewer. @returns nothing where there are too many. */
  seen(broadcast: string, viewer: string, now: number): Sighting | undefined {
    const known = this.seenAgain(broadcast, viewer, now)
    if (known !== undefined) return known
    let viewers = this.#byBroadcast.get(broadcast)
    if (viewers === undefined) this.#byBroadcast.set(broadcast, (viewers = new Map()))
    if (viewers.size >= maxViewersPerBroadcast) return undefined
    const sighting = { at: Math.ceil(now), held: 0 }
    viewers.set(ownString(viewer), sighting)
    return sighting
  }

  /** Forgets who is gone. @returns who is there, by broadcast; broadcasts nobody watches any more are empty once. */
  sweep(now: number): ReadonlyMap<string, readonly string[]> {
    const present = new Map<string, readonly string[]>()
    for (const [broadcast, viewers] of this.#byBroadcast) {
      for (const [viewer, sighting] of viewers) if (!isThere(sighting, now)) viewers.delete(viewer)
      present.set(broadcast, [...viewers.keys()])
      if (viewers.size === 0) this.#byBroadcast.delete(broadcast)
    }
    return present
  }
}

function isThere({ at, held }: Sighting, now: number): boolean {
  return held > 0 || now - at <= viewerWindowMs
}
