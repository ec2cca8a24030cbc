/** Who watched what in the last seconds, as this process saw it. No clock of its own. */

/** A player asks for something at least every target duration; longer without a request is gone. */
export const viewerWindowMs = 6_000
const maxViewersPerBroadcast = 200_000

export class Viewers {
  readonly #byBroadcast = new Map<string, Map<string, { at: number }>>()

  /** Notes a viewer who was seen in the window. @returns whether it was, so that a cookie is verified only once. */
  seenAgain(broadcast: string, viewer: string, now: number): boolean {
    const known = this.#byBroadcast.get(broadcast)?.get(viewer)
    if (known === undefined) return false
    known.at = now
    return true
  }

  seen(broadcast: string, viewer: string, now: number): void {
    let viewers = this.#byBroadcast.get(broadcast)
    if (viewers === undefined) this.#byBroadcast.set(broadcast, (viewers = new Map()))
    const known = viewers.get(viewer)
    if (known !== undefined) known.at = now
    else if (viewers.size < maxViewersPerBroadcast) viewers.set(viewer, { at: now })
  }

  /** Forgets who is gone. @returns who is there, by broadcast; broadcasts nobody watches any more are empty once. */
  sweep(now: number): ReadonlyMap<string, readonly string[]> {
    const present = new Map<string, readonly string[]>()
    for (const [broadcast, viewers] of this.#byBroadcast) {
      for (const [viewer, { at }] of viewers) if (now - at > viewerWindowMs) viewers.delete(viewer)
      present.set(broadcast, [...viewers.keys()])
      if (viewers.size === 0) this.#byBroadcast.delete(broadcast)
    }
    return present
  }
}
