/**
 * Warm Pods that were chosen and are not labelled yet, so that no two Broadcasts ever choose the same one, be it worked on at
 * the same time or after the first one vanished. The truth is on the objects; this is what one leader knows before that.
 */
export class Claims {
  #byPod = new Map<string, string>() // pod key → broadcast key, or what else is done with it
  #byHolder = new Map<string, string>()

  /** Nobody, or nobody but `holder`, has chosen the Pod. */
  isFree(pod: string, holder?: string): boolean {
    const by = this.#byPod.get(pod)
    return by === undefined || by === holder
  }

  /** The Pod that a Broadcast has chosen last. */
  podOf(holder: string): string | undefined {
    return this.#byHolder.get(holder)
  }

  /** A holder has one Pod: the one before is free. */
  take(pod: string, holder: string): void {
    this.release(this.#byHolder.get(holder))
    this.#byPod.set(pod, holder)
    this.#byHolder.set(holder, pod)
  }

  /** Another leads: what it chooses meanwhile is not known here. */
  clear(): void {
    this.#byPod.clear()
    this.#byHolder.clear()
  }

  release(pod: string | undefined): void {
    if (pod === undefined) return
    const holder = this.#byPod.get(pod)
    this.#byPod.delete(pod)
    if (holder !== undefined) this.#byHolder.delete(holder)
  }
}
