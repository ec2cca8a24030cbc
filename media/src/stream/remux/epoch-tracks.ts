/** Which tracks an epoch has: cuts are published a little after their epoch may have given way to the next. */
import type { Tracks } from './boxes.ts'

export class EpochTracks {
  readonly #known = new Map<number, Tracks>()

  set(epoch: number, tracks: Tracks): void {
    this.#known.set(epoch, tracks)
  }

  /** Forgets what lies two epochs back. @returns no tracks for an epoch before this process's first, which was lost. */
  of(epoch: number): Tracks | undefined {
    if (epoch < 0) return {}
    for (const known of this.#known.keys()) if (known < epoch - 1) this.#known.delete(known)
    return this.#known.get(epoch)
  }
}
