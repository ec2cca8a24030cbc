/**
 * How much may be asked of Pods at once, so shared out that no client takes the others' places.
 *
 * Who watches asks for the few things that everybody asks for; who makes up names or numbers could ask for thousands, and
 * each would wait as long as a Pod lets it. So kinds are counted apart, and where there is no room the client that has
 * begun most of what is being asked loses one: what fewest wait for, and of those the newest. A client is an address.
 */
import type { EdgeRequest } from './edge-request.ts'

/** A Pod holds some dozen playlist states of each rendition: those that may be asked for and are not there yet. */
export const mostAskedPerBroadcast = Object.freeze({
  playlists: 128,
  media: 96,
  others: 4, // there are two: the multivariant playlist and the thumbnail
})
const mostAsked = 4_096

/** One thing that is being asked, for all who wait for it. */
export interface Asking {
  readonly request: EdgeRequest
  readonly client: string // who began it
  readonly waiters: ReadonlySet<unknown>
  /** It lost its place: whoever waits is to be told. */
  giveUp(): void
}

export type PlaceGroup = keyof typeof mostAskedPerBroadcast

/** What is counted together. */
export function placeGroupOf(kind: EdgeRequest['kind']): PlaceGroup {
  if (kind === 'playlist') return 'playlists'
  return kind === 'media' ? 'media' : 'others'
}

export class AskedPlaces {
  readonly #all = new FairPlaces(mostAsked)
  readonly #pools = new Map<string, FairPlaces>() // by group and broadcast

  /** @returns whether there is a place; another's may have been taken away for it. */
  take(asking: Asking): boolean {
    const key = poolKey(asking)
    const pool = this.#pools.get(key) ?? new FairPlaces(mostAskedPerBroadcast[placeGroupOf(asking.request.kind)])
    const displaced = new Set<Asking>()
    for (const places of [pool, this.#all]) {
      if (!places.isFull) continue
      const loser = places.loserTo(asking.client)
      if (loser === undefined) return false
      displaced.add(loser)
    }
    for (const loser of displaced) {
      this.free(loser)
      loser.giveUp()
    }
    this.#pools.set(key, pool)
    pool.add(asking)
    this.#all.add(asking)
    return true
  }

  /** Gives a place back, where it still is one. */
  free(asking: Asking): void {
    const key = poolKey(asking)
    const pool = this.#pools.get(key)
    pool?.delete(asking)
    if (pool?.isEmpty === true) this.#pools.delete(key)
    this.#all.delete(asking)
  }
}

const poolKey = ({ request: { kind, broadcast } }: Asking) => `${placeGroupOf(kind)} ${broadcast}`

class FairPlaces {
  readonly #most: number
  readonly #byClient = new Map<string, Set<Asking>>()
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#size >= this.#most
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  add(asking: Asking): void {
    const askings = this.#byClient.get(asking.client) ?? new Set()
    this.#byClient.set(asking.client, askings.add(asking))
    this.#size += 1
  }

  delete(asking: Asking): void {
    const askings = this.#byClient.get(asking.client)
    if (askings?.delete(asking) !== true) return
    this.#size -= 1
    if (askings.size === 0) this.#byClient.delete(asking.client)
  }

  /** Whose place `client` may have: of who has more than it would have then. Nobody's: it has to be refused. */
  loserTo(client: string): Asking | undefined {
    let most: ReadonlySet<Asking> = new Set<Asking>()
    for (const askings of this.#byClient.values()) if (askings.size > most.size) most = askings
    let loser: Asking | undefined
    for (const asking of most) if (loser === undefined || asking.waiters.size <= loser.waiters.size) loser = asking
    const isFair = most.size > (this.#byClient.get(client)?.size ?? 0) + 1
    return isFair || loser?.waiters.size === 0 ? loser : undefined
  }
}
