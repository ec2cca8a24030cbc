import { isDeepStrictEqual } from 'node:util'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'

/**
 * When each stream process was last heard of: it writes `status.health` every 10 s at most while its encoder sends, and the
 * bitrate in it is never the same twice. By the local clock (`performance.now`) at the time of hearing: those of other
 * machines may be wrong, above all when a node is in trouble.
 */
export class Heartbeats {
  #heardMs = new Map<string, number>() // by Broadcast

  /** A Broadcast changed. Of one never seen before (this operator has just started) nothing better is known than now. */
  changed(broadcast: Broadcast, previous: Broadcast | undefined, nowMs: number): void {
    const key = keyOf(broadcast)
    const { health, podUID } = broadcast.status ?? {}
    if (health === undefined || (previous && previous.status?.podUID !== podUID)) this.#heardMs.delete(key)
    else if (!isDeepStrictEqual(health, previous?.status?.health)) this.#heardMs.set(key, nowMs)
  }

  /** How long ago that was; infinite: never. */
  silentMs(broadcast: string, nowMs: number): number {
    return nowMs - (this.#heardMs.get(broadcast) ?? Number.NEGATIVE_INFINITY)
  }

  forget(broadcast: string): void {
    this.#heardMs.delete(broadcast)
  }
}
