/**
 * Warm Pods that were chosen a moment ago and whose choice is not in the cache yet, so that two Broadcasts worked on at
 * the same time never choose the same one. The truth is on the objects; this only avoids the collision.
 */
export class Claims {
  #byPod = new Map<string, string>() // pod key → broadcast key

  /** Nobody, or nobody but `broadcast`, has chosen the Pod. */
  isFree(pod: string, broadcast?: string): boolean {
    const holder = this.#byPod.get(pod)
    return holder === undefined || holder === broadcast
  }

  take(pod: string, broadcast: string): void {
    this.#byPod.set(pod, broadcast)
  }

  release(pod: string): void {
    this.#byPod.delete(pod)
  }
}
