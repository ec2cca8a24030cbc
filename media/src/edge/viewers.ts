/** Who watched what in the last seconds, as this process saw it. No clock of its own. */
import { ownString } from './http/own-string.ts'

/** A player asks for something at least every target duration; longer without one is gone, unless one is held. */
export const viewerWindowMs = 6_000
const maxViewersPerBroadcast = 200_000

/** When a viewer was last seen; whoever holds it may note a later time without another look. */
export interface Sighting {
  at: number // milliseconds, monotonic
  held: number // its requests that wait now: as long as one does it is there
}

export class Viewers {
  readonly #byBroadcast = new Map<string, Map<string, Sighting>>()

  /** Whether whoever was sighted so is still remembered, so that noting the time is all there is to do. */
  isKnown(sighting: Sighting | undefined, now: number): sighting is Sighting {
    return sighting !== undefined && isThere(sighting, now)
  }

  /** Notes a viewer who was seen in the window. @returns nothing where it was not: its cookie is to be verified, once. */
  seenAgain(broadcast: string, viewer: string, now: number): Sighting | undefined {
    const known = this.#byBroadcast.get(broadcast)?.get(viewer)
    if (known !== undefined) known.at = now
    return known
  }

  /** Notes a viewer. @returns nothing where there are too many. */
  seen(broadcast: string, viewer: string, now: number): Sighting | undefined {
    const known = this.seenAgain(broadcast, viewer, now)
    if (known !== undefined) return known
    let viewers = this.#byBroadcast.get(broadcast)
    if (viewers === undefined) this.#byBroadcast.set(broadcast, (viewers = new Map()))
    if (viewers.size >= maxViewersPerBroadcast) return undefined
    const sighting = { at: now, held: 0 }
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
