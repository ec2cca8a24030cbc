/**
 * When each stream process was last heard of: it renews the Lease of its Pod's name every 10 s while its encoder sends. By
 * the local clock (`performance.now`) at the time of hearing: those of other machines may be wrong, above all when a node is
 * in trouble.
 */
export class Heartbeats {
  #heardMs = new Map<string, number>() // by Pod, `namespace/name`

  /** A Pod's Lease changed, or was seen for the first time: of that one nothing better is known than now. */
  heard(pod: string, nowMs: number): void {
    this.#heardMs.set(pod, nowMs)
  }

  /** How long ago that was; infinite: never. */
  silentMs(pod: string, nowMs: number): number {
    return nowMs - (this.#heardMs.get(pod) ?? Number.NEGATIVE_INFINITY)
  }

  forget(pod: string): void {
    this.#heardMs.delete(pod)
  }
}
