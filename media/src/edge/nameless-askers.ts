/**
 * Counts players behind one address that take no cookies: each asks once for a state of a playlist that it waits for, and
 * once for a part or segment. So whoever is the third to ask for the same thing is a third player.
 */
import type { EdgeRequest } from './edge-request.ts'

const mostThings = 8 // that one address's players ask for at about the same time: playlists and parts of some renditions
const mostAddresses = 16_384

export class NamelessAskers {
  readonly #byAddress = new Map<string, Map<string, number>>() // who asked last is last; things likewise

  /** @returns how many of `address` asked for the same before; 0 for what one player may ask for again and again. */
  next(address: string, { key, mediaSequence, waitsFor }: EdgeRequest): number {
    if (mediaSequence === undefined && waitsFor === undefined) return 0
    const things = this.#byAddress.get(address) ?? new Map<string, number>()
    setNewest(this.#byAddress, address, things, mostAddresses)
    const before = things.get(key) ?? 0
    setNewest(things, key, before + 1, mostThings)
    return before
  }
}

function setNewest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
